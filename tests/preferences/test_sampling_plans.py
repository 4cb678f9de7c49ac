"""The lines of a campaign's sampling plan: added, changed, rested, taken out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from preferences.actions import sampling_plans, variants
from preferences.actions.sampling_plans import Terms
from preferences.choices import Kind
from preferences.errors import Conflict, DomainError, InvalidInput
from preferences.models import Campaign, Event, SamplingPair
from tests import factories

pytestmark = pytest.mark.django_db

TERMS = Terms(first_temperature=0.3, second_temperature=1.1, top_p=0.9, weight=2.0, tuned=True)


def verbs() -> list[str]:
    found = Event.objects.filter(verb__startswith="campaign.sampling").order_by("pk").values_list("verb", flat=True)
    return [verb.removeprefix("campaign.sampling_") for verb in found]


def test_a_pair_of_the_plan_needs_two_variants() -> None:
    variant = factories.variant()
    with pytest.raises(InvalidInput, match="two different variants"):
        factories.sampling_plan(factories.campaign(), first=variant, second=variant)
    assert SamplingPair.objects.count() == 0


@pytest.mark.parametrize(
    "wanted",
    [
        {"first_temperature": -0.1},
        {"second_temperature": -0.1},
        {"first_temperature": float("nan")},
        {"second_temperature": float("inf")},
        {"top_p": 0},
        {"top_p": 1.5},
        {"top_p": float("nan")},
        {"weight": 0},
        {"weight": float("nan")},
        {"weight": float("inf")},
    ],
    ids=str,
)
def test_a_plan_that_no_engine_could_follow_is_refused_with_a_sentence(wanted: dict[str, Any]) -> None:
    campaign = factories.campaign()
    with pytest.raises(DomainError):
        factories.sampling_plan(campaign, **wanted)
    assert SamplingPair.objects.count() == 0


def test_a_retired_variant_enters_no_plan() -> None:
    retired = factories.variant("gone")
    variants.retire(variant=retired, by=None)
    with pytest.raises(Conflict, match="“gone” is retired"):
        factories.sampling_plan(factories.campaign(), second=retired)


def test_no_model_answers_where_people_write_the_responses() -> None:
    with pytest.raises(Conflict, match="People write the responses"):
        factories.sampling_plan(factories.draft_campaign(kind=Kind.DEMONSTRATION))


def test_a_line_gets_other_terms_and_the_event_says_what_they_were() -> None:
    pair, person = factories.sampling_plan(factories.campaign()), factories.user()
    sampling_plans.change(pair=pair, terms=TERMS, by=person)
    pair.refresh_from_db()
    assert (pair.first_temperature, pair.second_temperature, pair.top_p) == (0.3, 1.1, 0.9)
    assert (pair.weight, pair.tuned) == (2.0, True)
    event = Event.objects.latest("pk")
    assert event.actor == person
    assert (event.data["before"]["first_temperature"], event.data["after"]["first_temperature"]) == (0.7, 0.3)
    sampling_plans.change(pair=pair, terms=TERMS, by=person)
    assert verbs() == ["planned", "changed"]
    with pytest.raises(InvalidInput, match="A weight is a number above 0"):
        sampling_plans.change(pair=pair, terms=replace(TERMS, weight=-1.0), by=person)


def test_a_line_rests_and_goes_on_however_often_one_clicks() -> None:
    pair = factories.sampling_plan(factories.campaign())
    for act in (sampling_plans.pause, sampling_plans.pause, sampling_plans.resume, sampling_plans.resume):
        act(pair=pair, by=None)
    assert verbs() == ["planned", "paused", "resumed"]


def test_a_line_is_taken_out_once_and_then_cannot_be_changed() -> None:
    pair = factories.sampling_plan(factories.campaign())
    sampling_plans.remove(pair=SamplingPair.objects.get(), by=None)
    sampling_plans.remove(pair=pair, by=None)
    assert verbs() == ["planned", "removed"] and not SamplingPair.objects.exists()
    with pytest.raises(Conflict, match="no longer in the plan"):
        sampling_plans.change(pair=pair, terms=TERMS, by=None)


def test_a_whole_plan_takes_the_place_of_another_or_of_none() -> None:
    pair = factories.sampling_plan(factories.campaign())
    lines = [(pair.second, pair.first, TERMS), (pair.first, factories.variant(), TERMS)]
    made = sampling_plans.replace(campaign=pair.campaign, lines=lines, by=None)
    assert list(pair.campaign.sampling_plan.order_by("pk")) == made
    twice = [(pair.first, pair.first, TERMS)]
    with pytest.raises(InvalidInput, match="two different variants"):
        sampling_plans.replace(campaign=pair.campaign, lines=twice, by=None)
    assert list(pair.campaign.sampling_plan.order_by("pk")) == made


def test_the_spread_of_temperatures_is_stored_or_refused() -> None:
    campaign = factories.campaign()
    sampling_plans.spread(campaign=campaign, temperature_spread=0.25, by=None)
    assert Campaign.objects.get().temperature_spread == 0.25
    for wrong in (-0.1, 1.01, float("nan")):
        with pytest.raises(InvalidInput, match="spread of temperatures is a number from 0 to 1"):
            sampling_plans.spread(campaign=campaign, temperature_spread=wrong, by=None)
