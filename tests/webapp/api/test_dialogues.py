"""Another front end for authors: write a prompt, wait, compare, go on, by the rules of the pages."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotation import drafts
from annotation.models import WritingTime
from preferences.actions import campaigns, comparisons, guidelines
from preferences.choices import Position
from preferences.models import Campaign, Dialogue, Event, Prompt, Turn
from tests import factories
from tests.concurrency import Beside, at_once
from tests.webapp.api.clients import program, refused
from webapp import live
from webapp.accounts.models import Scope, User
from workers.models import SamplingRun

pytestmark = pytest.mark.django_db
DIALOGUES, MINE, JSON = "/api/v1/dialogues/", "/api/v1/my/campaigns/", "application/json"
PROMPT = {"campaign": "live", "text": "Why is the sky blue?", "category": "factual"}
MOST_QUERIES_OF_A_LIST = 8


@pytest.fixture
def campaign() -> Campaign:
    return factories.live_campaign(slug="live", max_turns=2)


@pytest.fixture
def ann(campaign: Campaign) -> User:
    return factories.annotator(campaign)


@pytest.fixture
def client(ann: User) -> Client:
    return program(ann, Scope.JUDGE)


def post(client: Client, address: str, body: dict[str, Any] | None = None, **headers: str) -> Any:
    return client.post(address, body or {}, content_type=JSON, headers=headers)


def begun(client: Client, **changed: Any) -> dict[str, Any]:
    made = post(client, DIALOGUES, {**PROMPT, **changed})
    assert made.status_code == 201, made.content
    told: dict[str, Any] = made.json()
    return told


def answered(dialogue: dict[str, Any]) -> None:
    """Both models have answered the last turn."""
    turn = Turn.objects.filter(dialogue=dialogue["id"]).latest("index")
    first, second = (factories.response(turn=turn) for _ in Position)
    comparisons.open_pair(turn=turn, response_a=first, response_b=second)


def test_a_dialogue_goes_on_turn_by_turn(campaign: Campaign, ann: User, client: Client) -> None:
    told = begun(client, pasted=4)
    address = f"{DIALOGUES}{told['id']}/"
    assert (told["waits_for"], told["category"], told["turns"][0]["text"]) == ("models", "factual", PROMPT["text"])
    assert told["line"] == {"ahead": 0, "is_begun": False, "is_away": True} and Prompt.objects.get().pasted == 4
    assert SamplingRun.objects.count() == len(Position) and client.get(address).json() == told
    refused(post(client, f"{address}claim/"), 409, "conflict")
    refused(post(client, f"{address}turns/", {"text": "And?"}), 409, "conflict")
    answered(told)
    assert client.get(address).json()["waits_for"] == "verdict"
    claim = post(client, f"{address}claim/").json()
    assert claim["is_live"] and post(client, f"{address}claim/").json()["id"] == claim["id"]
    assert [message["content"] for message in claim["messages"]] == [PROMPT["text"]]
    chosen = next(one["text"] for one in claim["responses"] if one["side"] == "left")
    assert post(client, f"/api/v1/claims/{claim['id']}/judgment/", {"verdict": 1}).json()["next"] is None
    told = client.get(address).json()
    assert (told["waits_for"], told["turns"][0]["answer"], told["line"]) == ("message", chosen, None)
    further = post(client, f"{address}turns/", {"text": "And at night?"})
    assert further.status_code == 201 and further.json()["waits_for"] == "models"
    assert [turn["text"] for turn in further.json()["turns"]] == [PROMPT["text"], "And at night?"]
    answered(told)
    claim = post(client, f"{address}claim/").json()
    assert [message["content"] for message in claim["messages"]] == [PROMPT["text"], chosen, "And at night?"]
    post(client, f"/api/v1/claims/{claim['id']}/judgment/", {"verdict": 1})
    assert client.get(address).json()["waits_for"] is None
    refused(post(client, f"{address}turns/", {"text": "And then?"}), 409, "conflict")
    assert Turn.objects.count() == 2


def test_what_failed_is_asked_again_and_what_did_not_is_left(client: Client) -> None:
    told = begun(client)
    address = f"{DIALOGUES}{told['id']}/"
    assert post(client, f"{address}retry/").json() == told
    comparisons.fail_turn(turn=Turn.objects.get(), reason="The model returned an empty answer.")
    failed = client.get(address).json()
    assert (failed["waits_for"], failed["turns"][0]["failure"]) == ("retry", "The model returned an empty answer.")
    assert post(client, f"{address}retry/").json()["waits_for"] == "models"


def test_a_dialogue_that_is_ended_takes_no_more(client: Client) -> None:
    address = f"{DIALOGUES}{begun(client)['id']}/"
    for _ in range(2):
        ended = post(client, f"{address}end/").json()
        assert (ended["status"], ended["waits_for"]) == ("ended", None)
    refused(post(client, f"{address}turns/", {"text": "And?"}), 409, "conflict")


@pytest.mark.django_db(transaction=True)
def test_of_two_ends_at_once_the_second_finds_it_ended(client: Client, ann: User) -> None:
    dialogue = Dialogue.objects.get(pk=begun(client)["id"])
    with transaction.atomic():
        live.end(dialogue=dialogue, by=ann)
        beside = Beside(partial(live.end, dialogue=Dialogue(pk=dialogue.pk, author=ann), by=ann))
    assert beside.outcome() is None and Event.objects.filter(verb="dialogue.ended").count() == 1


def test_own_prompts_are_listed_newest_first_in_few_queries(client: Client, campaign: Campaign) -> None:
    assert client.get(DIALOGUES).json()["results"] == []
    made = [begun(client, text=f"What is {thing}?")["id"] for thing in ("love", "time", "a fjord")]
    begun(program(factories.annotator(campaign)), text="Whose is this?")
    post(client, f"{DIALOGUES}{made[0]}/end/")
    with CaptureQueriesContext(connection) as captured:
        listed = client.get(DIALOGUES).json()["results"]
    assert [one["id"] for one in listed] == made[::-1] and len(captured) <= MOST_QUERIES_OF_A_LIST
    assert [one["id"] for one in client.get(DIALOGUES, {"status": "ended"}).json()["results"]] == made[:1]
    assert client.get(DIALOGUES, {"campaign": "none"}).json()["results"] == []
    page = client.get(DIALOGUES, {"limit": 2}).json()
    assert [one["id"] for one in client.get(page["next"]).json()["results"]] == made[:1]
    refused(client.get(DIALOGUES, {"author": "me"}), 400, "invalid")


@pytest.mark.parametrize("end", ["", "turns/", "claim/", "retry/", "heartbeat/", "end/"])
def test_nobody_elses_dialogue_is_there(client: Client, campaign: Campaign, end: str) -> None:
    address = f"{DIALOGUES}{begun(client)['id']}/{end}"
    other = program(factories.annotator(campaign))
    body = {"turns/": {"text": "And?"}, "heartbeat/": {"draft": {"text": "And"}}}.get(end)
    refused(post(other, address, body) if end else other.get(address), 404, "not_found")
    assert Dialogue.objects.get().status == "open" and Turn.objects.count() == 1


@pytest.mark.parametrize(
    ("changed", "status", "fields"),
    [
        ({"text": ""}, 400, {"text"}),
        ({"text": "   "}, 422, {"text"}),
        ({"text": "x" * 1_000_000}, 400, {"text"}),
        ({"text": "\x00"}, 400, {"text"}),
        ({"category": "sports"}, 400, {"category"}),
        ({"second_category": "factual"}, 422, {"second_category"}),
        ({"author": "me", "history": []}, 400, {"author", "history"}),
    ],
    ids=["empty", "blank", "a megabyte", "nul", "no category", "twice the same", "unknown"],
)
def test_what_is_wrong_with_a_prompt_is_said_by_its_field(
    client: Client, changed: dict[str, Any], status: int, fields: set[str]
) -> None:
    assert set(refused(post(client, DIALOGUES, {**PROMPT, **changed}), status, "invalid")) == fields
    assert not Prompt.objects.exists()


def test_a_prompt_like_an_earlier_one_is_noticed_and_sent_anyway(client: Client, campaign: Campaign) -> None:
    text = "Why is the sky blue in the day and red in the evening over the sea?"
    begun(program(factories.annotator(campaign)), text=text)
    fields = refused(post(client, DIALOGUES, {**PROMPT, "text": f"{text} "}), 409, "noticed")
    assert text in fields["text"][0] and Prompt.objects.count() == 1
    begun(client, text=text, anyway=True)


def test_a_prompt_that_stands_in_an_evaluation_set_is_noticed(client: Client) -> None:
    found = factories.evaluation_set()
    fields = refused(post(client, DIALOGUES, {**PROMPT, "text": factories.QUESTION}), 409, "noticed")
    assert found.name in fields["text"][0] and not Prompt.objects.exists()


def test_who_may_not_write_does_not(client: Client, campaign: Campaign) -> None:
    refused(post(program(factories.user()), DIALOGUES, PROMPT), 403, "not_allowed")
    refused(post(client, DIALOGUES, {**PROMPT, "campaign": "none"}), 404, "not_found")
    attacked = factories.red_team_campaign()
    attacker = program(factories.annotator(attacked))
    refused(post(attacker, DIALOGUES, {**PROMPT, "campaign": attacked.slug}), 403, "not_allowed")
    campaigns.pause(campaign=campaign, by=None)
    refused(post(client, DIALOGUES, PROMPT), 409, "conflict")
    assert not Prompt.objects.exists()


def test_a_prompt_that_is_sent_twice_with_one_key_is_asked_once(client: Client) -> None:
    first, again = (post(client, DIALOGUES, PROMPT, **{"Idempotency-Key": "k"}) for _ in range(2))
    assert first.content == again.content and again["Idempotency-Replayed"] == "true"
    assert Dialogue.objects.count() == 1 and SamplingRun.objects.count() == len(Position)


@pytest.mark.django_db(transaction=True)
def test_of_two_next_turns_at_once_one_is_stored() -> None:
    campaign = factories.campaign(slug="live", max_turns=3)
    factories.sampling_plan(campaign)
    ann = factories.annotator(campaign)
    told = begun(program(ann))
    answered(told)
    factories.judge(Turn.objects.get().comparisons.get(), ann)
    clients = [program(ann) for _ in range(2)]
    address = f"{DIALOGUES}{told['id']}/turns/"
    answers = at_once([lambda one=one: post(one, address, {"text": "And?"}).status_code for one in clients])  # type: ignore[misc]
    assert sorted(answers) == [201, 409] and Turn.objects.count() == 2


def test_a_draft_is_kept_and_its_time_goes_to_the_prompt(client: Client, campaign: Campaign, ann: User) -> None:
    beat = post(client, f"{MINE}live/heartbeat/", {"draft": {"text": "Why is", "category": "factual"}})
    assert beat.status_code == 200 and beat.json()["draft_version"]
    [mine] = client.get(MINE).json()["results"]
    assert mine["draft"] == {"text": "Why is", "category": "factual"}
    assert mine["draft_version"] == beat.json()["draft_version"]
    WritingTime.objects.update(active_seconds=90)
    told = begun(client)
    assert (Prompt.objects.get().active_seconds or 0) >= 90 and client.get(MINE).json()["results"][0]["draft"] == {}
    address = f"{DIALOGUES}{told['id']}/"
    post(client, f"{address}heartbeat/", {"draft": {"text": "And"}})
    assert client.get(address).json()["draft"] == {"text": "And"}
    unknown = refused(post(client, f"{address}heartbeat/", {"draft": {"author": "x"}}), 400, "invalid")
    assert set(unknown) == {"draft.author"}
    assert drafts.find(about=Dialogue.objects.get(), by=ann).fields == {"text": "And"}


def test_a_person_sees_what_each_campaign_asks_of_them(client: Client, campaign: Campaign, ann: User) -> None:
    factories.campaign(slug="other")
    [mine] = client.get(MINE).json()["results"]
    assert (mine["slug"], mine["writes_prompts"], mine["held_back"], mine["returned"]) == ("live", True, "", 0)
    newer = guidelines.publish(campaign=campaign, text="Choose with care.", by=None)
    assert client.get(MINE).json()["results"][0]["guideline"] == {"version": newer.version, "is_read": False}
    address = f"{MINE}live/guideline/"
    assert client.get(address).json() == {"version": newer.version, "text": "Choose with care."}
    refused(post(client, address, {"version": 1}), 409, "conflict")
    assert post(client, address, {"version": newer.version}).status_code == 204
    assert client.get(MINE).json()["results"][0]["guideline"]["is_read"]
    refused(client.get(f"{MINE}other/guideline/"), 404, "not_found")
    exam = factories.required_exam(campaign)
    assert str(exam) in client.get(MINE).json()["results"][0]["held_back"]
