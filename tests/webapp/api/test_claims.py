"""Another front end for annotators: claim, work, send, change, give back, by the rules of the pages."""

from __future__ import annotations

import uuid
from typing import Any

import orjson
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotation import leases
from annotation.drafts import find
from annotation.models import Assignment
from preferences.actions import guidelines
from preferences.choices import Chosen, Track
from preferences.models import Campaign, Flag, Judgment
from tests import factories
from tests.webapp.api.clients import program, refused
from webapp.accounts.models import Scope, User

pytestmark = pytest.mark.django_db
CLAIMS, JUDGMENTS = "/api/v1/claims/", "/api/v1/judgments/"
MOST_QUERIES = 12


@pytest.fixture
def ann(campaign: Campaign) -> User:
    return factories.annotator(campaign)


@pytest.fixture
def client(ann: User) -> Client:
    return program(ann, Scope.JUDGE)


def post(client: Client, path: str, body: dict[str, Any] | None = None, method: str = "POST") -> Any:
    return client.generic(method, path, orjson.dumps(body or {}), content_type="application/json")


def claim(client: Client) -> dict[str, Any]:
    answer = post(client, CLAIMS, {"campaign": "helpful"})
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def test_a_person_works_through_a_queue(campaign: Campaign, ann: User, client: Client) -> None:
    for _ in range(2):
        factories.comparison(campaign)
    first = claim(client)
    assert claim(client)["id"] == first["id"], "what is held is handed out again"
    assert [one["id"] for one in client.get(CLAIMS).json()["results"]] == [first["id"]]
    assert client.get(f"{CLAIMS}{first['id']}/").json() == first
    assert [one["side"] for one in first["responses"]] == ["left", "right"] and len(first["verdicts"]) == 8
    done = post(client, f"{CLAIMS}{first['id']}/judgment/", {"verdict": 2, "rationale": " Clear. "}).json()
    assert done["judgment"]["id"] == first["id"] and done["next"]["id"] != first["id"] and not done["asks_edit"]
    assert done["judgment"]["side"] == "left" and done["judgment"]["degree"] == "better"
    judgment = Judgment.objects.get()
    assert judgment.chosen == Chosen(judgment.shown_left) and judgment.rationale == "Clear."
    last = post(client, f"{CLAIMS}{done['next']['id']}/judgment/", {"verdict": None}).json()
    assert last["next"] is None and last["judgment"]["side"] == "neither"
    assert post(client, CLAIMS, {"campaign": "helpful"}).status_code == 204
    listed = client.get(f"{JUDGMENTS}?campaign=helpful").json()["results"]
    assert listed == [last["judgment"], done["judgment"]]
    assert client.get(f"{JUDGMENTS}?campaign=other").json()["results"] == []


def test_a_verdict_that_is_sent_again_is_stored_once_and_another_one_refused(
    campaign: Campaign, client: Client
) -> None:
    factories.comparison(campaign)
    path = f"{CLAIMS}{claim(client)['id']}/judgment/"
    first, again = (post(client, path, {"verdict": 3, "next": False}) for _ in range(2))
    assert first.content == again.content and first.json()["next"] is None
    refused(post(client, path, {"verdict": 4}), 409, "conflict")
    assert Judgment.objects.count() == 1


def test_one_changes_a_verdict_as_long_as_nobody_else_did(campaign: Campaign, client: Client) -> None:
    factories.comparison(campaign)
    key = claim(client)["id"]
    post(client, f"{CLAIMS}{key}/judgment/", {"verdict": 3})
    path = f"{JUDGMENTS}{key}/"
    etag = client.get(path)["ETag"]
    changed = post(client, path, {"verdict": 5, "revision": 0}, "PUT")
    assert changed.json()["revision"] == 1 and changed.json()["side"] == "right"
    assert changed["ETag"] == client.get(path)["ETag"] != etag
    refused(post(client, path, {"verdict": 6, "revision": 0}, "PUT"), 409, "conflict")
    body = '{"verdict": 6, "revision": 1}'
    stale = client.put(path, body, content_type="application/json", headers={"If-Match": etag})
    refused(stale, 412, "changed")
    assert client.get(path).json()["verdict"] == 5


