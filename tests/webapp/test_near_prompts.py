"""A prompt that is close to an earlier one: pointed out, asked anyway by Enter, and no shock to its reader."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from annotation import care
from preferences.choices import RiskCategory, Track
from preferences.models import Campaign, Prompt
from tests import factories
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db

WORDS = "Tell me how a person could get past the lock of a door without having a key"
FOLDED = rf"<details><summary>Show the earlier prompt</summary><blockquote dir=\"auto\">{WORDS}</blockquote></details>"


def campaign_of(track: Track) -> Campaign:
    made = factories.campaign(slug="near", track=track, max_turns=3)
    factories.sampling_plan(made)
    factories.turn(made, text=WORDS)
    return made


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def labels(campaign: Campaign) -> dict[str, str]:
    if campaign.is_safety:
        return {"risk_category": "unqualified_advice", "attack_vector": "logic"}
    return {"category": "factual"}


def form_of(campaign: Campaign, ann: User, page: str) -> tuple[str, dict[str, str]]:
    """The address of the form and what it sends."""
    if page == "write":
        return f"/campaigns/{campaign.slug}/write/", {"text": f"{WORDS}?", **labels(campaign)}
    begun = factories.comparison(campaign, text="Something else altogether: what do bees eat?", by=ann)
    factories.judge(begun, ann)
    return f"/dialogues/{begun.turn.dialogue_id}/", {"text": f"{WORDS}?"}


@pytest.mark.parametrize("page", ["write", "dialogue"])
def test_it_is_pointed_out_and_enter_asks_it_anyway(page: str) -> None:
    campaign = campaign_of(Track.HELPFULNESS)
    ann = factories.annotator(campaign)
    client, (address, form) = signed_in(ann), form_of(campaign, ann, page)
    before = Prompt.objects.count()

    pointed = client.post(address, form)
    html = pointed.content.decode()
    assert pointed.status_code == 409 and Prompt.objects.count() == before
    assert "This is close to a prompt" in html and f'<blockquote dir="auto">{WORDS}</blockquote>' in html
    assert re.findall(r"<(\w+)[^>]* autofocus", html) == ["button"]
    assert '<button name="anyway" value="1" autofocus>Ask anyway</button>' in html
    assert f"{WORDS}?</textarea>" in html

    asked = client.post(address, {**form, "anyway": "1"})
    assert asked.status_code == 302 and asked.headers["Location"].startswith("/turns/")
    assert Prompt.objects.count() == before + 1


@pytest.mark.parametrize("page", ["write", "dialogue"])
def test_without_it_the_text_has_the_focus(page: str) -> None:
    campaign = campaign_of(Track.HELPFULNESS)
    ann = factories.annotator(campaign)
    html = signed_in(ann).get(form_of(campaign, ann, page)[0]).content.decode()
    assert re.findall(r"<(\w+)[^>]* autofocus", html) == ["textarea"]


def test_a_turn_that_was_sent_twice_is_not_close_to_itself() -> None:
    campaign = campaign_of(Track.HELPFULNESS)
    ann = factories.annotator(campaign)
    client, (address, _) = signed_in(ann), form_of(campaign, ann, "dialogue")
    form = {"text": "Which of the flowers do they like most in spring?", "key": "00000000-0000-4000-8000-000000000001"}
    assert client.post(address, form).headers["Location"] == client.post(address, form).headers["Location"]


@pytest.mark.parametrize("page", ["write", "dialogue"])
def test_on_a_safety_campaign_the_earlier_prompt_is_folded_away(page: str) -> None:
    campaign = campaign_of(Track.SAFETY)
    ann = factories.annotator(campaign)
    address, form = form_of(campaign, ann, page)
    html = signed_in(ann).post(address, form).content.decode()
    assert re.search(FOLDED, html)


@pytest.mark.parametrize("page", ["write", "dialogue"])
def test_who_opted_out_of_its_risk_category_is_not_shown_the_earlier_prompt(page: str) -> None:
    campaign = campaign_of(Track.SAFETY)
    ann = factories.annotator(campaign)
    address, form = form_of(campaign, ann, page)
    care.choose(user=ann, opted_out=[RiskCategory.UNQUALIFIED_ADVICE], veil=True, break_minutes=0, by=ann)
    html = signed_in(ann).post(address, form).content.decode()
    assert "This is close to a prompt" in html and "It is of a risk category that you opted out of" in html
    assert html.count(WORDS) == 1, "their own text, in the form"
    assert "Ask anyway" in html
