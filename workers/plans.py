"""Sampling plans as people change them: with variants that are known to answer; and what a plan comes to."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from preferences.actions import sampling_plans
from preferences.actions.sampling_plans import Terms
from preferences.actions.variants import IMPORTED
from preferences.choices import SweepStatus, VariantStatus
from preferences.errors import InvalidInput
from preferences.models import Campaign, SamplingPair, Variant
from workers import health
from workers.models import TemperatureSweep

if TYPE_CHECKING:
    from webapp.accounts.models import User

TEMPERATURE = 1.0  # of a variant that no plan has sampled yet: the model as it is


@dataclass(frozen=True)
class Line:
    """A line of a plan, and its share of all responses: from 0 to 1, 0 while it rests."""

    pair: SamplingPair
    share: float

    @property
    def retired(self) -> list[Variant]:
        return [one for one in (self.pair.first, self.pair.second) if one.status == VariantStatus.RETIRED]

    @property
    def rests(self) -> bool:
        return not self.share


@transaction.atomic
def add(
    *, campaign: Campaign, first: Variant, second: Variant, terms: Terms, by: User | None, anyway: bool = False
) -> SamplingPair:
    """Adds a line; unless `anyway`, both variants must have been found usable by their last check."""
    health.check_usable((first, second), anyway=anyway)
    return sampling_plans.add(campaign=campaign, first=first, second=second, terms=terms, by=by)


@transaction.atomic
def add_new(*, campaign: Campaign, new: Variant, by: User | None, anyway: bool = False) -> list[SamplingPair]:
    """Adds lines of a new variant against those of the iteration before it; what the plan has already stays."""
    others = before(new)
    if not others:
        raise InvalidInput(
            _("No variant was registered before “%(variant)s” that it could be compared with.") % {"variant": new},
            field="new",
        )
    Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)  # a double click waits, and finds the lines
    there = {frozenset((pair.first_id, pair.second_id)) for pair in campaign.sampling_plan.all()}
    return [
        add(
            campaign=campaign,
            first=new,
            second=other,
            terms=terms_of(campaign, new, other),
            by=by,
            anyway=anyway,
        )
        for other in others
        if frozenset((new.pk, other.pk)) not in there
    ]


def sampled_here() -> list[Variant]:
    """The variants that may be planned, the newest first."""
    active = Variant.objects.filter(status=VariantStatus.ACTIVE).exclude(engine=IMPORTED)
    return list(active.order_by("-pk"))


def before(new: Variant) -> list[Variant]:
    """What a new variant is compared with: the active ones of the iteration that was registered last before its own."""
    earlier = [one for one in sampled_here() if one.pk < new.pk and not _of_one_iteration(one, new)]
    return [one for one in earlier if one == earlier[0] or _of_one_iteration(one, earlier[0])]


def _of_one_iteration(one: Variant, other: Variant) -> bool:
    return bool(one.iteration) and one.iteration == other.iteration


def terms_of(campaign: Campaign, first: Variant, second: Variant, *, weight: float = 1.0) -> Terms:
    """Terms for a new line: each variant at the temperature that the plan has for it, following its sweeps."""
    return Terms(
        first_temperature=temperature_of(campaign, first),
        second_temperature=temperature_of(campaign, second),
        weight=weight,
        tuned=True,
    )


def temperature_of(campaign: Campaign, variant: Variant) -> float:
    """At which the campaign's newest line samples the variant; where none does, T* of its last sweep there.

    TEMPERATURE where it was never swept either.
    """
    for pair in campaign.sampling_plan.order_by("-pk"):
        if pair.first_id == variant.pk:
            return pair.first_temperature
        if pair.second_id == variant.pk:
            return pair.second_temperature
    swept = TemperatureSweep.objects.filter(campaign=campaign, variant=variant, status=SweepStatus.DONE)
    last = swept.order_by("-finished_at").first()
    return TEMPERATURE if last is None or last.temperature is None else last.temperature


def lines(campaign: Campaign) -> list[Line]:
    """All lines of the plan in their order."""
    pairs = list(campaign.sampling_plan.select_related("first", "second").order_by("pk"))
    weights = [pair.weight * len(_answering(pair, campaign)) for pair in pairs]
    total = sum(weights)
    return [Line(pair, weight / total if weight else 0.0) for pair, weight in zip(pairs, weights, strict=True)]


def shares(campaign: Campaign) -> list[tuple[Variant, float]]:
    """The share of all responses that each variant gives, the largest first."""
    found: dict[Variant, float] = defaultdict(float)
    for line in lines(campaign):
        answering = _answering(line.pair, campaign)
        for variant in answering:
            found[variant] += line.share / len(answering)
    return sorted(found.items(), key=lambda one: (-one[1], one[0].pk))


def _answering(pair: SamplingPair, campaign: Campaign) -> list[Variant]:
    """Which of a line's variants are sampled by it.

    Where one model answers, as in red teaming, a retired variant's companion is still drawn.
    """
    active = [one for one in (pair.first, pair.second) if one.status == VariantStatus.ACTIVE]
    return [] if pair.paused or (len(active) < 2 and not campaign.is_red_team) else active
