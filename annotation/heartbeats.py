"""Heartbeats: a page at work says so; its lease is renewed, its seconds are counted, its draft is kept."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from annotation import drafts, leases, permissions, sessions
from annotation.leases import LeaseLost
from annotation.models import Assignment, Role
from preferences.choices import AssignmentStatus
from preferences.models import Response

if TYPE_CHECKING:
    from webapp.accounts.models import User


@dataclass(frozen=True)
class Beat:
    assignment: Assignment
    version: str  # of the draft that was kept


def beat(*, key: uuid.UUID, by: User, draft: Mapping[str, str] | None = None) -> Beat:
    """Keeps the draft, whatever became of the lease; then prolongs the lease, or LeaseLost."""
    version = ""
    with transaction.atomic():
        assignment = leases.locked(key, by)
        is_stored = assignment.status == AssignmentStatus.SUBMITTED
        # A save that comes after its answer was stored is old; one that changes the stored verdict names its revision.
        if draft is not None and (not is_stored or draft.get("revision")):
            version = drafts.keep(about=assignment.comparison, fields=draft, by=by)
            if is_stored and leases.may(assignment):
                sessions.count_work(assignment, by)
        is_held = assignment.status == AssignmentStatus.ACTIVE and leases.may(assignment)
        if is_held:
            _prolong(assignment, by)
    if is_stored or is_held:
        return Beat(assignment, version)
    paused = permissions.paused_sentence(assignment.annotator, assignment.comparison.campaign, Role.ANNOTATOR)
    lost = LeaseLost(
        paused or _("This comparison is no longer yours: its time ran out. What you wrote is kept as a draft.")
    )
    lost.version = version
    raise lost


@transaction.atomic
def beat_edit(*, key: uuid.UUID, by: User, chosen: Response, draft: Mapping[str, str]) -> str:
    """The edit of the chosen response: its seconds go to the item, its draft is about the response."""
    assignment = leases.locked(key, by)
    if leases.may(assignment):
        sessions.count_work(assignment, by)
    return drafts.keep(about=chosen, fields=draft, by=by)


def _prolong(assignment: Assignment, by: User) -> None:
    sessions.count_work(assignment, by)
    assignment.leased_until = leases.until(assignment.comparison.campaign, assignment.beaten_at)
    assignment.save(update_fields=["leased_until"])
