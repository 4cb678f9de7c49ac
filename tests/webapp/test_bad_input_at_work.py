"""Bad input at the workplace: each gets a sentence in its place, keeps what was typed, and never a 500."""

from __future__ import annotations

import html
import uuid
from urllib.parse import urlencode

import pytest
from django.http import HttpResponse
from django.test import Client

from annotation import drafts, memberships, queue
from annotation.models import Assignment, Draft, Role
from preferences.choices import Track
from preferences.models import Campaign, Comparison, Flag, Judgment, Prompt
from tests import factories
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db

LONG = "x" * 100_000
OVERRIDES = "left \u202eright\u202c \u2066isolated\u2069"
MARKUP = "<script>alert(1)</script><img src=x onerror=alert(1)>"
LINK = "[click](javascript:alert(1)) and <javascript:alert(1)>"
LATEX = "$" + "{" * 20_000 + "x" + "}" * 20_000 + "$ and $$" + r"\frac{" * 5_000 + "$$"
HTMX = {"HX-Request": "true"}
FORM = {"text": "How much is too much?", "risk_category": "unqualified_advice", "attack_vector": "logic"}

STORABLE = {"overrides": OVERRIDES, "markup": MARKUP, "link": LINK}
REFUSED = {"NUL": "before\x00after", "too long": LONG}


@pytest.fixture
def campaign() -> Campaign:
    campaign = factories.campaign(slug="odd", track=Track.SAFETY, max_turns=3)
    factories.sampling_plan(campaign)
    return campaign


@pytest.fixture
def ann(campaign: Campaign) -> User:
    return factories.annotator(campaign, "ann")


@pytest.fixture
def client(ann: User) -> Client:
    client = Client()
    client.force_login(ann)
    return client


@pytest.fixture
def page(client: Client, campaign: Campaign) -> str:
    factories.comparison(campaign)
    return client.post("/campaigns/odd/start/").url


def answer(**fields: str) -> dict[str, str]:
    return {"verdict": "2", "safety_left": "4", "safety_right": "4", **fields}


def shows(response: HttpResponse, text: str) -> bool:
    return html.escape(text.strip().replace("\x00", "")) in response.content.decode().replace("\x00", "")


@pytest.mark.parametrize("name", STORABLE)
def test_odd_words_in_a_rationale_are_stored_as_they_are_and_shown_as_text(
    client: Client, page: str, name: str
) -> None:
    assert client.post(page, answer(rationale=STORABLE[name])).status_code == 302
    assert Judgment.objects.get().rationale == STORABLE[name]
    assert shows(client.get(page), STORABLE[name])


@pytest.mark.parametrize("name", REFUSED)
def test_a_rationale_that_cannot_be_stored_is_refused_and_kept(client: Client, page: str, name: str) -> None:
    refused = client.post(page, answer(rationale=REFUSED[name]), headers=HTMX)
    assert refused.status_code == 422
    assert "The rationale" in refused.content.decode()
    assert shows(refused, REFUSED[name])
    assert refused.content.decode().count(" checked") == 3
    assert not Judgment.objects.exists()


def test_a_required_rationale_that_is_missing_is_asked_for() -> None:
    campaign = factories.campaign(rationale="required", slug="why")
    factories.comparison(campaign)
    client = Client()
    client.force_login(factories.annotator(campaign))
    page = client.post("/campaigns/why/start/").url
    refused = client.post(page, {"verdict": "3", "rationale": "  "})
    assert (refused.status_code, Judgment.objects.count()) == (422, 0)
    assert "The rationale is empty" in refused.content.decode()
    assert client.post(page, {"verdict": "3", "rationale": "Shorter."}).status_code == 302


@pytest.mark.parametrize("surrogates", [b"\xed\xa0\x80", b"\xff\xfe"])
def test_bytes_that_are_no_text_get_a_sentence(client: Client, page: str, surrogates: bytes) -> None:
    body = urlencode({**answer(), "rationale": surrogates})
    refused = client.post(page, body, content_type="application/x-www-form-urlencoded")
    assert refused.status_code == 422
    assert "could not be read as UTF-8" in refused.content.decode()


@pytest.mark.parametrize("text", [OVERRIDES, MARKUP, LINK, LATEX], ids=["overrides", "markup", "link", "latex"])
def test_whatever_a_prompt_and_its_responses_hold_the_page_comes_and_is_harmless(
    client: Client, campaign: Campaign, text: str
) -> None:
    factories.comparison(campaign, text=text[:20_000], text_a=text, text_b=f"Other: {text}")
    shown = client.get(client.post("/campaigns/odd/start/").url)
    body = shown.content.decode()
    assert shown.status_code == 200
    for evil in ("<script>alert", "<img src=x", 'href="javascript', "onerror=alert(1)>"):
        assert evil not in body
    assert shows(shown, text)  # the raw text is there as text


