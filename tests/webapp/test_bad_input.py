"""Bad input gets a sentence in its place, keeps what was typed, and never a 500."""

from __future__ import annotations

import uuid
from urllib.parse import quote

import pytest
from django.test import Client

from annotation import queue
from preferences.choices import Track
from preferences.models import Campaign, Judgment, Prompt
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign() -> Campaign:
    campaign = factories.campaign(slug="words")
    factories.sampling_plan(campaign)
    return campaign


@pytest.fixture
def alice(campaign: Campaign) -> Client:
    client = Client()
    client.force_login(factories.annotator(campaign, "alice"))
    return client


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "The prompt is empty"),
        ("  \n\t ", "The prompt is empty"),
        ("x" * 200_000, "The prompt has 200,000 characters and the limit is 20,000"),
        ("before\x00after", "contains a NUL character"),
    ],
)
def test_a_bad_prompt_gets_a_sentence_and_is_kept(alice: Client, text: str, sentence: str) -> None:
    answer = alice.post("/campaigns/words/write/", {"text": text, "category": "factual"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert text.strip().replace("\x00", "") in page.replace("\x00", "")
    assert '<option value="factual" selected>' in page
    assert not Prompt.objects.exists()


@pytest.mark.parametrize("bytes_sent", [b"\xff\xfe", b"\xed\xa0\x80", b"caf\xe9"])
def test_a_prompt_that_is_not_utf_8_gets_a_sentence(alice: Client, bytes_sent: bytes) -> None:
    body = f"category=factual&text={quote(bytes_sent)}"
    answer = alice.post("/campaigns/words/write/", body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 422
    assert "could not be read as UTF-8" in answer.content.decode()
    assert not Prompt.objects.exists()


@pytest.mark.parametrize("category", ["", "nonsense", "FACTUAL"])
def test_a_category_that_does_not_exist_gets_a_sentence(alice: Client, category: str) -> None:
    answer = alice.post("/campaigns/words/write/", {"text": "Hello?", "category": category})
    assert answer.status_code == 422
    assert "Choose the category" in answer.content.decode()


def test_a_body_larger_than_the_server_reads_gets_a_sentence(alice: Client) -> None:
    answer = alice.post("/campaigns/words/write/", {"text": "x" * 6_000_000, "category": "factual"})
    assert answer.status_code == 400
    assert "could not read this request" in answer.content.decode()


@pytest.mark.parametrize("place", ["", "0", "9", "-1", "1.5", "²", "one", "99999999999999999999"])
def test_a_verdict_off_the_row_gets_a_sentence(alice: Client, campaign: Campaign, place: str) -> None:
    factories.comparison(campaign)
    page = alice.post("/campaigns/words/start/").url
    answer = alice.post(page, {"verdict": place, "rationale": "what I typed"})
    assert answer.status_code == 422
    assert "Choose one of the" in answer.content.decode()
    assert "what I typed" in answer.content.decode()
    assert not Judgment.objects.exists()


def test_preferring_the_violating_response_says_which_of_the_two_to_change() -> None:
    campaign = factories.campaign(slug="safe", track=Track.SAFETY)
    factories.comparison(campaign)
    client = Client()
    client.force_login(factories.annotator(campaign))
    page = client.post("/campaigns/safe/start/").url
    answer = client.post(page, {"verdict": "2", "safety_left": "1", "safety_right": "4"})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "You prefer the left response but scored it as a violation" in text
    assert text.count("checked") == 3  # both scores and the verdict are still chosen


def test_somebody_elses_work_item_does_not_exist(alice: Client, campaign: Campaign) -> None:
    factories.comparison(campaign)
    bob = factories.annotator(campaign, "bob")
    key = queue.claim(campaign=campaign, by=bob).key
    for address in (f"/compare/{key}/", f"/compare/{key}/guideline/", f"/compare/{uuid.uuid4()}/"):
        assert alice.get(address).status_code == 404
    for address in (f"/compare/{key}/", f"/compare/{key}/skip/", f"/compare/{key}/heartbeat/"):
        assert alice.post(address, {"verdict": "1"}).status_code in {403, 404}
    assert not Judgment.objects.exists()


def test_another_persons_dialogue_and_turn_do_not_exist(alice: Client, campaign: Campaign) -> None:
    turn = factories.turn(campaign, by=factories.annotator(campaign, "bob"))
    assert alice.get(f"/turns/{turn.pk}/").status_code == 404
    assert alice.get(f"/dialogues/{turn.dialogue_id}/").status_code == 404
    assert alice.post(f"/turns/{turn.pk}/open/").status_code == 404


@pytest.mark.parametrize("address", ["/overview/", "/batches/"])
def test_the_managers_pages_are_not_for_annotators(alice: Client, address: str) -> None:
    assert alice.get(address).status_code == 403


def test_work_of_a_campaign_that_one_is_not_in_is_refused_with_a_sentence(alice: Client) -> None:
    factories.campaign(slug="other")
    answer = alice.post("/campaigns/other/start/")
    assert answer.status_code == 403
    assert "You are not an annotator of" in answer.content.decode()


def test_nobody_gets_anything_without_signing_in(campaign: Campaign) -> None:
    nobody = Client()
    for address in ("/", "/overview/", "/batches/", "/campaigns/words/write/", "/campaigns/words/done/"):
        answer = nobody.get(address)
        assert answer.status_code == 302
        assert answer.url.startswith("/sign-in/")


def test_a_page_that_does_not_exist_says_so(alice: Client) -> None:
    answer = alice.get("/nowhere/")
    assert answer.status_code == 404
    assert "There is nothing at this address" in answer.content.decode()


def test_a_manager_who_seals_what_is_no_week_or_campaign_gets_a_sentence(campaign: Campaign) -> None:
    olga = Client()
    olga.force_login(factories.manager(campaign))
    for week in ("", "2026-99", "\x00", "9999-W52"):
        answer = olga.post("/batches/", {"campaign": "words", "week": week})
        assert answer.status_code == 422
        assert "is not an ISO week" in answer.content.decode()
    answer = olga.post("/batches/", {"campaign": "words", "week": " 2026-W01"})
    assert answer["Location"] == "/campaigns/words/sealing/2026-W01/"
    assert olga.post(answer["Location"]).status_code == 409
    for slug in ("", "\x00", "none"):
        assert olga.post("/batches/", {"campaign": slug, "week": "2026-W48"}).status_code == 404


def test_a_sign_in_with_odd_characters_is_a_refusal() -> None:
    answer = Client().post("/sign-in/", {"login": "a\x00b", "password": "\x00"})
    assert answer.status_code == 200
    assert "do not belong together" in answer.content.decode()


def test_numbers_too_large_for_a_key_find_nothing(alice: Client) -> None:
    for address in (f"/turns/{10**30}/", f"/dialogues/{10**30}/"):
        assert alice.get(address).status_code == 404
