"""A live dialogue is found again, and says why it is over where it is."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotation import gold
from annotation.models import Membership
from preferences.actions import campaigns, comparisons, dialogues
from preferences.choices import Chosen, Degree, Track
from preferences.models import Campaign, Comparison, Dialogue, Turn
from preferences.scales import Verdict
from tests import factories
from webapp.accounts.models import User
from webapp.pages.own_dialogues import MOST, own_dialogues

pytestmark = pytest.mark.django_db

ARABIC = "ما هي عاصمة فرنسا؟"


@pytest.fixture
def campaign() -> Campaign:
    return factories.live_campaign(slug="live", max_turns=2)


@pytest.fixture
def ann(campaign: Campaign) -> User:
    return factories.annotator(campaign)


@pytest.fixture
def client(ann: User) -> Client:
    client = Client()
    client.force_login(ann)
    return client


def sampling(campaign: Campaign, author: User) -> Turn:
    return factories.turn(campaign, by=author)


def failed(campaign: Campaign, author: User) -> Turn:
    turn = factories.turn(campaign, by=author)
    comparisons.fail_turn(turn=turn, reason="The model returned an empty answer.")
    return turn


def ready(campaign: Campaign, author: User) -> Turn:
    return factories.comparison(campaign, by=author).turn


def chosen(campaign: Campaign, author: User) -> Turn:
    turn = ready(campaign, author)
    factories.judge(turn.comparisons.get(), author)
    return turn


def neither(comparison: Comparison, by: User) -> None:
    guideline = comparison.campaign.guidelines.get()
    slot = factories.leased_slot(comparison)
    factories.record(slot, by=by, verdict=Verdict(Chosen.NEITHER, None), guideline=guideline)


def unchosen(campaign: Campaign, author: User) -> Turn:
    turn = ready(campaign, author)
    neither(turn.comparisons.get(), author)
    return turn


def complete(campaign: Campaign, author: User) -> Turn:
    last = factories.dialogue_turns(campaign, ["What is a fig?", "And a date?"], by=author)[-1]
    factories.judge(factories.comparison(of=last), author)
    return last


def ended(campaign: Campaign, author: User) -> Turn:
    turn = chosen(campaign, author)
    dialogues.end(dialogue=turn.dialogue, by=author)
    return turn


def judged_by_others(campaign: Campaign, author: User) -> Turn:
    turn = ready(campaign, author)
    factories.judge(turn.comparisons.get())
    return turn


@pytest.mark.parametrize(
    ("make", "words", "page"),
    [
        (sampling, "Both models are answering", "turns"),
        (failed, "Sampling failed: try again", "turns"),
        (ready, "Both answers are ready: compare them", "turns"),
        (chosen, "Waiting for your next message", "dialogues"),
    ],
)
@pytest.mark.parametrize("address", ["/", "/campaigns/live/done/", "/campaigns/live/write/"])
def test_three_pages_lead_back_to_a_dialogue_and_say_what_it_waits_for(
    client: Client, campaign: Campaign, ann: User, address: str, make: Callable[..., Turn], words: str, page: str
) -> None:
    turn = make(campaign, ann)
    html = client.get(address).content.decode()
    target = f"/turns/{turn.pk}/" if page == "turns" else f"/dialogues/{turn.dialogue_id}/"
    assert "Your dialogues" in html and turn.prompt.text in html
    assert f'<a href="{target}">{words}</a>' in html
    assert client.get(target).status_code == 200


def judged_by_others_and_gold(campaign: Campaign, author: User) -> Turn:
    turn = judged_by_others(campaign, author)
    gold.make(original=turn.comparisons.get(), verdict=Verdict(Chosen.A, Degree.BETTER), reason="It is right.", by=None)
    return turn


@pytest.mark.parametrize("make", [unchosen, complete, ended, judged_by_others, judged_by_others_and_gold])
def test_a_dialogue_that_cannot_go_on_is_not_among_them(
    client: Client, campaign: Campaign, ann: User, make: Callable[..., Turn]
) -> None:
    make(campaign, ann)
    assert own_dialogues(ann) == []
    assert "Your dialogues" not in client.get("/").content.decode()


def test_only_the_last_turn_of_a_dialogue_counts(campaign: Campaign, ann: User) -> None:
    factories.dialogue_turns(campaign, ["What is a fig?", "And a date?"], by=ann)
    assert [found.beginning for found in own_dialogues(ann)] == ["And a date?"]


def test_somebody_elses_dialogues_are_not_shown(campaign: Campaign, ann: User) -> None:
    ready(campaign, factories.annotator(campaign))
    assert own_dialogues(ann) == []


def test_those_of_a_paused_campaign_or_of_one_that_the_person_left_are_not_shown(campaign: Campaign, ann: User) -> None:
    sampling(campaign, ann)
    assert len(own_dialogues(ann)) == 1
    Membership.objects.filter(user=ann).delete()
    assert own_dialogues(ann) == []
    campaigns.pause(campaign=campaign, by=None)
    boss = factories.user(is_superuser=True)
    assert own_dialogues(boss) == []


def test_the_newest_come_first_and_no_more_than_twenty_in_two_queries(campaign: Campaign, ann: User) -> None:
    turns = [make(campaign, ann) for make in [sampling, failed, ready, chosen] * 6]
    with CaptureQueriesContext(connection) as captured:
        found = own_dialogues(ann)
    assert [one.beginning for one in found] == [turn.prompt.text for turn in reversed(turns)][:MOST]
    assert len(captured) == 2


def test_a_prompt_is_shown_by_its_beginning_in_its_own_direction(client: Client, campaign: Campaign, ann: User) -> None:
    factories.turn(campaign, text=f"{ARABIC} {'x' * 300}", by=ann)
    (found,) = own_dialogues(ann)
    assert len(found.beginning) == 100
    assert f'<div dir="auto">{ARABIC} xxx' in client.get("/").content.decode()


def test_on_a_safety_campaign_the_prompt_is_folded_away(client: Client, ann: User) -> None:
    campaign = factories.campaign(slug="safe", track=Track.SAFETY)
    Membership.objects.create(user=ann, campaign=campaign, role="annotator")
    turn = sampling(campaign, ann)
    html = client.get("/").content.decode()
    assert re.search(rf"<details>.*Show your prompt.*{re.escape(turn.prompt.text)}.*</details>", html)
    assert f'<a href="/turns/{turn.pk}/">' in html


def test_a_complete_dialogue_says_so(client: Client, campaign: Campaign, ann: User) -> None:
    turn = complete(campaign, ann)
    page = client.get(f"/dialogues/{turn.dialogue_id}/", follow=True)
    assert page.redirect_chain == [("/campaigns/live/write/?over=complete", 302)]
    assert "The dialogue is complete." in page.content.decode()


def test_an_ended_dialogue_says_so(client: Client, campaign: Campaign, ann: User) -> None:
    page = client.get(f"/dialogues/{ended(campaign, ann).dialogue_id}/", follow=True)
    assert "You ended this dialogue." in page.content.decode()


def test_a_dialogue_without_a_choice_says_so_and_undo_takes_it_up_again(
    client: Client, campaign: Campaign, ann: User
) -> None:
    turn = ready(campaign, ann)
    pair = client.post(f"/turns/{turn.pk}/open/").headers["Location"]
    page = client.post(pair, {"verdict": "neither"}, follow=True)
    html = page.content.decode()
    assert page.redirect_chain[-1][0].startswith("/campaigns/live/write/?last=")
    assert "No response was chosen, so the dialogue ends here. Undo to change that." in html
    assert f'<a href="{pair}"' in html

    page = client.post(pair, {"verdict": "1", "revision": "0"}, follow=True)
    assert page.redirect_chain[-1][0].startswith(f"/dialogues/{turn.dialogue_id}/")
    assert "Go on with the dialogue" in page.content.decode()
    assert [found.waits_for for found in own_dialogues(ann)] == ["Waiting for your next message"]


def test_without_an_undo_on_the_page_none_is_spoken_of(client: Client, campaign: Campaign, ann: User) -> None:
    page = client.get(f"/dialogues/{unchosen(campaign, ann).dialogue_id}/", follow=True)
    html = page.content.decode()
    assert "No response was chosen, so the dialogue ends here." in html and "Undo" not in html


def test_where_a_dialogue_has_one_turn_its_end_is_no_news(client: Client, ann: User) -> None:
    single = factories.campaign(slug="single")
    Membership.objects.create(user=ann, campaign=single, role="annotator")
    turn = chosen(single, ann)
    assert client.get(f"/dialogues/{turn.dialogue_id}/").headers["Location"] == "/campaigns/single/write/"


@pytest.mark.parametrize("make", [sampling, failed, ready])
def test_the_page_of_a_dialogue_that_waits_for_a_pair_leads_to_the_pair(
    client: Client, campaign: Campaign, ann: User, make: Callable[..., Turn]
) -> None:
    turn = make(campaign, ann)
    assert client.get(f"/dialogues/{turn.dialogue_id}/").headers["Location"] == f"/turns/{turn.pk}/"


def test_whatever_the_address_says_of_an_end_the_write_page_comes(client: Client, campaign: Campaign) -> None:
    page = client.get("/campaigns/live/write/?over=<b>")
    assert page.status_code == 200 and "<b>" not in page.content.decode()
    assert not Dialogue.objects.exists()
