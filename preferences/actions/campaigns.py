from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from preferences import lifecycle
from preferences.actions import events
from preferences.choices import CampaignStatus
from preferences.errors import Conflict, InvalidInput
from preferences.models import Campaign, SamplingPair, Variant
from preferences.models.variants import MOST_TEMPERATURE, MOST_WEIGHT

if TYPE_CHECKING:
    from webapp.accounts.models import User

# Stored with the campaign, in the language of whoever creates it.
DEFAULT_QUESTION = gettext_lazy("Which response is better: more helpful, while also safe and honest?")


@transaction.atomic
def create(*, slug: str, name: str, track: str, by: User | None, **settings: Any) -> Campaign:
    """A campaign in draft. `settings` are further fields of Campaign."""
    campaign = Campaign(slug=slug, name=name, track=track, **{"question": str(DEFAULT_QUESTION), **settings})
    try:
        campaign.full_clean()
    except ValidationError as error:
        raise InvalidInput(
            " ".join(f"{field}: {' '.join(said)}" for field, said in error.message_dict.items())
        ) from error
    campaign.save()
    events.record("campaign.created", campaign, by=by, campaign=campaign, slug=slug, track=track)
    return campaign


@transaction.atomic
def plan_sampling(
    *,
    campaign: Campaign,
    first: Variant,
    first_temperature: float,
    second: Variant,
    second_temperature: float,
    by: User | None,
    top_p: float = 1.0,
    weight: float = 1.0,
) -> SamplingPair:
    """Adds a line to the campaign's sampling plan: two different variants, each at its own temperature."""
    if first == second:
        raise InvalidInput(_("A pair needs two different variants."), field="second")
    _check_plan(first_temperature, second_temperature, top_p, weight)
    pair = SamplingPair(
        campaign=campaign,
        first=first,
        first_temperature=first_temperature,
        second=second,
        second_temperature=second_temperature,
        top_p=top_p,
        weight=weight,
    )
    pair.save()
    events.record("campaign.sampling_planned", pair, by=by, campaign=campaign, pair=str(pair))
    return pair


def _check_plan(first_temperature: float, second_temperature: float, top_p: float, weight: float) -> None:
    for name, temperature in (("first_temperature", first_temperature), ("second_temperature", second_temperature)):
        if not 0 <= temperature <= MOST_TEMPERATURE:
            raise InvalidInput(
                _("A temperature is a number from 0 to %(most)s.") % {"most": f"{MOST_TEMPERATURE:g}"}, field=name
            )
    if not 0 < top_p <= 1:
        raise InvalidInput(_("Top-p is a number above 0 and at most 1."), field="top_p")
    if not 0 < weight <= MOST_WEIGHT:
        raise InvalidInput(
            _("A weight is a number above 0 and at most %(most)s.") % {"most": f"{MOST_WEIGHT:,.0f}"}, field="weight"
        )


@transaction.atomic
def open_for_work(*, campaign: Campaign, by: User | None) -> None:
    """Lets annotators in; refuses a campaign without a guideline."""
    if not campaign.guidelines.exists():
        raise Conflict(
            _("“%(campaign)s” has no guideline yet. Publish one, then open the campaign.") % {"campaign": campaign}
        )
    lifecycle.advance(campaign, CampaignStatus.OPEN)
    events.record("campaign.opened", campaign, by=by, campaign=campaign)


@transaction.atomic
def pause(*, campaign: Campaign, by: User | None) -> None:
    lifecycle.advance(campaign, CampaignStatus.PAUSED)
    events.record("campaign.paused", campaign, by=by, campaign=campaign)


@transaction.atomic
def close(*, campaign: Campaign, by: User | None) -> None:
    lifecycle.advance(campaign, CampaignStatus.CLOSED)
    events.record("campaign.closed", campaign, by=by, campaign=campaign)
