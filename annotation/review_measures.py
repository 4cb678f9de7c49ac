"""What reviewers do, and how it stands up where somebody else looked again. To see drift, not to rank people."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet

from annotation.models import Review
from annotation.models.reviews import RULED
from preferences.choices import Chosen, JudgmentRole, ReviewStatus
from preferences.models import Campaign, Judgment
from preferences.scales import HIGHEST_VIOLATION
from preferences.stats.intervals import Interval, wilson

if TYPE_CHECKING:
    from webapp.accounts.models import User


@dataclass(frozen=True)
class Measures:
    """One reviewer in one campaign."""

    reviewer: User
    approved: int
    corrected: int
    returned: int  # pieces of work that they sent back at least once
    adjudicated: int
    changes: Interval  # share corrected or returned of the judgments that they looked at
    looked_at_again: int
    upheld: Interval  # share of their corrections and returns that a second look agreed with


def measures(campaign: Campaign) -> list[Measures]:
    decided = _decided(campaign)
    returned = Counter(_returned(campaign).values_list("returned_by", flat=True))
    again, upheld = _second_looks(campaign)
    people = get_user_model().objects.in_bulk({*decided, *returned})
    found = []
    for pk, person in sorted(people.items(), key=lambda item: item[1].pseudonym):
        counts = decided.get(pk, {})
        approved, corrected = counts.get(ReviewStatus.APPROVED, 0), counts.get(ReviewStatus.CORRECTED, 0)
        changed = corrected + returned[pk]
        found.append(
            Measures(
                reviewer=person,
                approved=approved,
                corrected=corrected,
                returned=returned[pk],
                adjudicated=counts.get(ReviewStatus.ADJUDICATED, 0),
                changes=wilson(changed, changed + approved),
                looked_at_again=again[pk],
                upheld=wilson(upheld[pk], again[pk]),
            )
        )
    return found


def _decided(campaign: Campaign) -> dict[int, dict[str, int]]:
    closed = Review.objects.filter(campaign=campaign, status__in=[ReviewStatus.APPROVED, *RULED])
    found: dict[int, dict[str, int]] = {}
    for reviewer, status, count in closed.values_list("reviewer", "status").annotate(count=Count("pk")).order_by():
        found.setdefault(reviewer, {})[status] = count
    return found


def _returned(campaign: Campaign) -> QuerySet[Review]:
    return Review.objects.filter(campaign=campaign, returned_by__isnull=False)


def _second_looks(campaign: Campaign) -> tuple[Counter[int], Counter[int]]:
    """Corrections of comparisons that somebody else adjudicated, upheld where both prefer the same or rate it on the
    same side of the violation line; and returned work that another reviewer decided on, upheld where the verdict
    changed in the end."""
    again: Counter[int] = Counter()
    upheld: Counter[int] = Counter()
    rulings = Judgment.objects.filter(comparison=OuterRef("comparison"), role=JudgmentRole.ADJUDICATION)
    corrections = Judgment.objects.filter(
        Exists(rulings), comparison__campaign=campaign, role=JudgmentRole.CORRECTION
    ).annotate(agrees=_agree(rulings))
    looked = _returned(campaign).filter(status__in=[ReviewStatus.APPROVED, ReviewStatus.CORRECTED])
    looked = looked.exclude(returned_by=F("reviewer"))
    changed = Q(status=ReviewStatus.CORRECTED) | Q(answer="")
    for person, agrees in corrections.values_list("annotator", "agrees"):
        again[person] += 1
        upheld[person] += agrees
    for person in looked.values_list("returned_by", flat=True):
        again[person] += 1
    for person in looked.filter(changed).values_list("returned_by", flat=True):
        upheld[person] += 1
    return again, upheld


def _agree(rulings: QuerySet[Judgment]) -> ExpressionWrapper[Any]:
    """Whether one of the rulings says of the outer query's comparison what its judgment says."""
    same = rulings.filter(chosen=OuterRef("chosen"))
    agree = Q(Exists(same.exclude(chosen=Chosen.RATED)))
    for side in (Q(safety_a__lte=HIGHEST_VIOLATION), Q(safety_a__gt=HIGHEST_VIOLATION)):
        agree |= side & Q(Exists(same.filter(side, chosen=Chosen.RATED)))
    return ExpressionWrapper(agree, output_field=BooleanField())
