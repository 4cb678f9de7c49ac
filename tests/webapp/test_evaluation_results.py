"""The manager's page of a helpfulness evaluation and its files."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from django.test import Client

from annotation import memberships
from annotation.models import Role
from preferences.actions import campaigns
from preferences.choices import Kind, VerdictRule
from preferences.models import Campaign, Variant
from preferences.stats import win_rate_so_far
from tests import factories
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db

PAGE = "/campaigns/compared/results/"


@pytest.fixture
def campaign() -> Campaign:
    return factories.evaluation(slug="compared")


@pytest.fixture
def systems() -> tuple[Variant, Variant]:
    return factories.variant("chat-v1"), factories.variant("chat-v2")


def answer(user: User, address: str = PAGE) -> Any:
    client = Client()
    client.force_login(user)
    return client.get(address)


def seen(campaign: Campaign, address: str = PAGE) -> str:
    """The page's words, without its marks."""
    got = answer(factories.manager(campaign), address)
    assert got.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", got.content.decode()).split())


def table(campaign: Campaign, name: str) -> list[dict[str, str]]:
    got = answer(factories.manager(campaign), f"{PAGE}{name}.csv")
    assert got.status_code == 200 and got.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert got.headers["Content-Disposition"] == f'attachment; filename="compared-{name}.csv"'
    text = b"".join(got.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_it_shows_wins_ties_and_losses_with_intervals_and_by_category(
    campaign: Campaign, systems: tuple[Variant, Variant]
) -> None:
    for scores in ([2, 2, 2], [3, 4, 2], [0, 0, 2], [-2, -3, -4]):
        factories.evaluated(campaign, *systems, scores)
    page = seen(campaign)
    assert "chat-v2 against chat-v1 Win rate, ties as half, 95% interval 62.5% " in page
    assert "Wins 50.0% 15.0% to 85.0%" in page
    assert "Wins without ties 66.7% 20.8% to 93.9%" in page
    assert "Wins less losses, percentage points 25.0%" in page
    assert "1 message 62.5% (" in page and "Factual question 62.5% (" in page
    assert "The verdict on a prompt is the median of its ratings" in page


def test_while_the_campaign_runs_there_is_an_interval_for_many_looks(
    campaign: Campaign, systems: tuple[Variant, Variant]
) -> None:
    factories.evaluated(campaign, *systems, [2, 2, 2])
    found = win_rate_so_far(1, 0, 0)
    assert f"however often you look 100.0% {100 * found.low:.1f}% to 100.0%" in seen(campaign)
    campaigns.close(campaign=campaign, by=None)
    assert "however often you look" not in seen(campaign)


def test_the_rule_of_the_campaign_is_printed(campaign: Campaign) -> None:
    Campaign.objects.filter(pk=campaign.pk).update(verdict_rule=VerdictRule.MAJORITY)
    assert "more than half of its raters prefer" in seen(campaign)


def test_before_the_first_verdict_it_says_so(campaign: Campaign, systems: tuple[Variant, Variant]) -> None:
    assert "No prompt has been judged by all of its raters yet." in seen(campaign)
    factories.evaluated(campaign, *systems, [2, 2])
    page = seen(campaign)
    assert "1 comparison waits for ratings." in page and "chat-v2" not in page


def test_one_prompt_without_a_category_has_its_page_and_no_number_that_is_none(
    campaign: Campaign, systems: tuple[Variant, Variant]
) -> None:
    made = factories.line(variant_a="x", variant_b="y", votes=[factories.vote(name, "tie", None) for name in "abc"])
    factories.import_lines(campaign, [made])
    page = seen(campaign)
    assert "No category 50.0% (" in page and "nan" not in page.lower() and "None" not in page
    assert "Only one item has been rated, so the precision of this value is unknown." in page
    (whole, *_) = table(campaign, "outcomes")
    assert (whole["ties"], whole["win_without_ties"], whole["ac2_low"]) == ("1", "", "")


def test_of_several_pairs_one_is_chosen_and_all_are_drawn(campaign: Campaign, systems: tuple[Variant, Variant]) -> None:
    other = factories.variant("other")
    factories.evaluated(campaign, *systems, [2, 2, 2])
    factories.evaluated(campaign, *systems, [2, 2, 2])
    factories.evaluated(campaign, systems[0], other, [-2, -2, -2])
    page = seen(campaign)
    assert "Every pair of systems" in page and "chat-v2 against chat-v1 Win rate" in page
    page = seen(campaign, f"{PAGE}?match={other.pk}-{systems[0].pk}")
    assert "other against chat-v1 Win rate, ties as half, 95% interval 0.0%" in page
    assert "chat-v2 against chat-v1 Win rate" in seen(campaign, f"{PAGE}?match=nonsense")


def test_the_outcomes_file_has_every_line_with_its_limits(campaign: Campaign, systems: tuple[Variant, Variant]) -> None:
    factories.evaluated(campaign, *systems, [2, 2, 2], category="writing", second_category="dialogue")
    rows = table(campaign, "outcomes")
    assert [(row["by"], row["value"]) for row in rows] == [
        ("all", ""), ("category", "dialogue"), ("category", "writing"), ("turns", "1"),
        ("prompt_words", "2-2"), ("response_words", "6-6"),
    ]  # fmt: skip
    assert {row["system"] for row in rows} == {"chat-v2"} and float(rows[0]["win_low"]) == pytest.approx(
        0.2065, abs=1e-4
    )
    assert (rows[0]["confidence"], rows[0]["verdict_rule"]) == ("0.95", "median")


def test_the_verdicts_file_is_turned_to_the_system_and_runs_nothing_in_a_spreadsheet(campaign: Campaign) -> None:
    old, new = factories.variant("=cmd()"), factories.variant("new")
    factories.evaluated(campaign, new, old, [-4, 0, 2])
    factories.evaluated(campaign, old, new, [2, 2, 4])
    rows = table(campaign, "verdicts")
    assert [(row["system"], row["against"], row["verdict"]) for row in rows] == [
        ("new", "'=cmd()", "tie"),
        ("new", "'=cmd()", "win"),
    ]
    ratings = [[row[f"rating_{number}"] for number in (1, 2, 3)] for row in rows]
    assert ratings == [["4", "0", "-2"], ["2", "2", "4"]]


def test_only_managers_of_the_campaign_see_it_since_it_names_variants(
    campaign: Campaign, systems: tuple[Variant, Variant]
) -> None:
    factories.evaluated(campaign, *systems, [2, 2, 2])
    others = [factories.annotator(campaign), factories.reviewer(campaign), factories.manager(factories.campaign())]
    for address in (PAGE, f"{PAGE}outcomes.csv", f"{PAGE}verdicts.csv"):
        for person in others:
            got = answer(person, address)
            assert got.status_code == 403 and "chat-v" not in got.content.decode()


def test_a_manager_who_judges_too_is_warned(campaign: Campaign) -> None:
    boss = factories.manager(campaign)
    assert "no longer blind" not in answer(boss).content.decode()
    memberships.add(user=boss, campaign=campaign, role=Role.ANNOTATOR, by=None)
    assert "no longer blind" in answer(boss).content.decode()


@pytest.mark.parametrize("kind", [Kind.PREFERENCE, Kind.DEMONSTRATION])
def test_what_collects_has_no_results(kind: Kind) -> None:
    made = factories.campaign(kind=kind)
    assert answer(factories.manager(made), f"/campaigns/{made.slug}/results/").status_code == 404


def test_there_is_no_other_file(campaign: Campaign) -> None:
    assert answer(factories.manager(campaign), f"{PAGE}nothing.csv").status_code == 404