def test_the_chosen_response_is_improved_where_the_campaign_asks(client: Client, ann: User) -> None:
    asking = factories.campaign(slug="edits", asks_edit=True)
    for _ in range(2):
        factories.comparison(asking)
    editor = program(factories.annotator(asking))
    key = post(editor, CLAIMS, {"campaign": "edits"}).json()["id"]
    done = post(editor, f"{CLAIMS}{key}/judgment/", {"verdict": 1}).json()
    assert done["asks_edit"] and done["next"] is None
    edited = post(editor, f"{JUDGMENTS}{key}/edited-response/", {"text": "A better one."}, "PUT")
    assert edited.json()["edited"] == "A better one." == editor.get(f"{JUDGMENTS}{key}/").json()["edited"]


def test_a_heartbeat_keeps_the_lease_and_the_draft_and_the_draft_also_without_the_lease(
    campaign: Campaign, ann: User, client: Client
) -> None:
    factories.comparison(campaign)
    key = claim(client)["id"]
    beat = post(client, f"{CLAIMS}{key}/heartbeat/", {"draft": {"verdict": "2", "rationale": "So far"}})
    assert beat.json()["seconds"] > 0 and client.get(f"{CLAIMS}{key}/").json()["draft"]["rationale"] == "So far"
    held = Assignment.objects.get()
    factories.expire(held)
    leases.return_expired()
    headers = {"Idempotency-Key": "k"}
    body = {"draft": {"rationale": "Further"}}
    lost = client.post(f"{CLAIMS}{key}/heartbeat/", body, content_type="application/json", headers=headers)
    refused(lost, 409, "lease_lost")
    assert find(about=held.comparison, by=ann).fields["rationale"] == "Further"
    refused(client.get(f"{CLAIMS}{key}/"), 409, "lease_lost")
    refused(post(client, f"{CLAIMS}{key}/judgment/", {"verdict": 1}), 409, "lease_lost")
    again = post(client, f"{CLAIMS}{key}/reclaim/").json()
    assert again["id"] != key and again["draft"]["rationale"] == "Further"
    refused(post(client, f"{CLAIMS}{again['id']}/heartbeat/", {"draft": {"annotator": "x"}}), 400, "invalid")


def test_what_is_given_back_goes_to_somebody_else(campaign: Campaign, client: Client) -> None:
    comparison = factories.comparison(campaign)
    key = claim(client)["id"]
    refused(post(client, f"{CLAIMS}{key}/skip/", {"reason": "bored"}), 400, "invalid")
    assert post(client, f"{CLAIMS}{key}/skip/", {"reason": "language"}).status_code == 204
    assert Assignment.objects.get().skip_reason == "language"
    other = claim(program(factories.annotator(campaign)))
    assert other["id"] != key
    assert post(client, f"{CLAIMS}{key}/flag/", {"reason": "broken", "note": "Noise"}).status_code == 204
    assert Flag.objects.get().comparison == comparison


def test_the_guideline_is_read_before_a_verdict_is_taken(campaign: Campaign, client: Client) -> None:
    factories.comparison(campaign)
    found = claim(client)
    path = f"{CLAIMS}{found['id']}/"
    newer = guidelines.publish(campaign=campaign, text="Choose with care.", by=None)
    assert not client.get(path).json()["guideline"]["is_read"]
    refused(post(client, f"{path}judgment/", {"verdict": 1}), 409, "guideline_unread")
    assert client.get(f"{path}guideline/").json() == {"version": newer.version, "text": "Choose with care."}
    refused(post(client, f"{path}guideline/", {"version": 1}), 409, "conflict")
    assert post(client, f"{path}guideline/", {"version": newer.version}).status_code == 204
    assert post(client, f"{path}judgment/", {"verdict": 1}).status_code == 200


@pytest.mark.parametrize(
    ("method", "end"),
    [
        ("GET", ""),
        ("GET", "guideline/"),
        ("POST", "heartbeat/"),
        ("POST", "judgment/"),
        ("POST", "skip/"),
        ("POST", "flag/"),
        ("POST", "reclaim/"),
        ("POST", "guideline/"),
    ],
)
def test_nobody_elses_claim_is_there(campaign: Campaign, client: Client, method: str, end: str) -> None:
    factories.comparison(campaign)
    key = claim(client)["id"]
    other = program(factories.annotator(campaign))
    why = {"reason": "other"}
    body = {"judgment/": {"verdict": 1}, "skip/": why, "flag/": why, "guideline/": {"version": 1}}
    for which in (key, uuid.uuid4()):
        answer = post(
            other, f"{CLAIMS}{which}/{end}", body.get(end, {"version": 1} if end == "guideline/" else {}), method
        )
        assert answer.status_code in (403, 404), answer.content
        assert "text" not in answer.json()
    assert not Judgment.objects.exists() and not Flag.objects.exists()