@pytest.mark.parametrize("fields", [{}, {"verdict": ""}, {"verdict": "9"}, {"verdict": "x" * 5000}, {"verdict": "tie"}])
def test_a_verdict_that_is_none_is_refused(client: Client, page: str, fields: dict[str, str]) -> None:
    refused = client.post(page, {"safety_left": "4", "safety_right": "4", "rationale": "kept", **fields})
    assert refused.status_code == 422
    assert shows(refused, "kept")


@pytest.mark.parametrize("score", ["", "0", "6", "-1", "4.5", "٤", "9" * 30])
def test_a_safety_score_that_is_none_is_refused(client: Client, page: str, score: str) -> None:
    refused = client.post(page, answer(safety_left=score))
    assert refused.status_code == 422
    assert "safety score from 1 to 5" in refused.content.decode()
    assert not Judgment.objects.exists()


def test_what_a_browser_says_of_order_campaign_and_annotator_is_not_read(
    client: Client, page: str, campaign: Campaign, ann: User
) -> None:
    assignment = Assignment.objects.get()
    other = factories.campaign()
    forged = {
        "shown_left": assignment.left.other,
        "campaign": other.slug,
        "annotator": "1",
        "chosen": "b",
        "degree": "better",
        "comparison": "1",
        "guideline": "999",
        "active_seconds": "99999",
        "split": "train",
    }
    assert client.post(page, {**answer(), **forged}).status_code == 302
    judgment = Judgment.objects.get()
    assert (judgment.shown_left, judgment.chosen) == (assignment.shown_left, assignment.shown_left)
    assert (judgment.annotator, judgment.comparison.campaign) == (ann, campaign)
    assert judgment.active_seconds is not None and judgment.active_seconds < 60


def test_an_expired_lease_that_nobody_took_is_given_again_with_everything_that_was_chosen(
    client: Client, page: str
) -> None:
    factories.expire(Assignment.objects.get())
    late = client.post(page, answer(rationale="I thought long."), headers=HTMX)
    assert late.status_code == 409
    assert "it is yours again" in late.content.decode()
    assert shows(late, "I thought long.") and late.content.decode().count(" checked") == 3
    assert not Judgment.objects.exists()
    assert client.post(late["HX-Push-Url"], answer(rationale="I thought long."), headers=HTMX).status_code < 300
    assert Judgment.objects.get().rationale == "I thought long."


def test_an_expired_lease_that_somebody_took_says_so_and_keeps_the_draft(
    client: Client, page: str, campaign: Campaign, ann: User
) -> None:
    factories.expire(Assignment.objects.get())
    assert queue.claim(campaign=campaign, by=factories.annotator(campaign)) is not None
    late = client.post(page, answer(rationale="I thought long."), headers=HTMX)
    assert late.status_code == 409
    assert "Others have taken this comparison" in late.content.decode()
    assert shows(late, "I thought long.")
    kept = drafts.find(about=Comparison.objects.get(), by=ann).fields
    assert kept["rationale"] == "I thought long." and kept["verdict"] == "2"
    assert not Judgment.objects.exists()


def test_nobody_reaches_anothers_work_by_its_key(page: str, campaign: Campaign) -> None:
    mallory = Client()
    mallory.force_login(factories.annotator(campaign, "mallory"))
    for part in ("", "skip/", "flag/", "heartbeat/", "reclaim/", "edit/", "edit/draft/"):
        sent = mallory.post(f"{page}{part}", answer(reason="other", text="mine"))
        assert sent.status_code in {403, 404}, part
    for part in ("", "guideline/", "edit/"):
        assert mallory.get(f"{page}{part}").status_code == 404, part
    assert (Judgment.objects.count(), Flag.objects.count(), Draft.objects.count()) == (0, 0, 0)


@pytest.mark.parametrize("part", ["draft/", ""])
def test_nobody_reaches_anothers_dialogue(client: Client, campaign: Campaign, part: str) -> None:
    theirs = factories.turn(campaign, by=factories.annotator(campaign)).dialogue_id
    assert client.post(f"/dialogues/{theirs}/{part}", {"text": "mine now"}).status_code == 404
    assert not Draft.objects.exists()


