"""What a campaign's precision takes, by its kind and its scale."""

from __future__ import annotations

from dataclasses import replace

import pytest

from preferences import planning
from preferences.choices import Kind, Track
from preferences.models import Campaign, Judgment
from preferences.planning import Expected
from preferences.scales import Scale
from preferences.stats import planning as formulas
from preferences.stats import violations, wilson
from preferences.stats.weights import quadratic
from tests import factories
from tests.preferences.counted_by_hand import record

EXPECTED = Expected(
    share=0.4, ties=0.2, agreement=0.5, reach=0.03, agreement_reach=0.05, raters=3, seconds=90, wage=20.0
)
EVALUATION = Campaign(kind=Kind.EVALUATION, scale=Scale.SEVEN_POINT)
RATING = Campaign(kind=Kind.SAFETY_RATING, track=Track.SAFETY, scale=Scale.SAFETY)


def test_a_win_rate_costs_its_prompts_times_raters_seconds_and_wage() -> None:
    cost = planning.cost_of_share(EVALUATION, EXPECTED)
    assert cost.prompts == formulas.prompts_for_win_rate(0.4, 0.2, 0.03)
    assert cost.judgments == 3 * cost.prompts
    assert cost.seconds == 90 * cost.judgments
    assert cost.money == pytest.approx(cost.seconds / 3600 * 20)
    assert planning.cost_of_share(EVALUATION, replace(EXPECTED, wage=None)).money is None


def test_a_violation_rate_is_a_share_without_ties() -> None:
    expected = replace(EXPECTED, share=0.05, ties=0.0)
    assert planning.cost_of_share(RATING, expected).prompts == formulas.prompts_for_share(0.05, 0.03)


def test_agreement_is_planned_on_the_campaigns_own_scale() -> None:
    for campaign, places in ((EVALUATION, 7), (RATING, 5), (Campaign(scale=Scale.EIGHT_POINT), 8)):
        cost = planning.cost_of_agreement(campaign, EXPECTED)
        units = formulas.units_for_agreement(0.5, 0.05, raters=3, weights=quadratic(range(places)))
        assert cost is not None and cost.prompts == units
    assert planning.cost_of_agreement(EVALUATION, replace(EXPECTED, raters=1)) is None


def test_more_raters_for_the_same_money_make_better_verdicts_of_fewer_prompts() -> None:
    one, two, three, five = planning.bought(EVALUATION, replace(EXPECTED, share=0.6), 3000)
    assert [one.prompts, two.prompts, three.prompts, five.prompts] == [3000, 1500, 1000, 600]
    assert one.right < three.right < five.right
    assert 0.5 < one.rate < three.rate < five.rate < 0.7
    assert one.agreement_reach is None and two.agreement_reach is not None
    assert [row.raters for row in planning.bought(EVALUATION, EXPECTED, 5)] == [1, 2]
    assert planning.bought(EVALUATION, EXPECTED, 1) == []


def test_what_raters_buy_of_violations_is_by_the_rule_of_half() -> None:
    expected = replace(EXPECTED, share=0.05, ties=0.0, agreement=0.8)
    three = planning.bought(RATING, expected, 3000)[2]
    quality = formulas.rater_quality(0.8, quadratic(range(5)))
    found, mistaken = violations.called(quality, 3, q=5, violating=2)
    assert (three.right, three.rate) == (found, pytest.approx(0.05 * found + 0.95 * mistaken))
    interval = wilson(three.rate * 1000, 1000)
    assert interval.high is not None and three.reach == pytest.approx(interval.high - three.rate)


@pytest.mark.django_db
def test_the_time_of_a_judgment_is_the_median_of_those_measured() -> None:
    campaign = factories.campaign(raters_per_item=2)
    assert planning.measured_seconds(campaign) is None
    pairs = [factories.judged_comparison(campaign, scores=[1, 2]) for _ in range(planning.FEWEST_MEASURED // 2)]
    for number, judgment in enumerate(Judgment.objects.order_by("pk")):
        judgment.active_seconds = 10.0 * number
        judgment.save()
    factories.judged_comparison(factories.campaign(), scores=[1])
    assert planning.measured_seconds(campaign) == pytest.approx(95)
    Judgment.objects.filter(comparison=pairs[0]).update(active_seconds=None, source="imported")
    assert planning.measured_seconds(campaign) is None


@pytest.mark.django_db
def test_what_was_judged_says_how_much_more_it_takes() -> None:
    campaign, _other = record()
    found = planning.pilot(campaign)
    cost = planning.cost_after_pilot(campaign, found, EXPECTED)
    assert cost is not None and cost.prompts == formulas.units_after_pilot(found, 0.05)
    assert planning.cost_after_pilot(campaign, found, replace(EXPECTED, raters=2)) is None
    empty = factories.campaign(raters_per_item=3)
    assert planning.cost_after_pilot(empty, planning.pilot(empty), EXPECTED) is None
