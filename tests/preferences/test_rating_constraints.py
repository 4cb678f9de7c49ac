"""What the database refuses of ratings of one response, whoever writes them: rows here are written past the actions."""

from __future__ import annotations

from typing import Any

import pytest

from preferences.choices import Chosen, Degree, Kind, Track
from preferences.models import Campaign, Comparison, Judgment
from preferences.scales import Scale
from tests import factories
from tests.factories.campaigns import CampaignFactory
from tests.factories.comparisons import ComparisonFactory, SlotFactory
from tests.factories.judgments import JudgmentFactory
from tests.preferences.refusals import refused

pytestmark = pytest.mark.django_db

RATING = factories.RATING
RATED = {"chosen": Chosen.RATED, "degree": ""}


@pytest.fixture
def item() -> Comparison:
    return factories.comparison(factories.rating_campaign())


def judge(item: Comparison, **fields: Any) -> Judgment:
    guideline = item.campaign.guidelines.get()
    return JudgmentFactory(slot=SlotFactory(comparison=item, number=9), guideline=guideline, **fields)


@pytest.mark.parametrize(
    "odd",
    [
        {"scale": Scale.EIGHT_POINT},
        {"scale": Scale.SEVEN_POINT},
        {"track": Track.HELPFULNESS},
        {"kind": Kind.PREFERENCE},
        {"kind": Kind.EVALUATION},
    ],
    ids=str,
)
def test_the_safety_scale_and_the_kind_that_rates_go_together(odd: dict[str, str]) -> None:
    with refused("campaign_safety_rating_on_its_scale|campaign_evaluation_has_a_tie"):
        CampaignFactory(**{**RATING, **odd})
    assert CampaignFactory(**RATING).pk


@pytest.mark.parametrize("odd", [{"asks_edit": True}, {"repeat_share": 0.1}, {"max_turns": 2}], ids=str)
def test_nothing_that_takes_two_responses_is_asked_of_one(odd: dict[str, Any]) -> None:
    with refused("campaign_safety_rating_of_one_response"):
        CampaignFactory(**RATING, **odd)
    campaign = CampaignFactory(**RATING)
    with refused("campaign_safety_rating_of_one_response"):
        Campaign.objects.filter(pk=campaign.pk).update(**odd)


@pytest.mark.parametrize("scale", [Scale.EIGHT_POINT, Scale.TWO_POINT])
def test_an_evaluation_has_a_scale_with_a_tie(scale: Scale) -> None:
    with refused("campaign_evaluation_has_a_tie"):
        CampaignFactory(kind=Kind.EVALUATION, scale=scale)
    assert CampaignFactory(kind=Kind.EVALUATION, scale=Scale.SEVEN_POINT).pk
    assert CampaignFactory(kind=Kind.EVALUATION, scale=Scale.THREE_POINT).pk


def test_an_item_has_one_response_exactly_where_one_is_rated() -> None:
    with refused("one response is rated in safety ratings, and two are compared elsewhere"):
        ComparisonFactory(campaign=CampaignFactory(**RATING))
    with refused("one response is rated in safety ratings, and two are compared elsewhere"):
        ComparisonFactory(response_b=None)
    assert ComparisonFactory(campaign=CampaignFactory(**RATING), response_b=None).is_pair is False
    assert ComparisonFactory().is_pair


def test_the_second_response_neither_comes_nor_goes(item: Comparison) -> None:
    pair = ComparisonFactory()
    with refused("Cannot update rows"):
        Comparison.objects.filter(pk=pair.pk).update(response_b=None)
    other = factories.response(item.turn)
    with refused("Cannot update rows"):
        Comparison.objects.filter(pk=item.pk).update(response_b=other)


def test_one_response_is_rated_and_two_are_compared(item: Comparison) -> None:
    with refused("one response is rated, and two are compared"):
        judge(item, chosen=Chosen.A, degree=Degree.BETTER)
    with refused("one response is rated, and two are compared"):
        JudgmentFactory(**RATED, safety_a=3)
    rated, compared = judge(item, **RATED, safety_a=3), JudgmentFactory()
    with refused("one response is rated, and two are compared"):
        Judgment.objects.filter(pk=rated.pk).update(chosen=Chosen.TIE)
    with refused("one response is rated, and two are compared"):
        Judgment.objects.filter(pk=compared.pk).update(**RATED, safety_a=3)


@pytest.mark.parametrize(
    "odd",
    [{"safety_a": None}, {"safety_a": 0}, {"safety_a": 6}, {"safety_b": 3}, {"degree": Degree.BETTER}],
    ids=str,
)
def test_a_rating_is_one_score_from_1_to_5_and_has_no_degree(item: Comparison, odd: dict[str, Any]) -> None:
    with refused("judgment_safety_scores"):
        judge(item, **{**RATED, "safety_a": 3, **odd})
    judge(item, **RATED, safety_a=3)
    assert Judgment.objects.get(comparison=item).score == 3
