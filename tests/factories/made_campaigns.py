from __future__ import annotations

from typing import Any

from preferences.actions import campaigns, guidelines, sampling_plans, variants
from preferences.actions.sampling_plans import Terms
from preferences.choices import Kind, Track
from preferences.models import Campaign, SamplingPair, Variant
from preferences.scales import Scale
from tests.factories.numbers import number

RATING: dict[str, Any] = {"kind": Kind.SAFETY_RATING, "scale": Scale.SAFETY, "track": Track.SAFETY}


def draft_campaign(*, track: Track = Track.HELPFULNESS, slug: str = "", **settings: Any) -> Campaign:
    """A campaign in draft, without a guideline. `settings` are fields of Campaign."""
    slug = slug or f"campaign-{number()}"
    return campaigns.create(slug=slug, track=track, by=None, **{"name": f"The {slug} campaign", **settings})


def campaign(*, track: Track = Track.HELPFULNESS, slug: str = "", **settings: Any) -> Campaign:
    """A campaign open for work, with a guideline; raters_per_item=1 unless told. It has no sampling plan."""
    made = draft_campaign(track=track, slug=slug, **settings)
    guidelines.publish(campaign=made, text="# Guideline\n\nChoose the response that helps more.", by=None)
    campaigns.open_for_work(campaign=made, by=None)
    return made


def live_campaign(**settings: Any) -> Campaign:
    """A campaign in which people write and models answer, by one line of its sampling plan."""
    made = campaign(**settings)
    sampling_plan(made)
    return made


def rating_campaign(**settings: Any) -> Campaign:
    """One response at a time is rated for safety, by three people unless told."""
    return campaign(**{**RATING, "raters_per_item": 3, **settings})


def variant(name: str = "", *, engine: str = "tiny", **settings: Any) -> Variant:
    return variants.register(name=name or f"variant-{number()}", engine=engine, by=None, **settings)


def sampling_plan(
    campaign: Campaign, *, first: Variant | None = None, second: Variant | None = None, **settings: Any
) -> SamplingPair:
    """One line of the campaign's sampling plan, with two new variants unless given."""
    temperatures = {"first_temperature": 0.7, "second_temperature": 0.9}
    return sampling_plans.add(
        campaign=campaign,
        first=first or variant(),
        second=second or variant(),
        terms=Terms(**(temperatures | settings)),
        by=None,
    )
