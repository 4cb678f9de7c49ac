"""A campaign's sampling plan: which two variants answer, at which temperatures, and how often.

Each line is drawn by its weight; a paused one, and one with a retired variant, is not drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from preferences.actions import events
from preferences.choices import CampaignStatus, Kind, VariantStatus
from preferences.errors import Conflict, InvalidInput
from preferences.models import Campaign, SamplingPair, Variant
from preferences.models.campaigns import MOST_SPREAD
from preferences.models.variants import MOST_TEMPERATURE, MOST_WEIGHT

if TYPE_CHECKING:
    from webapp.accounts.models import User


@dataclass(frozen=True, kw_only=True)
class Terms:
    """How a line's two variants are sampled, and how often beside the other lines.

    Attributes
    ----------
    first_temperature, second_temperature : float
        From 0, which is greedy.
    top_p : float
        Above 0 and at most 1.
    weight : float
        Above 0; twice the weight is drawn twice as often.
    tuned : bool
        Whether the temperatures follow the sweeps.
    """

    first_temperature: float
    second_temperature: float
    top_p: float = 1.0
    weight: float = 1.0
    tuned: bool = False


@transaction.atomic
def add(*, campaign: Campaign, first: Variant, second: Variant, terms: Terms, by: User | None) -> SamplingPair:
    """Adds a line: two different variants, each at its own temperature."""
    if campaign.kind == Kind.DEMONSTRATION:
        raise Conflict(_("People write the responses of “%(campaign)s”: no model answers.") % {"campaign": campaign})
    if first == second:
        raise InvalidInput(_("A pair needs two different variants."), field="second")
    for variant in (first, second):
        if variant.status == VariantStatus.RETIRED:
            raise Conflict(_("“%(variant)s” is retired. Choose another variant.") % {"variant": variant})
    _check(terms)
    pair = SamplingPair.objects.create(campaign=campaign, first=first, second=second, **asdict(terms))
    events.record("campaign.sampling_planned", pair, by=by, campaign=campaign, pair=str(pair))
    return pair


@transaction.atomic
def change(*, pair: SamplingPair, terms: Terms, by: User | None, seen: Sequence[float] | None = None) -> None:
    """Other temperatures or another weight, from the next draw on; other variants are another line.

    `seen` are the line's two temperatures as they were when the terms were written; Conflict where they are others by
    now, so that what a sweep found is not written over unseen.
    """
    _check(terms)
    stored = _locked(pair)
    if seen is not None and list(seen) != [stored.first_temperature, stored.second_temperature]:
        raise Conflict(
            _(
                "Somebody, perhaps a sweep, has written other temperatures into this line meanwhile: %(first)s and "
                "%(second)s. What you typed is still here; save again to replace them."
            )
            % {"first": f"{stored.first_temperature:g}", "second": f"{stored.second_temperature:g}"}
        )
    before, after = _terms(stored), asdict(terms)
    for name, value in after.items():
        setattr(stored, name, value)
    stored.save(update_fields=list(after))
    if before != after:
        events.record(
            "campaign.sampling_changed",
            pair,
            by=by,
            campaign=pair.campaign,
            pair=str(stored),
            before=before,
            after=after,
        )


@transaction.atomic
def pause(*, pair: SamplingPair, by: User | None) -> None:
    """Nothing is drawn by the line; what was asked for is still answered."""
    _set_paused(pair, True, "campaign.sampling_paused", by)


@transaction.atomic
def resume(*, pair: SamplingPair, by: User | None) -> None:
    _set_paused(pair, False, "campaign.sampling_resumed", by)


@transaction.atomic
def remove(*, pair: SamplingPair, by: User | None) -> None:
    """Takes a line out of the plan; what was sampled by it stays. A line that is gone already is no error."""
    stored = SamplingPair.objects.select_for_update().filter(pk=pair.pk).first()
    if stored is None:  # a double click
        return
    events.record(
        "campaign.sampling_removed", stored, by=by, campaign=pair.campaign, pair=str(stored), **_terms(stored)
    )
    stored.delete()


@transaction.atomic
def replace(
    *, campaign: Campaign, lines: Sequence[tuple[Variant, Variant, Terms]], by: User | None
) -> list[SamplingPair]:
    """A whole new plan: its lines, each of two variants with its terms, take the place of those that are there."""
    Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)  # one at a time, else both plans are there
    for pair in campaign.sampling_plan.order_by("pk"):
        remove(pair=pair, by=by)
    return [add(campaign=campaign, first=first, second=second, terms=terms, by=by) for first, second, terms in lines]


@transaction.atomic
def spread(*, campaign: Campaign, temperature_spread: float, by: User | None) -> None:
    """How far, to each side of the plan's, a response's temperature is drawn."""
    if not 0 <= temperature_spread <= MOST_SPREAD:
        raise InvalidInput(
            _("The spread of temperatures is a number from 0 to %(most)s.") % {"most": f"{MOST_SPREAD:g}"},
            field="temperature_spread",
        )
    stored = Campaign.objects.select_for_update().get(pk=campaign.pk)
    before, campaign.temperature_spread = stored.temperature_spread, temperature_spread
    campaign.save(update_fields=["temperature_spread"])
    if before != temperature_spread:
        events.record(
            "campaign.temperatures_spread", campaign, by=by, campaign=campaign, before=before, after=temperature_spread
        )


@transaction.atomic
def tune(*, campaign: Campaign, variant: Variant, temperature: float, by: User | None) -> list[SamplingPair]:
    """Writes a variant's tuned temperature into the lines of the campaign's plan that follow it.

    Lines with a fixed temperature stay, and so do those of a closed campaign. Returns the lines that changed.
    """
    # A plan that is being replaced is waited for, else the temperature would go to the lines that leave.
    if Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk).status == CampaignStatus.CLOSED:
        return []
    lines = SamplingPair.objects.select_for_update(no_key=True).filter(
        Q(first=variant) | Q(second=variant), campaign=campaign, tuned=True
    )
    changed = []
    for line in lines.order_by("pk"):
        side = "first_temperature" if line.first_id == variant.pk else "second_temperature"
        before = getattr(line, side)
        if before == temperature:
            continue
        setattr(line, side, temperature)
        line.save(update_fields=[side])
        events.record(
            "campaign.temperature_tuned",
            line,
            by=by,
            campaign=campaign,
            variant=variant.name,
            before=before,
            after=temperature,
        )
        changed.append(line)
    return changed


def _set_paused(pair: SamplingPair, paused: bool, verb: str, by: User | None) -> None:
    stored = _locked(pair)
    if stored.paused == paused:  # a double click
        return
    stored.paused = paused
    stored.save(update_fields=["paused"])
    events.record(verb, pair, by=by, campaign=pair.campaign, pair=str(stored))


def _locked(pair: SamplingPair) -> SamplingPair:
    stored = SamplingPair.objects.select_for_update(of=("self",)).select_related("first", "second").filter(pk=pair.pk)
    found = stored.first()
    if found is None:
        raise Conflict(_("This line is no longer in the plan: somebody removed it. Load the page again."))
    return found


def _terms(pair: SamplingPair) -> dict[str, float | bool]:
    return {name: getattr(pair, name) for name in Terms.__dataclass_fields__}


def _check(terms: Terms) -> None:
    for name, temperature in (
        ("first_temperature", terms.first_temperature),
        ("second_temperature", terms.second_temperature),
    ):
        if not 0 <= temperature <= MOST_TEMPERATURE:
            raise InvalidInput(
                _("A temperature is a number from 0 to %(most)s.") % {"most": f"{MOST_TEMPERATURE:g}"}, field=name
            )
    if not 0 < terms.top_p <= 1:
        raise InvalidInput(_("Top-p is a number above 0 and at most 1."), field="top_p")
    if not 0 < terms.weight <= MOST_WEIGHT:
        raise InvalidInput(
            _("A weight is a number above 0 and at most %(most)s.") % {"most": f"{MOST_WEIGHT:,.0f}"}, field="weight"
        )
