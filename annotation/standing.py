"""How a person stands with an exam: attempts left, from when, until when a pass counts; and whether they may start."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from annotation import permissions, requirements
from annotation.models import Attempt, AttemptGrant, CampaignExam, Exam, Role
from preferences.choices import AttemptStatus, CampaignStatus
from preferences.errors import Conflict, NotAllowed
from preferences.models import Campaign

if TYPE_CHECKING:
    from webapp.accounts.models import User

RENEWED_FROM = timedelta(days=30)  # before a pass ends it may be renewed, so that work need not stop


@dataclass(frozen=True)
class Standing:
    attempts: list[Attempt]  # the newest first
    left: int
    cools_until: datetime | None  # from when the next attempt may be started
    running: Attempt | None
    passed: Attempt | None  # whose pass counts now
    renewable_from: datetime | None  # from when a pass that counts may be renewed; None: for good, or there is none

    @property
    def awaits(self) -> bool:
        return self.running is not None and self.running.status == AttemptStatus.AWAITING_SCORE


def standing_of(exam: Exam, person: User) -> Standing:
    now = timezone.now()
    attempts = list(Attempt.objects.filter(exam=exam, person=person).order_by("-number"))
    used = sum(attempt.status != AttemptStatus.PASSED for attempt in attempts)
    granted = AttemptGrant.objects.filter(exam=exam, person=person).count()
    failed = [attempt.finished_at for attempt in attempts if attempt.status == AttemptStatus.FAILED]
    cools_until = max((at for at in failed if at), default=None)
    if cools_until is not None:
        cools_until += timedelta(hours=exam.cool_down_hours)
    passed = requirements.passes(person, at=now).filter(exam=exam).order_by("-number").first()
    return Standing(
        attempts=attempts,
        left=max(0, exam.attempts + granted - used),
        cools_until=cools_until if cools_until and cools_until > now else None,
        running=next((attempt for attempt in attempts if attempt.finished_at is None), None),
        passed=passed,
        renewable_from=passed.valid_until - RENEWED_FROM if passed and passed.valid_until else None,
    )


def ending(person: User, campaigns: Sequence[Campaign]) -> list[tuple[Exam, datetime]]:
    """The exams of these campaigns whose pass ends soon and may be renewed, with the moment when it ends."""
    now, found = timezone.now(), {}
    for row in CampaignExam.objects.filter(campaign__in=campaigns).select_related("exam").order_by("pk"):
        counting = requirements.passes(person, at=now).filter(
            exam__slug=row.exam.slug, exam__version__gte=row.least_version
        )
        ends = list(counting.values_list("valid_until", flat=True))
        last = None if None in ends else max((end for end in ends if end), default=None)
        if last is not None and last - RENEWED_FROM <= now:
            found[row.exam_id] = (row.exam, last)
    return list(found.values())


def is_asked(exam: Exam, person: User) -> bool:
    """Whether a campaign in which the person is an annotator requires the exam."""
    mine = Campaign.objects.filter(memberships__user=person, memberships__role=Role.ANNOTATOR)
    if person.is_superuser:
        mine = Campaign.objects.all()
    return CampaignExam.objects.filter(exam=exam, campaign__in=mine.exclude(status=CampaignStatus.CLOSED)).exists()


def check_may_start(exam: Exam, person: User) -> None:
    if paused := permissions.account_paused_sentence(person):
        raise permissions.WorkPaused(paused)
    if not is_asked(exam, person):
        raise NotAllowed(_("No campaign of yours asks for the exam “%(exam)s” now.") % {"exam": exam})
    found = standing_of(exam, person)
    if found.awaits:
        raise Conflict(_("Your attempt waits for a reviewer's scores. Its result appears under My work."))
    if found.passed and (found.renewable_from is None or found.renewable_from > timezone.now()):
        raise Conflict(_("You have passed the exam “%(exam)s”; there is nothing to take again.") % {"exam": exam})
    if not found.left:
        raise Conflict(
            _("You have no attempt left at the exam “%(exam)s”. A manager of your campaign can give you another one.")
            % {"exam": exam}
        )
    if found.cools_until:
        raise Conflict(
            _("The next attempt at the exam “%(exam)s” may start on %(moment)s (UTC). Nothing of yours was lost.")
            % {"exam": exam, "moment": f"{found.cools_until:%Y-%m-%d, %H:%M}"}
        )
