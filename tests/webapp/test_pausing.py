"""What a person whose work is paused meets on the pages: a sentence at each door, and all that they typed."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from django.test import Client

from annotation.models import Draft
from preferences.models import Campaign, Dialogue, Judgment, Prompt
from tests import factories
from tests.annotation.test_pausing import everywhere, here, resumed
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db

SENTENCE = "Nothing of yours is lost, and what you write is kept as a draft"
both = pytest.mark.parametrize("pause", [everywhere, here])
Pause = Callable[[User, Campaign], None]


@pytest.fixture
def campaign() -> Campaign:
    return factories.live_campaign(slug="words", max_turns=3)


@pytest.fixture
def ann(campaign: Campaign) -> User:
    return factories.annotator(campaign, "ann")


@pytest.fixture
def client(ann: User) -> Client:
    client = Client()
    client.force_login(ann)
    return client


@both
def test_a_verdict_is_refused_stays_on_the_page_and_is_sent_when_it_goes_on(
    campaign: Campaign, ann: User, client: Client, pause: Pause
) -> None:
    held = factories.assignment(campaign, ann)
    pause(ann, campaign)
    sent = {"verdict": "3", "rationale": "Because of the second paragraph."}
    answer = client.post(f"/compare/{held.key}/", sent, headers={"HX-Request": "true"})
    html = answer.content.decode()
    assert answer.status_code == 403 and SENTENCE in html
    assert 'value="3" required checked' in html and sent["rationale"] in html
    assert Draft.objects.get().fields == sent and not Judgment.objects.exists()
    resumed(ann, campaign)
    again = client.get(f"/campaigns/{campaign.slug}/next/")
    assert sent["rationale"] in client.get(again.url).content.decode()
    client.post(again.url, sent)
    assert Judgment.objects.get().rationale == sent["rationale"]


@both
def test_a_heartbeat_says_it_and_keeps_the_draft(campaign: Campaign, ann: User, client: Client, pause: Pause) -> None:
    held = factories.assignment(campaign, ann)
    pause(ann, campaign)
    answer = client.post(f"/compare/{held.key}/heartbeat/", {"rationale": "Half a thought"})
    assert answer.status_code == 409 and SENTENCE in answer.json()["message"]
    assert Draft.objects.get().fields == {"rationale": "Half a thought"}


@both
def test_a_prompt_and_a_turn_are_refused_and_kept(campaign: Campaign, ann: User, client: Client, pause: Pause) -> None:
    comparison = factories.comparison(campaign, by=ann)
    factories.judge(comparison, ann)
    dialogue = Dialogue.objects.get()
    pause(ann, campaign)
    before = Prompt.objects.count()
    for address in ("/campaigns/words/write/", f"/dialogues/{dialogue.pk}/"):
        sent = {"text": f"Would anybody ever ask {uuid.uuid4()}?", "category": "factual"}
        answer = client.post(address, sent)
        assert answer.status_code == 403
        assert SENTENCE in answer.content.decode() and sent["text"] in answer.content.decode()
        assert Draft.objects.latest("pk").fields["text"] == sent["text"]
        assert client.post(f"{address}draft/", {"text": "Written on."}).status_code == 200
        assert Draft.objects.latest("pk").fields == {"text": "Written on."}
    assert Prompt.objects.count() == before


@both
def test_every_other_door_says_it_too(campaign: Campaign, ann: User, client: Client, pause: Pause) -> None:
    ready, failed = factories.turn(campaign, by=ann), factories.turn(campaign, by=ann)
    factories.comparison(of=ready)
    stored = factories.submitted_assignment(campaign, ann)
    pause(ann, campaign)
    for method, address in [
        ("post", "/campaigns/words/start/"),
        ("get", "/campaigns/words/next/"),
        ("get", "/campaigns/words/write/"),
        ("post", f"/turns/{ready.pk}/open/"),
        ("post", f"/turns/{failed.pk}/retry/"),
        ("post", f"/compare/{stored.key}/reclaim/"),
    ]:
        answer = getattr(client, method)(address)
        assert answer.status_code == 403, address
        assert SENTENCE in answer.content.decode(), address


@both
def test_what_only_shows_stays_open(campaign: Campaign, ann: User, client: Client, pause: Pause) -> None:
    held = factories.assignment(campaign, ann)
    pause(ann, campaign)
    assert client.get("/campaigns/words/guideline/").status_code == 200
    for address in ("/", f"/compare/{held.key}/", "/campaigns/words/done/"):
        answer = client.get(address)
        html = answer.content.decode()
        assert answer.status_code == 200 and html.count(SENTENCE) == 1, address
        assert "/campaigns/words/start/" not in html and "reclaim" not in html, address


def test_a_stranger_still_meets_a_closed_door_and_leaves_no_draft(campaign: Campaign) -> None:
    client = Client()
    client.force_login(factories.user())
    for address in ("/campaigns/words/write/", "/campaigns/words/write/draft/"):
        answer = client.post(address, {"text": "Let me in", "category": "factual"})
        assert answer.status_code == 403 and "You are not an annotator of" in answer.content.decode()
    assert not Draft.objects.exists()
