"""Another front end for annotators: what reviewers said, and what was returned, answered or judged anew."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotation import reviews
from annotation.models import Assignment, Review
from preferences.choices import ReviewStatus
from preferences.models import Judgment
from tests import factories
from tests.webapp.api.clients import program, refused
from webapp.accounts.models import Scope

pytestmark = pytest.mark.django_db
FEEDBACK, JSON = "/api/v1/feedback/", "application/json"
WHY = {"text": "It is the day of the treaty."}


@pytest.fixture
def done() -> Assignment:
    return factories.submitted_assignment(factories.campaign(slug="helpful"))


@pytest.fixture
def client(done: Assignment) -> Client:
    return program(done.annotator, Scope.JUDGE)


@pytest.fixture
def returned(done: Assignment) -> Review:
    return send_back(done)


def send_back(done: Assignment) -> Review:
    taken = factories.taken_review(Judgment.objects.get(pk=done.judgment_id))
    assert taken.reviewer is not None
    return reviews.send_back(key=taken.key, by=taken.reviewer, feedback="Read B again.", revision=0)


def post(client: Client, address: str, body: dict[str, Any]) -> Any:
    return client.post(address, body, content_type=JSON)


def test_returned_work_is_found_and_kept_with_a_word(client: Client, returned: Review) -> None:
    [told] = client.get(FEEDBACK, {"status": "returned", "campaign": "helpful"}).json()["results"]
    assert (told["id"], told["feedback"], told["answer"]) == (str(returned.key), "Read B again.", "")
    address = f"{FEEDBACK}{returned.key}/"
    assert client.get(address).json() == told
    seen = client.get(f"/api/v1/claims/{told['judgment']['id']}/").json()
    assert len(seen["responses"]) == 2 and seen["status"] == "submitted"
    assert client.get("/api/v1/my/campaigns/").json()["results"][0]["returned"] == 1
    refused(post(client, "/api/v1/claims/", {"campaign": "helpful"}), 409, "feedback_unread")
    for _ in range(2):
        kept = post(client, f"{address}answer/", WHY).json()
        assert (kept["status"], kept["answer"], kept["decided_at"]) == ("waiting", WHY["text"], None)
    refused(post(client, f"{address}answer/", {"text": "No, otherwise."}), 409, "conflict")
    assert client.get(FEEDBACK).json()["results"] == []
    assert post(client, "/api/v1/claims/", {"campaign": "helpful"}).status_code == 204


def test_another_verdict_answers_what_was_returned(client: Client, returned: Review) -> None:
    judgment = client.get(f"{FEEDBACK}{returned.key}/").json()["judgment"]
    changed = {"verdict": 7, "revision": judgment["revision"]}
    assert client.put(f"/api/v1/judgments/{judgment['id']}/", changed, content_type=JSON).status_code == 200
    told = client.get(f"{FEEDBACK}{returned.key}/").json()
    assert (told["status"], told["judgment"]["verdict"], told["judgment"]["revision"]) == ("waiting", 7, 1)
    refused(post(client, f"{FEEDBACK}{returned.key}/answer/", WHY), 409, "conflict")


def test_what_was_approved_is_told_and_takes_no_answer(client: Client, done: Assignment) -> None:
    taken = factories.taken_review(Judgment.objects.get(pk=done.judgment_id))
    assert taken.reviewer is not None and client.get(FEEDBACK).json()["results"] == []
    reviews.approve(key=taken.key, by=taken.reviewer, revision=0)
    assert [one["status"] for one in client.get(FEEDBACK).json()["results"]] == ["approved"]
    assert client.get(FEEDBACK, {"status": "returned"}).json()["results"] == []
    refused(post(client, f"{FEEDBACK}{taken.key}/answer/", WHY), 409, "conflict")


@pytest.mark.parametrize("text", ["", "  ", "x" * 1_000_000, "\x00"], ids=["empty", "blank", "a megabyte", "nul"])
def test_an_answer_says_something(client: Client, returned: Review, text: str) -> None:
    fields = refused(post(client, f"{FEEDBACK}{returned.key}/answer/", {"text": text}), 400, "invalid")
    assert set(fields) == {"text"} and Review.objects.get().status == ReviewStatus.RETURNED


def test_more_of_it_takes_no_more_queries(client: Client, done: Assignment) -> None:
    campaign = done.comparison.campaign
    client.get(FEEDBACK)  # which notes that the token is used
    counts = []
    for work in (done, factories.submitted_assignment(campaign, done.annotator)):
        taken = factories.taken_review(Judgment.objects.get(pk=work.judgment_id))
        assert taken.reviewer is not None
        reviews.approve(key=taken.key, by=taken.reviewer, revision=0)
        with CaptureQueriesContext(connection) as captured:
            listed = client.get(FEEDBACK).json()["results"]
        counts.append(len(captured))
    assert len(listed) == 2 and counts[0] == counts[1]


def test_nobody_elses_feedback_is_there(returned: Review) -> None:
    other = program(factories.annotator(returned.campaign))
    assert other.get(FEEDBACK).json()["results"] == []
    refused(other.get(f"{FEEDBACK}{returned.key}/"), 404, "not_found")
    refused(post(other, f"{FEEDBACK}{returned.key}/answer/", WHY), 404, "not_found")
    assert Review.objects.get().status == ReviewStatus.RETURNED


def test_what_a_reviewer_wrote_tells_no_variant_and_no_name(client: Client, returned: Review) -> None:
    received = client.get(FEEDBACK).content.decode()
    pair, reviewer = returned.comparison, returned.returned_by
    assert reviewer is not None and reviewer.pseudonym not in received and reviewer.get_username() not in received
    for response in (pair.response_a, pair.response_b):
        assert response is not None and response.variant.name not in received


def test_only_the_filters_that_are_told_of_are_taken(client: Client) -> None:
    for name, value in (("status", "waiting"), ("judgment__annotator", "1"), ("reviewer", "1")):
        refused(client.get(FEEDBACK, {name: value}), 400, "invalid")
