"""Writing: a text at work is kept as a draft, and the work on it is counted until it is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F, Model
from django.utils import timezone

from annotation import drafts, leases, permissions, sessions
from annotation.models import Role, WritingTime
from preferences.models import Campaign

if TYPE_CHECKING:
    from webapp.accounts.models import User


@transaction.atomic
def beat(
    *, about: Model, campaign: Campaign, fields: Mapping[str, str], by: User, roles: Sequence[Role] = (Role.ANNOTATOR,)
) -> str:
    """Keeps the draft and returns its version; a form without any text yet is work too, and nothing in a pause is."""
    if permissions.has_role(leases.alone(by), campaign, *roles):
        _count(about, campaign, by)
    return drafts.keep(about=about, fields=fields, by=by)


def taken(*, about: Model, campaign: Campaign, by: User) -> float:
    """The seconds of work on the text, which is sent now; a later text about the same begins at nothing.

    Call while holding the person's row, in the transaction that stores the text.
    """
    seconds = sessions.move(by=by, campaign=campaign)
    found = WritingTime.objects.filter(annotator=by, subject=drafts.subject_of(about))
    earlier = found.values_list("active_seconds", flat=True).first() or 0.0
    found.delete()
    return earlier + seconds


def _count(about: Model, campaign: Campaign, by: User) -> None:
    seconds = sessions.move(by=by, campaign=campaign)
    subject = drafts.subject_of(about)
    WritingTime.objects.get_or_create(annotator=by, subject=subject)
    WritingTime.objects.filter(annotator=by, subject=subject).update(
        active_seconds=F("active_seconds") + seconds, updated_at=timezone.now()
    )
