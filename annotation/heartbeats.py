"""Heartbeats: a page at work says so; its lease is renewed, its seconds are counted, its draft is kept."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from annotation import drafts, leases, permissions
from annotation.leases import LeaseLost
from annotation.models import Assignment, Role
from annotation.queue import credited
from preferences.choices import AssignmentStatus

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
        # A save that comes after its answer was stored is old; one that changes the stored verdict names its revision.
        if draft is not None and (assignment.status != AssignmentStatus.SUBMITTED or draft.get("revision")):
            version = drafts.keep(about=assignment.comparison, fields=draft, by=by)
        if assignment.status == AssignmentStatus.ACTIVE and leases.may(assignment):
            return Beat(_prolong(assignment), version)
    if assignment.status == AssignmentStatus.SUBMITTED:
        return Beat(assignment, version)
    paused = permissions.paused_sentence(assignment.annotator, assignment.comparison.campaign, Role.ANNOTATOR)
    lost = LeaseLost(
        paused or _("This comparison is no longer yours: its time ran out. What you wrote is kept as a draft.")
    )
    lost.version = version
    raise lost


def _prolong(assignment: Assignment) -> Assignment:
    now, campaign = timezone.now(), assignment.comparison.campaign
    assignment.active_seconds += credited((now - assignment.beaten_at).total_seconds(), campaign)
    assignment.beaten_at = now
    assignment.leased_until = leases.until(campaign, now)
    assignment.save(update_fields=["active_seconds", "beaten_at", "leased_until"])
    return assignment
