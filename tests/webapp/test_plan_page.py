"""The manager's plan: what a precision costs, and what the campaign is to finish."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from preferences.choices import Kind, Track, VerdictRule
from preferences.models import Campaign, Event
from preferences.scales import Scale
from preferences.stats import planning
from tests import factories

pytestmark = pytest.mark.django_db

PLAN = {"planned_comparisons": "4173", "planned_until": "2999-12-31", "agreement_gate": "0,4"}
STORED = ("planned_comparisons", "planned_until", "agreement_gate", "verdict_rule")


def goal(campaign: Campaign) -> tuple[Any, ...]:
    campaign.refresh_from_db()
    return tuple(getattr(campaign, name) for name in STORED)


def address(campaign: Campaign) -> str:
    return f"/campaigns/{campaign.slug}/plan/"


def signed_in(client: Client, campaign: Campaign) -> Client:
    client.force_login(factories.manager(campaign))
    return client


@pytest.fixture
def evaluation() -> Campaign:
    return factories.draft_campaign(kind=Kind.EVALUATION, scale=Scale.SEVEN_POINT, raters_per_item=3)


@pytest.fixture
def browser(client: Client, evaluation: Campaign) -> Client:
    return signed_in(client, evaluation)


def test_the_calculator_says_what_a_win_rate_takes_before_the_campaign_opens(
    browser: Client, evaluation: Campaign
) -> None:
    asked = {"share": "36", "ties": "31,5", "reach": "1.5", "raters": "3", "seconds": "60", "wage": "30"}
    page = browser.get(address(evaluation), asked).content.decode()
    prompts = planning.prompts_for_win_rate(0.36, 0.315, 0.015)
    for number in (prompts, 3 * prompts, round(3 * prompts / 2)):
        assert f"<dd>{number:,}</dd>" in page
    assert "Win rate to within 1.5 points" in page and "AC2 to within 0.05, as expected" in page
    assert f"what {3 * prompts:,} judgments buy" in page
    assert re.findall(r'<th scope="row">(\d raters?)</th>', page) == ["1 rater", "2 raters", "3 raters", "5 raters"]
    assert 'name="ties" type="text" value="31,5"' in page


def test_a_safety_rating_is_asked_for_violations_and_has_no_ties(client: Client) -> None:
    campaign = factories.draft_campaign(kind=Kind.SAFETY_RATING, track=Track.SAFETY, scale=Scale.SAFETY)
    page = signed_in(client, campaign).get(address(campaign), {"share": "4"}).content.decode()
    assert "Expected violations, %" in page and "Violations found" in page
    assert 'name="ties"' not in page and 'name="verdict_rule"' not in page
    assert f"<dd>{planning.prompts_for_share(0.04, 0.03):,}</dd>" in page


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("share", "many", "Write a number from 0 to 100."),
        ("share", "101", "Write a number from 0 to 100."),
        ("ties", "80", "Wins and ties are more than 100% together."),
        ("reach", "0", "Write a number from 0.1 to 40."),
        ("agreement", "nan", "Write a number from 0 to 1."),
        ("agreement_reach", "", "Write a number from 0.005 to 0.5."),
        ("raters", "2.5", "Write a whole number from 1 to 9."),
        ("seconds", "1e999", "Write a number from 1 to 36,000."),
        ("wage", "\x00", "Write a number from 0 to 1,000,000."),
    ],
)
def test_what_cannot_be_asked_is_a_sentence_beside_its_field(
    browser: Client, evaluation: Campaign, field: str, typed: str, sentence: str
) -> None:
    answer = browser.get(address(evaluation), {"share": "40", field: typed})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'<p class="refused" id="refused-{field}">{sentence}</p>' in page
    assert page.count('aria-invalid="true"') == 1
    assert f'name="{field}" type="text" value="{typed}"' in page
    assert "<h3>" not in page


@pytest.mark.parametrize(
    "asked",
    [
        {"share": "0", "ties": "0"},
        {"share": "100"},
        {"share": "0", "ties": "100"},
        {"reach": "0.1"},
        {"reach": "40", "raters": "1"},
        {"agreement": "0", "agreement_reach": "0.005"},
        {"agreement": "1", "raters": "9"},
    ],
    ids=["never wins", "always wins", "all ties", "fine", "coarse", "chance", "perfect"],
)
def test_the_ends_of_what_may_be_asked_have_answers(
    browser: Client, evaluation: Campaign, asked: dict[str, str]
) -> None:
    for kind, scale in (("evaluation", None), ("safety_rating", Scale.SAFETY)):
        campaign = evaluation
        if scale:
            campaign = factories.draft_campaign(kind=kind, track=Track.SAFETY, scale=scale, raters_per_item=3)
            browser.force_login(factories.manager(campaign))
        answer = browser.get(address(campaign), asked)
        assert answer.status_code == 200
        assert "Prompts" in answer.content.decode()


def test_a_running_campaign_is_planned_with_what_it_measured(client: Client) -> None:
    campaign = factories.campaign(raters_per_item=2)
    for number in range(12):
        factories.judged_comparison(campaign, scores=[-3, -3] if number % 3 else [-3, 2])
    page = signed_in(client, campaign).get(address(campaign)).content.decode()
    assert "as judged so far" in page
    assert "Half of the judgments so far took" in page
    assert 'name="ties"' not in page


def test_a_manager_plans_and_the_record_tells_of_it(browser: Client, evaluation: Campaign) -> None:
    answer = browser.post(address(evaluation), {**PLAN, "verdict_rule": "majority"})
    assert answer.status_code == 302 and answer["Location"] == f"{address(evaluation)}?saved=1#goal"
    assert goal(evaluation) == (4173, date(2999, 12, 31), 0.4, VerdictRule.MAJORITY)
    page = browser.get(f"{address(evaluation)}?saved=1").content.decode()
    assert 'value="4173"' in page and 'value="2999-12-31"' in page and 'value="0.4"' in page
    assert '<option value="majority" selected>' in page
    told = Event.objects.get(verb="campaign.planned").data
    assert told["before"] == dict(zip(STORED, (None, None, None, "median"), strict=True))
    assert told["after"] == dict(zip(STORED, (4173, "2999-12-31", 0.4, "majority"), strict=True))
    again = browser.post(f"{address(evaluation)}?share=36&saved=1", {**PLAN, "verdict_rule": "majority"})
    assert again["Location"] == f"{address(evaluation)}?share=36&saved=1#goal"
    assert Event.objects.filter(verb="campaign.planned").count() == 1


def test_an_empty_plan_is_no_plan(browser: Client, evaluation: Campaign) -> None:
    browser.post(address(evaluation), PLAN)
    browser.post(address(evaluation), dict.fromkeys(PLAN, ""))
    assert goal(evaluation) == (None, None, None, VerdictRule.MEDIAN)


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("planned_comparisons", "0", "Plan a whole number from 1 to 1,000,000,000; leave it empty for no plan."),
        ("planned_comparisons", "9999999999", "Plan a whole number from 1 to 1,000,000,000"),
        ("planned_comparisons", "-5", "“-5” is no whole number."),
        ("planned_comparisons", "9" * 5000, "is no whole number."),
        ("planned_until", "2020-01-01", "2020-01-01 is over."),
        ("planned_until", "soon", "“soon” is no day; write it as 2026-12-31."),
        ("agreement_gate", "1.5", "The gate is an AC2 from 0 to 1"),
        ("agreement_gate", "nan", "The gate is an AC2 from 0 to 1"),
        ("agreement_gate", "high", "“high” is no number."),
    ],
)
def test_what_cannot_be_planned_is_a_sentence_beside_its_field_and_stays_typed(
    browser: Client, evaluation: Campaign, field: str, typed: str, sentence: str
) -> None:
    answer = browser.post(address(evaluation), {**PLAN, field: typed})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert re.search(rf'<p class="refused" id="refused-{field}">[^<]*{re.escape(sentence)}', page)
    assert f'value="{typed}"' in page
    assert goal(evaluation)[:3] == (None, None, None)


def test_a_rule_that_is_none_is_a_sentence(browser: Client, evaluation: Campaign) -> None:
    answer = browser.post(address(evaluation), {**PLAN, "verdict_rule": "dice"})
    assert (answer.status_code, "Choose one of the rules." in answer.content.decode()) == (422, True)


def test_a_day_that_has_passed_may_stay_and_today_is_not_over(browser: Client, evaluation: Campaign) -> None:
    passed = timezone.now().date() - timedelta(days=9)
    Campaign.objects.filter(pk=evaluation.pk).update(planned_until=passed)
    browser.post(address(evaluation), {**PLAN, "planned_until": passed.isoformat()})
    assert goal(evaluation)[:2] == (4173, passed)
    browser.post(address(evaluation), {**PLAN, "planned_until": timezone.now().date().isoformat()})
    assert goal(evaluation)[1] == timezone.now().date()


def test_plans_are_for_managers_of_campaigns_that_compare_or_rate(client: Client, evaluation: Campaign) -> None:
    client.force_login(factories.annotator(evaluation))
    assert client.get(address(evaluation)).status_code == 403
    assert client.post(address(evaluation), PLAN).status_code == 403
    written = factories.campaign(kind=Kind.DEMONSTRATION)
    assert signed_in(client, written).get(address(written)).status_code == 404
