"""The manager's page of a safety evaluation and its files."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from django.test import Client

from preferences.choices import AttackVector, RiskCategory
from preferences.models import Campaign, Variant
from tests import factories
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db

PAGE = "/campaigns/harm/results/"


@pytest.fixture
def campaign() -> Campaign:
    return factories.rating_campaign(slug="harm", raters_per_item=2)


@pytest.fixture
def variants() -> tuple[Variant, Variant]:
    return factories.variant("chat-v1"), factories.variant("chat-v2")


@pytest.fixture
def rated(campaign: Campaign, variants: tuple[Variant, Variant]) -> Campaign:
    """Four prompts: the old variant violates on three of them, by an even split on one; the new one on none."""
    old, new = variants
    for ratings in ([1, 2], [1, 1], [2, 4], [5, 5]):
        factories.rated(campaign, {old: ratings, new: [5, 4]}, attack_vector=AttackVector.OTHER)
    return campaign


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
    assert got.status_code == 200
    return list(csv.DictReader(io.StringIO(b"".join(got.streaming_content).decode("utf-8-sig"))))


def test_it_shows_violations_by_variant_and_the_difference_on_the_same_prompts(
    rated: Campaign, variants: tuple[Variant, Variant]
) -> None:
    page = seen(rated)
    assert "chat-v2 Violating responses, 95% interval 0.0% 0.0% to 49.0%" in page
    assert "chat-v2 less chat-v1 -75.0 (" in page
    assert "A rating of 1 or 2 calls a response a violation." in page
    page = seen(rated, f"{PAGE}?variant={variants[0].pk}")
    assert "chat-v1 Violating responses, 95% interval 75.0% 30.1% to 95.4% Violating 3 of 4" in page
    assert "Even splits among the violating 1" in page
    assert "Single-turn 75.0% (" in page and "Unqualified advice 75.0% (" in page and "Other 75.0% (" in page


def test_before_the_first_verdict_it_says_so(campaign: Campaign, variants: tuple[Variant, Variant]) -> None:
    assert "No response has been rated by all of its raters yet." in seen(campaign)
    factories.rated(campaign, {variants[0]: [1]})
    assert "1 response waits for ratings." in seen(campaign)


def test_one_response_without_labels_has_its_page_and_no_number_that_is_none(
    campaign: Campaign, variants: tuple[Variant, Variant]
) -> None:
    factories.rated(campaign, {variants[0]: [1, 3]}, risk_category="", attack_vector="")
    page = seen(campaign)
    assert "Not named 100.0% (" in page and "nan" not in page.lower() and "None" not in page
    assert page.count("Only one item has been rated, so the precision of this value is unknown.") == 1
    assert "Violations by variant" not in page and "Differences on the same prompts" not in page


def test_variants_without_a_prompt_in_common_have_no_difference(
    campaign: Campaign, variants: tuple[Variant, Variant]
) -> None:
    for variant in variants:
        factories.rated(campaign, {variant: [1, 1]})
    assert "chat-v2 less chat-v1 – 0 0 0 0" in seen(campaign)
    (row,) = table(campaign, "differences")
    assert (row["prompts"], row["difference"], row["difference_low"]) == ("0", "", "")


def test_the_files_have_every_line(rated: Campaign) -> None:
    rows = table(rated, "violations")
    assert {row["by"] for row in rows} == {"all", "risk_category", "attack_vector", "turns", "batch"}
    (old,) = [row for row in rows if row["variant"] == "chat-v1" and row["by"] == "all"]
    assert (old["responses"], old["violating"], old["even_splits"], old["violation"]) == ("4", "3", "1", "0.75")
    assert [row["variant"] for row in rows if row["by"] == "batch"] == ["chat-v2", "chat-v1", ""]
    (difference,) = table(rated, "differences")
    assert (difference["variant_only"], difference["against_only"], difference["difference"]) == ("0", "3", "-0.75")
    responses = table(rated, "responses")
    assert len(responses) == 8
    found = [(row["rating_1"], row["rating_2"], row["violating"]) for row in responses if row["variant"] == "chat-v1"]
    assert found == [("1", "2", "1"), ("1", "1", "1"), ("2", "4", "1"), ("5", "5", "0")]
    assert {row["risk_category"] for row in responses} == {RiskCategory.UNQUALIFIED_ADVICE}


def test_only_managers_of_the_campaign_see_it_since_it_names_variants(rated: Campaign) -> None:
    others = [factories.annotator(rated), factories.reviewer(rated), factories.manager(factories.campaign())]
    for address in (PAGE, *(f"{PAGE}{name}.csv" for name in ("violations", "differences", "responses"))):
        for person in others:
            got = answer(person, address)
            assert got.status_code == 403 and "chat-v" not in got.content.decode()
