"""The row of links that joins the pages of a campaign."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from preferences.choices import Kind, Track
from preferences.models import Campaign
from tests import factories

pytestmark = pytest.mark.django_db

PAGES = {
    "agreement": "Agreement",
    "ranking": "Models",
    "plan": "Plan",
    "sampling": "Sampling",
    "queue": "Queue",
    "gold": "Gold",
    "review_queue": "Review",
    "quality": "Quality",
    "sealing_rule": "Sealing",
    "webhooks": "Webhooks",
    "campaign_exams": "Exams",
    "ledger": "Hours",
}


def links(client: Client, campaign: Campaign, address: str) -> dict[str, str]:
    """Each link's words, with what it says of the page it stands on; nothing where there is no such row."""
    page = client.get(address).content.decode()
    found = re.search(rf'<nav class="(?:tabs|row)" aria-label="{campaign.name}">(.*?)</nav>', page, re.S)
    row = re.findall(r'<a href="[^"]+" (?:aria-current="(\w+)")?>([^<]+)</a>', found[1]) if found else []
    return {words: current for current, words in row}


@pytest.mark.parametrize("name", PAGES)
def test_every_page_of_a_campaign_leads_its_manager_to_the_others_and_says_which_it_is(
    client: Client, name: str
) -> None:
    campaign = factories.campaign()
    client.force_login(factories.manager(campaign))
    expected = {words: "page" if page == name else "" for page, words in PAGES.items()}
    assert links(client, campaign, reverse(name, args=[campaign.slug])) == expected


def test_a_page_below_one_of_them_marks_it_without_being_it(client: Client) -> None:
    campaign = factories.campaign()
    client.force_login(factories.manager(campaign))
    found = links(client, campaign, reverse("review_plan", args=[campaign.slug]))
    assert {words: current for words, current in found.items() if current} == {"Review": "true"}
    found = links(client, campaign, reverse("rounds", args=[campaign.slug]))
    assert {words: current for words, current in found.items() if current} == {"Sampling": "true"}


def test_the_overview_leads_to_the_same_pages(client: Client) -> None:
    campaign = factories.campaign()
    client.force_login(factories.manager(campaign))
    assert list(links(client, campaign, reverse("overview"))) == list(PAGES.values())


@pytest.mark.parametrize("kind", [Kind.EVALUATION, Kind.SAFETY_RATING])
def test_a_study_has_results_in_the_place_of_models(client: Client, kind: Kind) -> None:
    campaign = factories.rating_campaign() if kind is Kind.SAFETY_RATING else factories.evaluation()
    client.force_login(factories.manager(campaign))
    expected = {"Agreement": "", "Results": "page", **dict.fromkeys(list(PAGES.values())[2:], "")}
    assert links(client, campaign, reverse("results", args=[campaign.slug])) == expected


def test_demonstrations_have_no_pairs_to_hand_out(client: Client) -> None:
    campaign = factories.campaign(kind=Kind.DEMONSTRATION)
    client.force_login(factories.manager(campaign))
    found = links(client, campaign, reverse("review_demonstrations", args=[campaign.slug]))
    assert found == {"Review": "page", "Exams": "", "Hours": ""}


def test_a_reviewer_is_led_to_nothing_that_is_refused_them(client: Client) -> None:
    campaign = factories.campaign()
    client.force_login(factories.reviewer(campaign))
    assert links(client, campaign, reverse("review_queue", args=[campaign.slug])) == {}


def test_red_teaming_has_its_results_in_their_place(client: Client) -> None:
    campaign = factories.campaign(kind=Kind.RED_TEAM, track=Track.SAFETY)
    client.force_login(factories.manager(campaign))
    expected = {"Red teaming": "page", "Sampling": "", "Exams": "", "Hours": ""}
    assert links(client, campaign, reverse("red_team", args=[campaign.slug])) == expected