def test_who_is_no_annotator_claims_nothing(campaign: Campaign) -> None:
    factories.comparison(campaign)
    refused(post(program(factories.user()), CLAIMS, {"campaign": "helpful"}), 403, "not_allowed")
    refused(post(program(factories.user()), CLAIMS, {"campaign": "none"}), 404, "not_found")


@pytest.mark.parametrize(
    ("changed", "fields"),
    [
        ({"verdict": "left"}, ["verdict"]),
        ({"verdict": 99}, ["verdict"]),
        ({"annotator": "other"}, ["annotator"]),
        ({"role": "adjudication", "shown_left": "a"}, ["role", "shown_left"]),
        ({"safety_left": 6}, ["safety_left"]),
        ({"rationale": "\x00"}, ["rationale"]),
    ],
    ids=str,
)
def test_what_is_wrong_is_said_by_its_field_and_nothing_is_stored(
    campaign: Campaign, client: Client, changed: dict[str, Any], fields: list[str]
) -> None:
    factories.comparison(campaign)
    answer = post(client, f"{CLAIMS}{claim(client)['id']}/judgment/", {"verdict": 1, **changed})
    assert answer.status_code in (400, 422) and sorted(answer.json()["fields"]) == fields
    assert not Judgment.objects.exists()


@pytest.mark.parametrize("track", list(Track))
def test_no_byte_tells_what_wrote_a_response(track: Track) -> None:
    campaign = factories.campaign(track=track, slug="blind", raters_per_item=2)
    pairs = [factories.comparison(campaign) for _ in range(2)]
    reader = program(factories.annotator(campaign))
    received = post(reader, CLAIMS, {"campaign": "blind"}).content.decode()
    key = Assignment.objects.get().key
    safety = {"safety_left": 4, "safety_right": 4} if track is Track.SAFETY else {}
    received += post(reader, f"{CLAIMS}{key}/judgment/", {"verdict": 2, **safety}).content.decode()
    received += reader.get(JUDGMENTS).content.decode() + reader.get(CLAIMS).content.decode()
    assert Judgment.objects.count() == 1
    for pair in pairs:
        for response in (pair.response_a, pair.response_b):
            assert response is not None and response.variant.name not in received
        assert str(pair.key) not in received


def test_one_response_is_rated_where_the_campaign_rates() -> None:
    campaign = factories.rating_campaign(slug="rated")
    factories.comparison(campaign)
    rater = program(factories.annotator(campaign))
    found = post(rater, CLAIMS, {"campaign": "rated"}).json()
    assert [one["side"] for one in found["responses"]] == ["only"]
    assert [one["rating"] for one in found["verdicts"]] == [1, 2, 3, 4, 5]
    done = post(rater, f"{CLAIMS}{found['id']}/judgment/", {"verdict": 4}).json()
    assert done["judgment"]["side"] == "only" and Judgment.objects.get().safety_a == 4


@pytest.mark.django_db(transaction=True)
def test_submit_and_claim_costs_few_queries() -> None:
    campaign = factories.campaign(slug="helpful", raters_per_item=3)
    for _ in range(8):
        factories.comparison(campaign)
    client = program(factories.annotator(campaign))
    path = f"{CLAIMS}{claim(client)['id']}/judgment/"
    with CaptureQueriesContext(connection) as captured:
        assert post(client, path, {"verdict": 2}).json()["next"]
    asked = [query["sql"] for query in captured.captured_queries if query["sql"] not in ("BEGIN", "COMMIT")]
    assert len(asked) <= MOST_QUERIES, "\n\n".join(asked)


def test_a_claim_in_a_request_of_its_own_costs_no_more(campaign: Campaign, ann: User, client: Client) -> None:
    for _ in range(8):
        factories.comparison(campaign)
    path = f"{CLAIMS}{claim(client)['id']}/judgment/"
    assert post(client, path, {"verdict": 2, "next": False}).json()["next"] is None
    with CaptureQueriesContext(connection) as captured:
        assert claim(client)["id"] not in path
    asked = [query["sql"] for query in captured.captured_queries if query["sql"] not in ("BEGIN", "COMMIT")]
    assert len(asked) < MOST_QUERIES, "\n\n".join(asked)
