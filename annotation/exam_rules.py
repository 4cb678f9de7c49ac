"""What managers decide about exams: which a campaign requires, and who gets one attempt more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from annotation.models import AttemptGrant, CampaignExam, Exam
from annotation.standing import standing_of
from preferences.actions import events
from preferences.errors import Conflict, NotAllowed
from preferences.models import Campaign

if TYPE_CHECKING:
    from webapp.accounts.models import User


@transaction.atomic
def require(*, campaign: Campaign, exam: Exam, by: User | None, retest: bool = False) -> CampaignExam:
    """From now on the campaign's work is for those who passed the exam, in place of its other versions.

    With `retest`, who passed an earlier version takes this one before claiming more, as after a new guideline version.
    """
    if exam.guideline is not None and exam.guideline.campaign_id != campaign.pk:
        raise Conflict(
            _("“%(exam)s” asks about the guideline of “%(campaign)s” and cannot be required elsewhere.")
            % {"exam": exam, "campaign": exam.guideline.campaign}
        )
    Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    before = CampaignExam.objects.filter(campaign=campaign, exam__slug=exam.slug).order_by("pk").last()
    least = exam.version if retest else min(before.least_version if before else 1, exam.version)
    if before is not None and (before.exam_id, before.least_version) == (exam.pk, least):
        return before
    CampaignExam.objects.filter(campaign=campaign, exam__slug=exam.slug).delete()
    required = CampaignExam.objects.create(campaign=campaign, exam=exam, least_version=least, required_by=by)
    facts = {"exam": exam.slug, "version": exam.version, "least_version": least}
    events.record("exam.required", exam, by=by, campaign=campaign, **facts)
    return required


@transaction.atomic
def release(*, campaign: Campaign, exam: Exam, by: User | None) -> None:
    """The campaign no longer asks for the exam; asking for that twice is no error."""
    deleted, _rows = CampaignExam.objects.filter(campaign=campaign, exam=exam).delete()
    if deleted:
        events.record("exam.released", exam, by=by, campaign=campaign, exam=exam.slug, version=exam.version)


@transaction.atomic
def grant(*, exam: Exam, person: User, campaign: Campaign, by: User | None) -> AttemptGrant:
    """One attempt more, for a person who has none left; a double click gives one."""
    if by is not None and by.pk == person.pk:
        raise NotAllowed(_("Nobody decides about themselves. Ask another manager."))
    Exam.objects.select_for_update(no_key=True).get(pk=exam.pk)
    if standing_of(exam, person).left:
        raise Conflict(_("%(person)s has an attempt left already.") % {"person": person.pseudonym})
    given = AttemptGrant.objects.create(exam=exam, person=person, granted_by=by)
    events.record("attempt.granted", given, by=by, campaign=campaign, exam=exam.slug, person=person.pk)
    return given
