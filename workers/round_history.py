"""What belongs to each round of a campaign: what happened while it was open, counted now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from preferences.batch_versions import newest
from preferences.choices import Purpose, RewardStatus, SweepStatus
from preferences.models import Batch, BatchItem, Campaign, Comparison, Variant
from preferences.ranking import Won, won_by
from workers.models import RewardModel, Round, TemperatureSweep


@dataclass(frozen=True)
class Passed:
    """A round with what happened in it.

    Attributes
    ----------
    against : list of Variant
        What the new variant met in it; of a round without comparisons what the plan says.
    comparisons : int
        That were opened in it.
    won : Won
        The new variant's share of the judgments between it and others.
    then, now : TemperatureSweep or None
        The last finished sweep of the new variant when the round closed, and the last one there is.
    """

    round: Round
    against: list[Variant]
    comparisons: int
    won: Won
    batches: list[Batch]
    reward_models: list[RewardModel]
    then: TemperatureSweep | None
    now: TemperatureSweep | None


def history(campaign: Campaign) -> list[Passed]:
    """All rounds of the campaign, the newest first."""
    return [_passed(one) for one in campaign.rounds.select_related("new", "opened_by", "campaign").order_by("-number")]


def _passed(one: Round) -> Passed:
    campaign, until = one.campaign, one.closed_at
    opened = _while_open(one, "created_at")
    comparisons = Comparison.objects.filter(opened, campaign=campaign, purpose=Purpose.COLLECTION)
    of_campaign = BatchItem.objects.filter(batch=OuterRef("pk"), comparison__campaign=campaign)
    batches = newest().filter(_while_open(one, "sealed_at")).filter(Exists(of_campaign))
    trained = RewardModel.objects.filter(_while_open(one, "finished_at"), status=RewardStatus.TRAINED)
    return Passed(
        round=one,
        against=_against(one, comparisons),
        comparisons=comparisons.count(),
        won=won_by(one.new, campaign, since=one.opened_at, until=until),
        batches=list(batches.order_by("sealed_at")),
        reward_models=list(trained.filter(track=campaign.track).order_by("finished_at")),
        then=_swept(one, until),
        now=_swept(one, None),
    )


def _while_open(one: Round, field: str) -> Q:
    since = Q(**{f"{field}__gte": one.opened_at})
    return since if one.closed_at is None else since & Q(**{f"{field}__lt": one.closed_at})


def _against(one: Round, comparisons: QuerySet[Comparison]) -> list[Variant]:
    met = {
        key
        for side, other in (("a", "b"), ("b", "a"))
        for key in comparisons.filter(**{f"response_{side}__variant": one.new})
        .values_list(f"response_{other}__variant", flat=True)
        .distinct()
    }
    if not met and one.closed_at is None:
        lines = one.campaign.sampling_plan.filter(Q(first=one.new) | Q(second=one.new))
        met = {key for line in lines.values_list("first", "second") for key in line}
    return list(Variant.objects.filter(pk__in=met - {one.new_id, None}).order_by("-pk"))


def _swept(one: Round, until: datetime | None) -> TemperatureSweep | None:
    done = TemperatureSweep.objects.filter(variant=one.new, campaign=one.campaign, status=SweepStatus.DONE)
    if until is not None:
        done = done.filter(finished_at__lt=until)
    return done.order_by("-finished_at").first()
