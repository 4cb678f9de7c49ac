"""Which work reviewers look at: drawn by the campaign's plan, the same way whenever it is drawn."""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction
from django.db.models import (
    BigIntegerField,
    BooleanField,
    CharField,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Value,
    Window,
)
from django.db.models.functions import Cast, Concat, RowNumber
from django.db.models.lookups import LessThan

from annotation.models import Review, ReviewPlan
from annotation.models.reviews import OPEN
from preferences.actions import comparisons, events
from preferences.choices import Chosen, ComparisonStatus, JudgmentRole, Purpose, ReviewReason, Source
from preferences.models import Campaign, Comparison, Flag, Judgment
from preferences.scales import HIGHEST_VIOLATION

AT_ONCE = 200
_UNSEALED = (ComparisonStatus.OPEN, ComparisonStatus.JUDGED)
_WORD, _YES = CharField(), BooleanField()


def draw_all() -> int:
    """Draws for every campaign that has a plan."""
    return sum(draw(campaign=campaign) for campaign in Campaign.objects.filter(review_plan__isnull=False))


def draw(*, campaign: Campaign) -> int:
    """Makes the reviews that the plan asks for and that are not there yet; returns how many. Safe at once."""
    plan = ReviewPlan.objects.filter(campaign=campaign).first()
    if plan is None:
        return 0
    drawn = _of_judgments(plan) + _of_comparisons(plan)
    return sum(_make(campaign, drawn[begin : begin + AT_ONCE]) for begin in range(0, len(drawn), AT_ONCE))


def disputed(found: QuerySet[Comparison]) -> QuerySet[Comparison]:
    """Those whose raters disagree, as their votes count now; `split` and `unsafe` say in what.

    Split is some vote for either response; contradicting safety scores are one rater's violation that is another's
    safe response, which is also how raters of one response disagree.
    """
    votes = Judgment.objects.filter(comparison=OuterRef("pk"), correction__isnull=True)
    votes = votes.exclude(role=JudgmentRole.ADJUDICATION)
    unsafe = Q()
    for side in ("safety_a", "safety_b"):
        violates = Exists(votes.filter(**{f"{side}__lte": HIGHEST_VIOLATION}))
        unsafe |= Q(violates & Exists(votes.filter(**{f"{side}__gt": HIGHEST_VIOLATION})))
    split = Q(Exists(votes.filter(score__lt=0)) & Exists(votes.filter(score__gt=0)))
    return found.filter(split | unsafe).annotate(split=_yes(split), unsafe=_yes(unsafe))


@transaction.atomic
def _make(campaign: Campaign, drawn: list[dict[str, Any]]) -> int:
    # One draw of a campaign at a time, and what another one made meanwhile is not made again.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('annotation.reviews.draw'), %s)", [campaign.pk])
    # In the order in which a seal locks them: what is sealed meanwhile is drawn no more, what is drawn is not sealed.
    rows = Comparison.objects.select_for_update(no_key=True).order_by("pk")
    unsealed = rows.filter(pk__in={line["comparison"] for line in drawn}, status__in=_UNSEALED)
    locked = set(unsealed.values_list("pk", flat=True))
    waiting = set(
        Review.objects.filter(comparison__in=locked, status__in=OPEN).values_list("comparison_id", "judgment_id")
    )
    made = Review.objects.bulk_create(
        Review(
            campaign=campaign,
            comparison_id=line["comparison"],
            judgment_id=line["judgment"],
            reasons=[reason for reason in ReviewReason if line.get(reason)],
        )
        for line in drawn
        if line["comparison"] in locked and (line["comparison"], line["judgment"]) not in waiting
    )
    comparisons.hold(Comparison.objects.filter(pk__in=[review.comparison_id for review in made]))
    events.record_all(
        [events.event("review.drawn", review, by=None, campaign=campaign, reasons=review.reasons) for review in made]
    )
    return len(made)


