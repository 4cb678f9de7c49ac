"""The exams of a campaign at a glance: which are required, and how each annotator stands; a few queries in all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from annotation.models import Attempt, AttemptGrant, CampaignExam, Exam, Membership, Role
from preferences.choices import AttemptStatus
from preferences.models import Campaign


@dataclass(frozen=True)
class PersonRow:
    """One annotator at one exam, by pseudonym."""

    pseudonym: str
    attempts: list[Attempt]  # the oldest first, of the versions that count
    left: int
    cools_until: datetime | None
    is_qualified: bool
    valid_until: datetime | None

    @property
    def can_be_granted(self) -> bool:
        running = any(attempt.finished_at is None for attempt in self.attempts)
        return not (self.left or running or self.is_qualified)


def required(campaign: Campaign) -> QuerySet[CampaignExam]:
    rows = CampaignExam.objects.filter(campaign=campaign).order_by("pk")
    return rows.select_related("exam__guideline").prefetch_related("exam__marks")


def others(campaign: Campaign, required: Sequence[CampaignExam]) -> list[Exam]:
    """The exams that may be required: not yet required in this version, and about no other campaign's guideline."""
    known = {row.exam.slug: row.exam.version for row in required}
    usable = Exam.objects.filter(Q(guideline__isnull=True) | Q(guideline__campaign=campaign))
    newest = {exam.slug: exam for exam in usable.order_by("slug", "version")}
    return [exam for exam in newest.values() if known.get(exam.slug, 0) < exam.version]


def people(campaign: Campaign, row: CampaignExam) -> list[PersonRow]:
    members = Membership.objects.filter(campaign=campaign, role=Role.ANNOTATOR).select_related("user")
    users = sorted((member.user for member in members), key=lambda user: user.pseudonym)
    taken: dict[int, list[Attempt]] = defaultdict(list)
    counting = Attempt.objects.filter(exam__slug=row.exam.slug, exam__version__gte=row.least_version, person__in=users)
    for attempt in counting.order_by("started_at"):
        taken[attempt.person_id].append(attempt)
    granted = dict(
        AttemptGrant.objects.filter(exam=row.exam, person__in=users).values_list("person").annotate(Count("pk"))
    )
    return [_row(user.pseudonym, row.exam, taken[user.pk], granted.get(user.pk, 0)) for user in users]


def _row(pseudonym: str, exam: Exam, attempts: list[Attempt], granted: int) -> PersonRow:
    now = timezone.now()
    of_this = [attempt for attempt in attempts if attempt.exam_id == exam.pk]
    used = sum(attempt.status != AttemptStatus.PASSED for attempt in of_this)
    failed = [one.finished_at for one in of_this if one.status == AttemptStatus.FAILED and one.finished_at]
    cools_until = max(failed) + timedelta(hours=exam.cool_down_hours) if failed else None
    passes = [
        attempt
        for attempt in attempts
        if attempt.status == AttemptStatus.PASSED and (attempt.valid_until is None or attempt.valid_until > now)
    ]
    ends = [attempt.valid_until for attempt in passes]
    return PersonRow(
        pseudonym=pseudonym,
        attempts=attempts,
        left=max(0, exam.attempts + granted - used),
        cools_until=cools_until if cools_until and cools_until > now else None,
        is_qualified=bool(passes),
        valid_until=None if None in ends else max((end for end in ends if end), default=None),
    )
