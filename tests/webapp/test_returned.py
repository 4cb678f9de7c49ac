"""The annotator's pages of reviewed work: read the feedback, change the verdict or keep it with an answer."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from annotation import drafts, memberships, reviews
from annotation.models import Assignment, Review
from preferences.actions import campaigns
from preferences.choices import ReviewStatus
from preferences.models import Campaign, Judgment
from tests import factories
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def done() -> Assignment:
    return factories.submitted_assignment(factories.campaign())


@pytest.fixture
def review(done: Assignment) -> Review:
    """Returned to the annotator."""
    taken = factories.taken_review(Judgment.objects.get(pk=done.judgment_id))
    assert taken.reviewer is not None
    return reviews.send_back(key=taken.key, by=taken.reviewer, feedback="Read B <again>.", revision=0)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(review: Review) -> str:
    return f"/returned/{review.key}/"


def body(answer: Any) -> str:
    return answer.content.decode()


def test_home_says_that_work_came_back(done: Assignment, review: Review) -> None:
    seen = body(signed_in(done.annotator).get("/"))
    assert "A reviewer returned work of yours" in seen and page(review) in seen


def test_home_says_so_also_while_the_campaign_is_closed(done: Assignment, review: Review) -> None:
    campaigns.close(campaign=Campaign.objects.get(), by=None)
    client = signed_in(done.annotator)
    assert page(review) in body(client.get("/"))
    assert client.post(page(review), {"text": "A is right."}).status_code == 302
    assert Review.objects.get().status == ReviewStatus.WAITING


def test_a_paused_annotator_is_told_and_keeps_what_they_wrote(done: Assignment, review: Review) -> None:
    memberships.pause(membership=done.annotator.memberships.get(), reason="A talk first.", by=None)
    answer = signed_in(done.annotator).post(page(review), {"text": "A is right."})
    assert answer.status_code == 403 and "A is right.</textarea>" in body(answer)


@pytest.mark.parametrize("door", ["start/", "next/", "done/"])
def test_every_way_to_further_work_leads_to_it(done: Assignment, review: Review, door: str) -> None:
    client, address = signed_in(done.annotator), f"/campaigns/{review.campaign.slug}/{door}"
    answer = client.post(address) if door == "start/" else client.get(address)
    assert answer.headers["Location"] == page(review)


def test_the_page_shows_the_feedback_and_not_who_gave_it(done: Assignment, review: Review) -> None:
    seen = body(signed_in(done.annotator).get(page(review)))
    assert "Read B &lt;again&gt;." in seen and f"/compare/{done.key}/" in seen
    assert review.returned_by is not None
    assert review.returned_by.pseudonym not in seen
    assert done.comparison.response_a.variant.name not in seen


def test_changing_the_verdict_sends_it_back_to_review_and_goes_on(done: Assignment, review: Review) -> None:
    factories.comparison(review.campaign)
    answer = signed_in(done.annotator).post(f"/compare/{done.key}/", {"verdict": "7", "revision": "0"})
    assert answer.headers["Location"].startswith("/compare/")
    assert Review.objects.get().status == ReviewStatus.WAITING


def test_keeping_it_with_an_answer_goes_on(done: Assignment, review: Review) -> None:
    client = signed_in(done.annotator)
    assert client.post(page(review), {"text": "A is right."}).headers["Location"].endswith("/next/")
    stored = Review.objects.get()
    assert (stored.status, stored.answer) == (ReviewStatus.WAITING, "A is right.")
    assert "A is right." in body(client.get(page(review)))


@pytest.mark.parametrize("text", ["", "y" * 100_000, "\x00no"], ids=["none", "long", "nul"])
def test_an_answer_that_is_refused_stays_in_the_form(done: Assignment, review: Review, text: str) -> None:
    answer = signed_in(done.annotator).post(page(review), {"text": text})
    assert answer.status_code == 422
    assert text.replace("\x00", "")[:50] in body(answer).replace("\x00", "").replace("�", "")
    assert Review.objects.get().status == ReviewStatus.RETURNED


def test_a_draft_of_the_answer_is_kept(done: Assignment, review: Review) -> None:
    client = signed_in(done.annotator)
    assert client.post(page(review) + "draft/", {"text": "Because"}).json()["version"]
    assert "Because</textarea>" in body(client.get(page(review)))
    client.post(page(review), {"text": "Because."})
    assert drafts.find(about=review, by=done.annotator).fields == {}


def test_other_peoples_reviews_are_not_there(review: Review) -> None:
    client = signed_in(factories.annotator(review.campaign))
    assert client.get(page(review)).status_code == 404
    assert client.post(page(review), {"text": "Mine"}).status_code == 404
    assert client.post(page(review) + "draft/", {"text": "Mine"}).status_code == 404


def test_what_waits_for_a_reviewer_is_not_told_to_its_annotator(done: Assignment) -> None:
    factories.taken_review(Judgment.objects.get(pk=done.judgment_id))
    client = signed_in(done.annotator)
    assert "No reviewer has looked at your work yet." in body(client.get("/reviewed/"))
    assert "Accepted by reviewers" not in body(client.get("/"))


def test_reviewed_work_is_counted_and_listed(done: Assignment) -> None:
    taken = factories.taken_review(Judgment.objects.get(pk=done.judgment_id))
    assert taken.reviewer is not None
    reviews.approve(key=taken.key, by=taken.reviewer, revision=0)
    client = signed_in(done.annotator)
    assert "Accepted by reviewers</dt><dd>1 <small>of 1</small>" in body(client.get("/"))
    assert f'<a href="{page(taken)}">Approved</a>' in body(client.get("/reviewed/"))
    assert "Keep the verdict" not in body(client.get(page(taken)))


def test_a_manager_takes_returned_work_back(done: Assignment, review: Review) -> None:
    address = f"/reviews/{review.key}/recall/"
    assert signed_in(done.annotator).post(address).status_code == 403
    client = signed_in(factories.manager(review.campaign))
    assert "Read B &lt;again&gt;." in body(client.get(f"/campaigns/{review.campaign.slug}/review/plan/"))
    assert client.post(address).status_code == 302
    assert Review.objects.get().status == ReviewStatus.WAITING