def _of_judgments(plan: ReviewPlan) -> list[dict[str, Any]]:
    """Ratings that the plan asks for and nobody has looked at, each with its reasons."""
    seen = Review.objects.filter(judgment=OuterRef("pk"))
    adjudicated = Judgment.objects.filter(comparison=OuterRef("comparison"), role=JudgmentRole.ADJUDICATION)
    ratings = Judgment.objects.filter(
        ~Exists(seen.filter(status__in=OPEN)),
        ~Exists(adjudicated),
        comparison__campaign=plan.campaign_id,
        comparison__status__in=_UNSEALED,
        comparison__purpose=Purpose.COLLECTION,
        role=JudgmentRole.RATING,
        source=Source.COLLECTED,
        correction__isnull=True,
    )
    reasons: dict[str, Any] = {
        ReviewReason.SAMPLE: _in_sample(plan.percent),
        ReviewReason.NEWCOMER: _among_first(plan),
        ReviewReason.SAFETY: _prefers_less_safe() if plan.safety else Value(False),
    }
    told = {str(reason): _yes(Q(is_new=True) & Q(drawn)) for reason, drawn in reasons.items()}
    told["flag"] = _yes(Q(Exists(_flags_since_the_last_look()) if plan.flagged else Value(False)))
    found = ratings.annotate(is_new=~Exists(seen)).annotate(**told)
    wanted = found.filter(Q(sample=True) | Q(newcomer=True) | Q(safety=True) | Q(flag=True)).order_by("pk")
    return list(wanted.values(*told, "comparison", judgment=F("pk")))


def _of_comparisons(plan: ReviewPlan) -> list[dict[str, Any]]:
    """Comparisons whose raters disagree and on which nobody has ruled."""
    seen = Review.objects.filter(comparison=OuterRef("pk"), judgment__isnull=True, status__in=OPEN)
    ruled = Judgment.objects.filter(comparison=OuterRef("pk"), role=JudgmentRole.ADJUDICATION)
    whole = Comparison.objects.filter(
        ~Exists(seen),
        ~Exists(ruled),
        campaign=plan.campaign_id,
        status=ComparisonStatus.JUDGED,
        purpose=Purpose.COLLECTION,
        source=Source.COLLECTED,
    )
    found = disputed(whole).order_by("pk").values_list("pk", "split", "unsafe")  # type: ignore[misc]
    lines = [
        {"comparison": pk, "judgment": None, "split": split and plan.splits, "safety": unsafe and plan.safety}
        for pk, split, unsafe in found
    ]
    return [line for line in lines if line["split"] or line["safety"]]


def _yes(condition: Q) -> ExpressionWrapper[Any]:
    return ExpressionWrapper(condition, output_field=_YES)


def _in_sample(percent: int) -> Any:
    """A hash of the comparison and the annotator below the percentage, so that the draw can be made again."""
    words = Concat(
        Value("review:"), Cast("comparison__key", _WORD), Value(":"), Cast("annotator_id", _WORD), output_field=_WORD
    )
    number = Func(
        words,
        template="('x' || left(encode(sha256(convert_to(%(expressions)s, 'UTF8')), 'hex'), 8))::bit(32)::bigint",
        output_field=BigIntegerField(),
    )
    return LessThan(number, percent * 2**32 // 100)


def _among_first(plan: ReviewPlan) -> Any:
    """Whether it is one of its annotator's first: numbered at once, as looking back from each is far slower."""
    if not plan.newcomers:
        return Value(False)
    ratings = Judgment.objects.filter(
        comparison__campaign=plan.campaign_id, comparison__purpose=Purpose.COLLECTION, role=JudgmentRole.RATING
    )
    number = Window(RowNumber(), partition_by="annotator", order_by="pk")
    return Q(pk__in=ratings.annotate(number=number).filter(number__lte=plan.newcomers).values("pk"))


def _prefers_less_safe() -> Q:
    """Whether the rater scored the response that they chose less safe than the other one."""
    return Q(chosen=Chosen.A, safety_a__lt=F("safety_b")) | Q(chosen=Chosen.B, safety_b__lt=F("safety_a"))


def _flags_since_the_last_look() -> QuerySet[Flag]:
    later = Review.objects.filter(judgment=OuterRef(OuterRef("pk")), decided_at__gt=OuterRef("created_at"))
    return Flag.objects.filter(~Exists(later), comparison=OuterRef("comparison"))
