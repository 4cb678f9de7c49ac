"""Migrating in half the time: what adds or takes a trigger, an index or a constraint renders no model anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from django.db.migrations.state import ProjectState
from pgtrigger.migrations import AddTrigger, RemoveTrigger


@contextmanager
def quick() -> Iterator[None]:
    """Django renders the model and all that are related to it again after each of these operations.

    No field changes by them, and PostgreSQL's schema editor looks at nothing of a model's options but the names of its
    indexes and constraints, which are brought up to date here.
    """
    with ExitStack() as held:
        for owner, name in (
            (ProjectState, "_append_option"),
            (ProjectState, "_remove_option"),
            (AddTrigger, "state_forwards"),
            (RemoveTrigger, "state_forwards"),
        ):
            held.enter_context(patch.object(owner, name, _in_place(getattr(owner, name))))
        yield


def _in_place(change: Callable[..., None]) -> Callable[..., None]:
    def changed(*given: Any) -> None:
        [state] = (one for one in given if isinstance(one, ProjectState))
        with patch.object(state, "reload_model", lambda *named, **_: _renamed(state, *named)):
            change(*given)

    return changed


def _renamed(state: ProjectState, app_label: str, name: str) -> None:
    if "apps" in state.__dict__:  # they are rendered
        found, options = state.apps.get_model(app_label, name)._meta, state.models[app_label, name.lower()].options
        found.indexes, found.constraints = list(options["indexes"]), list(options["constraints"])
