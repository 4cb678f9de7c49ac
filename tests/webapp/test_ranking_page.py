"""The manager's page of how strong the models are, and its files."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from django.test import Client

from preferences.choices import Kind, Track
from preferences.models import Campaign, Variant
from preferences.scales import Scale
from tests import factories
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db

PAGE = "/campaigns/collected/ranking/"


@pytest.fixture
def campaign() -> Campaign:
    return factories.campaign(slug="collected")


@pytest.fixture
def variants() -> tuple[Variant, Variant]:
    return factories.variant("=chat-v1", iteration="RLHF-V1"), factories.variant("chat-v2", iteration="RLHF-V2")


def collected(campaign: Campaign, variants: tuple[Variant, Variant]) -> Campaign:
    """The new one is preferred in three of four comparisons."""
    for score in (2, 3, 4, -2):
        factories.evaluated(campaign, *variants, [score])
    return campaign


def answer(user: User, address: str = PAGE) -> Any:
    client = Client()
    client.force_login(user)
    return client.get(address)


def words(page: Any) -> str:
    assert page.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", page.content.decode()).split())


def table(user: User, address: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(b"".join(answer(user, address).streaming_content).decode("utf-8-sig"))))


def test_it_shows_the_new_model_against_the_previous_and_their_strengths(
    campaign: Campaign, variants: tuple[Variant, Variant]
) -> None:
    page = words(answer(factories.manager(collected(campaign, variants))))
    assert re.search(r"chat-v2 against =chat-v1 75\.0% \(.*?\) 75\.0% \(.*?\) 4 75\.0%", page)
    assert re.search(r"chat-v2 0\.55 \(.*?\) 0\.55 \(.*?\) RLHF-V2 4", page)


def test_without_a_common_scale_it_says_so(campaign: Campaign, variants: tuple[Variant, Variant]) -> None:
    boss = factories.manager(campaign)
    assert "No two variants have been compared yet." in words(answer(boss))
    factories.evaluated(campaign, *variants, [2])
    assert "there is no common scale" in words(answer(boss))
    assert table(boss, f"{PAGE}strengths.csv") == table(boss, f"{PAGE}pairs.csv") == []


def test_what_is_apart_is_named(campaign: Campaign, variants: tuple[Variant, Variant]) -> None:
    collected(campaign, variants)
    factories.evaluated(campaign, variants[0], factories.variant("far"), [2])
    assert "joins them to the others: far. Let one" in words(answer(factories.manager(campaign)))


def test_the_campaigns_of_a_track_count_together_where_one_manages_them(
    campaign: Campaign, variants: tuple[Variant, Variant]
) -> None:
    collected(campaign, variants)
    boss = factories.manager(campaign)
    assert "All campaigns of its track" not in words(answer(boss))
    other, foreign, safety = (factories.campaign(track=track) for track in (*[Track.HELPFULNESS] * 2, Track.SAFETY))
    for made in (other, foreign):
        collected(made, variants)
    for made in (other, safety):
        factories.made_people.memberships.add(user=boss, campaign=made, role="manager", by=None)
    assert "Judgments 4 Dialogues 4" in words(answer(boss))
    assert "Judgments 8 Dialogues 8" in words(answer(boss, f"{PAGE}?track"))
    assert f'href="{PAGE}pairs.csv?track"' in answer(boss, f"{PAGE}?track").content.decode()
    assert table(boss, f"{PAGE}strengths.csv?track")[0]["judgments"] == "8"


def test_the_files_have_all_limits_and_run_nothing_in_a_spreadsheet(
    campaign: Campaign, variants: tuple[Variant, Variant]
) -> None:
    boss = factories.manager(collected(campaign, variants))
    strongest, weakest = table(boss, f"{PAGE}strengths.csv")
    assert (strongest["model"], weakest["model"]) == ("chat-v2", "'=chat-v1")
    assert float(strongest["plain_low"]) < float(strongest["plain"]) == pytest.approx(0.5493, abs=1e-4)
    (pair,) = table(boss, f"{PAGE}pairs.csv")
    assert (pair["model"], pair["judgments_between"], pair["points"]) == ("chat-v2", "4", "3.0")
    assert answer(boss, f"{PAGE}nothing.csv").status_code == 404


def test_only_managers_of_the_campaign_see_it_since_it_names_variants(
    campaign: Campaign, variants: tuple[Variant, Variant]
) -> None:
    collected(campaign, variants)
    others = [factories.annotator(campaign), factories.reviewer(campaign), factories.manager(factories.campaign())]
    for address in (PAGE, f"{PAGE}?track", f"{PAGE}pairs.csv", f"{PAGE}strengths.csv?track"):
        for person in others:
            got = answer(person, address)
            assert got.status_code == 403 and "chat-v" not in got.content.decode()


def test_an_evaluation_is_no_ordinary_collection() -> None:
    made = factories.campaign(kind=Kind.EVALUATION, scale=Scale.SEVEN_POINT)
    assert answer(factories.manager(made), f"/campaigns/{made.slug}/ranking/").status_code == 404
