"""Who asks for work, and what the queue must know of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    BigIntegerField,
    CharField,
    DateTimeField,
    Exists,
    F,
    Func,
    OuterRef,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import JSONObject
from django.utils import timezone

from annotation import permissions, sessions
from annotation.models import Assignment, Gold, PoolMember, Review
from preferences.choices import AssignmentStatus, ComparisonStatus, ReviewStatus
from preferences.models import Campaign
from preferences.prepared import Given, Prepared

if TYPE_CHECKING:
    from datetime import datetime

    from webapp.accounts.models import User

GIVEN: Mapping[str, Any] = {
    "by": Given("by", BigIntegerField()),
    "campaign": Given("campaign", BigIntegerField()),
    "now": Given("now", DateTimeField()),
}


@dataclass(frozen=True)
class Claimant:
    by: User
    opted_out: list[str]  # risk categories that they never get
    pools: list[int]  # of the campaign, that are kept for them
    had_as_gold: list[int]  # open comparisons whose hidden copy they had: seen twice, one of the two would be known
    last_family: str  # of the prompt that they had just before
    last_category: str
    session: dict[str, Any] | None = None  # the running one, see sessions.seen_in
    has_returned: bool = False  # whether work of theirs in the campaign came back from a reviewer


def facts(campaign: Campaign | OuterRef, by: User, at: datetime) -> dict[str, Any]:
    """Annotations, for a row of the person or of their assignment, that `claimant` reads, and `may`: whether they may
    judge in the campaign. Each may be a value that is not known yet (preferences/prepared.py)."""
    # What expired may come again at once: it has their draft.
    before = Assignment.objects.filter(annotator=by).exclude(status=AssignmentStatus.EXPIRED).order_by("-id")
    prompt = JSONObject(
        family=F("comparison__turn__prompt__family"),
        category=F("comparison__turn__prompt__category"),
        risk=F("comparison__turn__prompt__risk_category"),
    )
    mine = PoolMember.objects.filter(annotator=by, pool__campaign=campaign)
    had = Assignment.objects.filter(comparison=OuterRef("comparison"), annotator=by)
    golds = Gold.objects.filter(Exists(had), original__status=ComparisonStatus.OPEN, original__campaign=campaign)
    returned = Review.objects.filter(judgment__annotator=by, campaign=campaign, status=ReviewStatus.RETURNED)
    return {
        "may": Exists(permissions.judging(by, campaign, at=at)),
        "session": sessions.running_of(by),
        "returned": Exists(returned),
        "pools_of_campaign": ArraySubquery(mine.order_by("pool").values("pool")),
        "had_as_gold": ArraySubquery(golds.order_by("pk").values("original")),
        "before": Subquery(before.values(prompt=prompt)[:1]),
        # For what follows in this transaction: the next pair is found along keys, and planning every order of its joins
        # costs PostgreSQL twice what planning the written one does (bench/README.md).
        "planning": Func(
            Value("join_collapse_limit"), Value("1"), Value(True), function="set_config", output_field=CharField()
        ),
    }


def at_work(by: User, campaign: Campaign) -> Claimant:
    """Somebody who may judge in the campaign, whose row is held until the transaction ends.

    So two tabs of one person take turns, and no pause comes in between. What is not of that row is read as it was
    before the row was waited for: whether the person may is asked again where their standing changed. A review that is
    returned while they wait, they read before the claim after this one.
    """
    person: Any = prepared_person().first({"by": by.pk, "campaign": campaign.pk, "now": timezone.now()})
    if person is None:
        raise get_user_model().DoesNotExist
    if not person.may or person.standing != by.standing:
        permissions.check_can_judge(person, campaign)
    return claimant(by, person, person)


def person_to_lock(values: Mapping[str, Any] = GIVEN) -> QuerySet[User]:
    """What `at_work` asks for, by one query."""
    people = get_user_model().objects.select_for_update(no_key=True, of=("self",)).select_related("care")
    found = people.filter(pk=values["by"])
    return found.annotate(**facts(values["campaign"], values["by"], values["now"])).order_by("pk")[:1]


@cache
def prepared_person() -> Prepared[User]:
    """The query of `at_work`; its values are those of GIVEN. Call inside a transaction."""
    return Prepared(person_to_lock())


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
        session=row.session,
        has_returned=row.returned,
    )
