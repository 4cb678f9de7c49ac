from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from django.db.models import Model

from preferences import metrics, origin
from preferences.models import Campaign, Event

if TYPE_CHECKING:
    from webapp.accounts.models import User

_waiting: ContextVar[list[Event] | None] = ContextVar("events that are written together", default=None)


@contextmanager
def together() -> Iterator[None]:
    """Events of the block are written at its end, by one INSERT; the block stands inside their transaction."""
    told: list[Event] = []
    before = _waiting.set(told)
    try:
        yield
    finally:
        _waiting.reset(before)
    record_all(told)


def event(verb: str, subject: Model, *, by: User | None, campaign: Campaign | None = None, **data: Any) -> Event:
    """The event of an action, not yet saved. `by` is None where a machine acted. Where it comes from, it knows."""
    here = origin.current.get()
    return Event(
        request_id=here.request_id,
        door=here.door,
        through=here.through,
        address=origin.network(here.address),
        verb=verb,
        subject=f"{subject._meta.model_name}:{subject.pk}",
        actor=by,
        campaign=campaign,
        data=data,
    )


def record_all(told: Sequence[Event]) -> None:
    """Writes several events at once; call inside the transaction of the action that they tell of."""
    if (waiting := _waiting.get()) is not None:
        waiting.extend(told)
    else:
        Event.objects.bulk_create(told)
        metrics.count_once_committed(told)


def record(verb: str, subject: Model, *, by: User | None, campaign: Campaign | None = None, **data: Any) -> None:
    """Writes an event; call inside the transaction of the action that it tells of."""
    record_all([event(verb, subject, by=by, campaign=campaign, **data)])
