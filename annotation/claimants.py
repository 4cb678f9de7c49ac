"""Who asks for work, and what the queue must know of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, Subquery
from django.db.models.functions import JSONObject

from annotation import permissions
from annotation.models import Assignment, Gold, PoolMember
from preferences.choices import AssignmentStatus, ComparisonStatus
from preferences.models import Campaign

if TYPE_CHECKING:
    from webapp.accounts.models import User


@dataclass(frozen=True)
class Claimant:
    by: User
    opted_out: list[str]  # risk categories that they never get
    pools: list[int]  # of the campaign, that are kept for them
    had_as_gold: list[int]  # open comparisons whose hidden copy they had: seen twice, one of the two would be known
    last_family: str  # of the prompt that they had just before
    last_category: str


def facts(campaign: Campaign | OuterRef, annotator: OuterRef) -> dict[str, Any]:
    """Annotations, for a row of the person or of their assignment, that `claimant` reads."""
    # What expired may come again at once: it has their draft.
    before = Assignment.objects.filter(annotator=annotator).exclude(status=AssignmentStatus.EXPIRED).order_by("-id")
    prompt = JSONObject(
        family=F("comparison__turn__prompt__family"),
        category=F("comparison__turn__prompt__category"),
        risk=F("comparison__turn__prompt__risk_category"),
    )
    mine = PoolMember.objects.filter(annotator=annotator, pool__campaign=campaign)
    had = Assignment.objects.filter(comparison=OuterRef("comparison"), annotator=OuterRef(annotator))
    golds = Gold.objects.filter(Exists(had), original__status=ComparisonStatus.OPEN, original__campaign=campaign)
    return {
        "pools_of_campaign": ArraySubquery(mine.order_by("pool").values("pool")),
        "had_as_gold": ArraySubquery(golds.order_by("pk").values("original")),
        "before": Subquery(before.values(prompt=prompt)[:1]),
    }


def at_work(by: User, campaign: Campaign) -> Claimant:
    """Somebody who may judge in the campaign, whose row is held until the transaction ends.

    So two tabs of one person take turns, and no pause comes in between.
    """
    people = get_user_model().objects.select_for_update(no_key=True, of=("self",)).select_related("care")
    person = people.annotate(**facts(campaign, OuterRef("pk"))).get(pk=by.pk)
    permissions.check_can_judge(person, campaign)
    return claimant(by, person, person)


def claimant(by: User, care_of: Any, row: Any) -> Claimant:
    """From the person with their care settings, and the row that has the facts."""
    care, before = getattr(care_of, "care", None), row.before or {}
    return Claimant(
        by=by,
        opted_out=list(care.opted_out) if care else [],
        pools=row.pools_of_campaign,
        had_as_gold=row.had_as_gold,
        last_family=before.get("family", ""),
        last_category=before.get("category", "") or before.get("risk", ""),
    )