@pytest.mark.parametrize("key", ["", "none", "x" * 1000, "0f86bcb0-e24a-4fd3-be3a-bc4f9e6dc6a9"])
def test_a_prompts_form_without_a_key_of_its_own_is_taken_all_the_same(client: Client, key: str) -> None:
    form = {
        "text": "How much is too much?",
        "risk_category": "unqualified_advice",
        "attack_vector": "logic",
        "key": key,
    }
    assert client.post("/campaigns/odd/write/", form).status_code == 302
    assert Prompt.objects.count() == 1


def test_a_prompts_form_sent_twice_is_one_prompt_with_one_pair(client: Client) -> None:
    form = {**FORM, "key": str(uuid.uuid4())}
    first, second = (client.post("/campaigns/odd/write/", form) for _ in range(2))
    assert first.url == second.url
    assert Prompt.objects.get().turns.get().sampling_runs.count() == 2


def test_the_key_of_somebody_elses_form_gives_a_sentence_and_nothing_of_theirs(
    client: Client, campaign: Campaign
) -> None:
    theirs = factories.turn(campaign, by=factories.annotator(campaign), text="Their secret")
    refused = client.post("/campaigns/odd/write/", {**FORM, "key": str(theirs.prompt.key)})
    assert refused.status_code == 409
    assert "belongs to somebody else" in refused.content.decode()
    assert "secret" not in refused.content.decode() and shows(refused, FORM["text"])
    assert Prompt.objects.count() == 1


def test_a_near_duplicate_is_pointed_out_and_may_be_asked_anyway(client: Client, campaign: Campaign) -> None:
    words = "Tell me how a person could get past the lock of a neighbour's door without a key"
    factories.turn(campaign, text=words)
    form = {"text": f"{words}?", "risk_category": "illicit_and_criminal", "attack_vector": "logic"}
    pointed = client.post("/campaigns/odd/write/", form)
    assert pointed.status_code == 409
    assert shows(pointed, words) and shows(pointed, f"{words}?")
    assert "close to a prompt" in pointed.content.decode()
    assert Prompt.objects.count() == 1
    assert client.post("/campaigns/odd/write/", {**form, "anyway": "1"}).status_code == 302
    assert Prompt.objects.count() == 2


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"break_minutes": "soon"}, "Write the minutes"),
        ({"break_minutes": "-5"}, "Write the minutes"),
        ({"break_minutes": "9999"}, "Write the minutes"),
        ({"break_minutes": "50", "opted_out": "everything"}, "does not exist"),
    ],
)
def test_odd_settings_get_a_sentence(client: Client, fields: dict[str, str], sentence: str) -> None:
    refused = client.post("/settings/", fields)
    assert refused.status_code == 422
    assert sentence in refused.content.decode()
    assert shows(refused, fields["break_minutes"])


@pytest.mark.parametrize("fields", [{}, {"reason": "because"}, {"reason": "other", "note": "n" * 3000}])
def test_a_skip_or_flag_that_cannot_be_is_refused_with_a_sentence(
    client: Client, page: str, fields: dict[str, str]
) -> None:
    for part in ("skip/", "flag/"):
        refused = client.post(f"{page}{part}", fields)
        assert refused.status_code == 422, part
        assert 'role="alert"' in refused.content.decode()
    assert Assignment.objects.get().status == "active"
    assert not Flag.objects.exists()


@pytest.mark.parametrize("version", ["", "0", "2", "latest", "9" * 40])
def test_a_guideline_version_that_is_not_the_current_one_is_not_taken_as_read(campaign: Campaign, version: str) -> None:
    newcomer = factories.user()
    memberships.add(user=newcomer, campaign=campaign, role=Role.ANNOTATOR, by=None)
    client = Client()
    client.force_login(newcomer)
    assert client.post("/campaigns/odd/guideline/", {"version": version}).status_code == 409
    assert client.post("/campaigns/odd/start/").url == "/campaigns/odd/guideline/?then=start"


@pytest.mark.parametrize("last", ["", "x", "1", "<script>", "\x00", "5c8cdc61-f982-4c51-9abe-f1661581f542"])
def test_whatever_the_address_calls_last_the_page_comes(client: Client, page: str, last: str) -> None:
    shown = client.get(page, {"last": last})
    assert shown.status_code == 200
    assert "<script>" not in shown.content.decode().replace("<script type", "")


def test_a_heartbeat_keeps_whatever_is_typed(client: Client, page: str, ann: User) -> None:
    for text in (*STORABLE.values(), *REFUSED.values(), "a\ud800b", "\r\n"):
        sent = client.post(
            f"{page}heartbeat/", {"rationale": text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")}
        )
        assert sent.status_code == 200, text[:20]
        assert sent.json()["seconds"] > 0
    assert drafts.find(about=Comparison.objects.get(), by=ann).fields == {}  # white space alone is nothing
