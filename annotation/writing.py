"""Writing: a text at work is kept as a draft, and the work on it is counted until it is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F, Model
from django.utils import timezone
from django.utils.translation import gettext as _

from annotation import drafts, leases, permissions, readings, sessions
from annotation.models import Role, WritingTime
from annotation.queue import GuidelineUnread
from preferences.actions import guidelines
from preferences.errors import Conflict
from preferences.models import Campaign, Guideline

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


def read_guideline(campaign: Campaign, by: User) -> Guideline:
    """The current version, which its writer must have read."""
    guideline = current_guideline(campaign)
    if guideline != readings.last_read(campaign, by):
        raise GuidelineUnread(
            _("The guideline has a new version. Read it, then send your text again; all that you wrote is kept.")
        )
    return guideline


def current_guideline(campaign: Campaign) -> Guideline:
    guideline = guidelines.current(campaign)
    if guideline is None:
        raise Conflict(
            _("“%(campaign)s” has no guideline, so that nothing can be stored. Tell its manager.")
            % {"campaign": campaign}
        )
    return guideline


def _count(about: Model, campaign: Campaign, by: User) -> None:
    seconds = sessions.move(by=by, campaign=campaign)
    subject = drafts.subject_of(about)
    WritingTime.objects.get_or_create(annotator=by, subject=subject)
    WritingTime.objects.filter(annotator=by, subject=subject).update(
        active_seconds=F("active_seconds") + seconds, updated_at=timezone.now()
    )
