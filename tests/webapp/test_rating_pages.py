"""The pages of a campaign that rates one response at a time."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotation import queue, reviews
from annotation.models import Assignment, Gold
from annotation.queue import Answer
from preferences.choices import Kind, RationalePolicy
from preferences.models import Campaign, Judgment
from preferences.scales import Scale
from tests import factories
from tests.webapp.test_blinding import Walker, sample, secrets
from webapp.accounts.models import User
from workers import actions as workers

pytestmark = pytest.mark.django_db

ANCHORS = ["A severe safety violation.", "A mild or moderate", "Safe, but not helpful", "minor issues", "very helpful."]


@pytest.fixture
def campaign() -> Campaign:
    return factories.rating_campaign(slug="ratings")


@pytest.fixture
def ann(campaign: Campaign) -> User:
    return factories.annotator(campaign, "ann")


def browser_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def held(campaign: Campaign, ann: User) -> Assignment:
    return factories.assignment(campaign, ann)


def text_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_page_has_one_response_and_five_anchors_from_a_violation_to_very_helpful(
    held: Assignment, ann: User
) -> None:
    page = text_of(browser_of(ann), f"/compare/{held.key}/")
    assert page.count('class="response only"') == page.count('class="pane"') == 1
    places = [page.index(anchor) for anchor in ANCHORS]
    assert places == sorted(places)
    assert re.findall(r'name="verdict" value="(\w+)"', page) == ["1", "2", "3", "4", "5"]
    assert len(re.findall(r'class="cell violation', page)) == 2
    for word in ("safety_left", "Neither is valid", "Scroll together", "Left response"):
        assert word not in page


def test_a_rating_is_stored_and_the_next_response_comes_in_the_same_answer(
    campaign: Campaign, held: Assignment, ann: User
) -> None:
    following = factories.comparison(campaign, text_a="Another answer.")
    sent = {"verdict": "2", "rationale": "It names a dose."}
    answer = browser_of(ann).post(f"/compare/{held.key}/", sent, headers={"HX-Request": "true"})
    assert answer.status_code == 200 and "Another answer." in answer.content.decode()
    stored = Judgment.objects.get()
    assert (stored.score, stored.rationale, stored.comparison) == (2, "It names a dose.", held.comparison)
    assert Assignment.objects.filter(comparison=following, annotator=ann, status="active").exists()


def test_it_costs_no_more_queries_than_a_comparison(campaign: Campaign, held: Assignment, ann: User) -> None:
    client = browser_of(ann)
    client.get(f"/compare/{held.key}/")
    factories.comparison(campaign)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        client.post(f"/compare/{held.key}/", {"verdict": "4"}, headers={"HX-Request": "true"})
    own = [query for query in queries.captured_queries if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(own) <= 12


@pytest.mark.parametrize("sent", [{}, {"verdict": "neither"}, {"verdict": "6"}, {"verdict": "0"}, {"verdict": "x"}])
def test_what_is_no_rating_is_refused_with_what_was_typed(held: Assignment, ann: User, sent: dict[str, str]) -> None:
    answer = browser_of(ann).post(f"/compare/{held.key}/", {**sent, "rationale": "Kept."})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Kept." in page and 'role="alert"' in page
    assert not Judgment.objects.exists()


def test_a_reason_is_asked_for_where_the_campaign_wants_one() -> None:
    held = factories.assignment(factories.rating_campaign(rationale=RationalePolicy.REQUIRED))
    answer = browser_of(held.annotator).post(f"/compare/{held.key}/", {"verdict": "1", "rationale": " "})
    assert answer.status_code == 422
    assert 'value="1" required checked' in answer.content.decode()


def test_a_stored_rating_is_changed(held: Assignment, ann: User) -> None:
    queue.submit(key=held.key, by=ann, answer=Answer(place=5))
    client = browser_of(ann)
    assert 'value="5" required checked' in text_of(client, f"/compare/{held.key}/")
    assert client.post(f"/compare/{held.key}/", {"verdict": "1", "revision": "0"}).status_code == 302
    assert Judgment.objects.get().score == 1


def test_my_work_says_what_is_asked_and_offers_no_prompt_to_write(campaign: Campaign, ann: User) -> None:
    factories.sampling_plan(campaign)
    client = browser_of(ann)
    page = text_of(client, "/")
    assert "how safe one response is, on 5 points" in page and ">Rate <" in page
    assert "Write a prompt" not in page and "Write a prompt" not in text_of(client, "/campaigns/ratings/done/")


@pytest.mark.parametrize("kind", [Kind.SAFETY_RATING, Kind.EVALUATION])
def test_nobody_writes_into_a_fixed_set_of_prompts(kind: Kind) -> None:
    settings = factories.RATING if kind == Kind.SAFETY_RATING else {"kind": kind, "scale": Scale.SEVEN_POINT}
    campaign = factories.campaign(**settings)
    factories.sampling_plan(campaign)
    client, address = browser_of(factories.annotator(campaign)), f"/campaigns/{campaign.slug}/write/"
    sent = {"text": "Why?", "category": "factual", "risk_category": "unqualified_advice", "attack_vector": "logic"}
    for answer in (client.get(address), client.post(address, sent)):
        assert answer.status_code == 403
        assert "are a fixed set: nobody writes any here." in answer.content.decode()
    assert not campaign.prompts.exists()


def test_no_byte_that_a_rater_receives_tells_the_variant(campaign: Campaign, ann: User) -> None:
    first, second = (
        factories.variant(name, system_prompt=f"You are {name}.", location=f"/srv/{name}", iteration=f"V9-{name}")
        for name in ("quokka-7b", "wombat-13b")
    )
    factories.sampling_plan(campaign, first=first, second=second, first_temperature=0.731_377)
    for _ in range(2):
        turn = factories.turn(campaign)
        workers.request_pair(turn=turn, by=None)
        list(sample(turn))
    walker = Walker(ann)
    walker.post("/campaigns/ratings/start/")
    for _ in range(4):
        key = Assignment.objects.latest("pk").key
        walker.get(f"/compare/{key}/")
        walker.post(f"/compare/{key}/heartbeat/", {"verdict": "2"})
        walker.post(f"/compare/{key}/", {"verdict": "7"}, htmx=True)
        walker.post(f"/compare/{key}/", {"verdict": "2"}, htmx=True)
        walker.get(f"/compare/{key}/")
    walker.get("/")
    assert Judgment.objects.count() == 4
    told = {name: fact for name, fact in secrets().items() if len(fact) > 4}
    assert [
        (what, name) for what, sent in walker.received for name, fact in told.items() if fact.encode() in sent
    ] == []


def test_a_manager_makes_gold_of_what_raters_agree_on(campaign: Campaign) -> None:
    client = browser_of(factories.manager(campaign))
    severe, safe, split = (
        factories.judged_comparison(campaign, scores=scores) for scores in ([1, 2, 1], [3, 5, 4], [2, 3, 3])
    )
    page = text_of(client, "/campaigns/ratings/gold/")
    assert "A violation" in page and "No violation" in page
    offered = {int(pk) for pk in re.findall(r"\?pair=(\d+)#make", page)}
    assert offered == {severe.pk, safe.pk} and split.pk not in offered
    assert 'name="rating"' in text_of(client, f"/campaigns/ratings/gold/?pair={severe.pk}")
    made = {"pair": severe.pk, "reason": "It names a dose."}
    for odd in ({}, {"rating": "0"}, {"rating": "6"}, {"rating": "x", "chosen": "a"}):
        refused = client.post("/campaigns/ratings/gold/", {**made, **odd})
        assert refused.status_code == 422 and "It names a dose." in refused.content.decode()
    assert client.post("/campaigns/ratings/gold/", {**made, "rating": "1"}).status_code == 302
    assert (Gold.objects.get().safety_a, Gold.objects.get().safety_b) == (1, None)
    assert "Rated 1 of 5" in text_of(client, "/campaigns/ratings/gold/")


def test_a_manager_looks_at_a_rating_and_at_how_people_rate(campaign: Campaign, ann: User) -> None:
    judgment = factories.judge(factories.comparison(campaign, text_a="Only this."), ann, score=2)
    client = browser_of(factories.manager(campaign))
    page = text_of(client, f"/campaigns/ratings/quality/judgments/{judgment.pk}/")
    assert "Rated 2 of 5" in page and page.count('class="response only"') == 1
    assert "Left and right" not in text_of(client, f"/campaigns/ratings/quality/{ann.pseudonym}/?when=all")
    queue_page = text_of(client, "/campaigns/ratings/queue/")
    assert "repeat_share" not in queue_page
    arranged = {"priority": "2", "gold_share": "10", "gold_bar": "70"}
    assert client.post("/campaigns/ratings/queue/arrange/", arranged).status_code == 302
    campaign.refresh_from_db()
    assert (campaign.priority, campaign.gold_share, campaign.repeat_share) == (2, 0.1, 0)


def test_a_reviewer_corrects_a_rating_on_its_page(campaign: Campaign) -> None:
    rating = factories.judge(factories.comparison(campaign), score=5)
    review = factories.taken_review(rating)
    assert review.reviewer is not None
    client, address = browser_of(review.reviewer), f"/reviews/{review.key}/"
    for page in (text_of(client, address), text_of(client, f"{address}?do=correct")):
        assert page.count('class="response only"') == 1 and page.count(" checked") == 1
    assert client.post(address, {"decision": "correct", "revision": "0", "verdict": "2"}).status_code == 302
    assert rating.correction.score == 2


def test_a_reviewer_sees_three_ratings_and_adjudicates(campaign: Campaign) -> None:
    review = factories.taken_review(factories.judged_comparison(campaign, scores=[1, 3, 3]))
    assert review.reviewer is not None
    client, address = browser_of(review.reviewer), f"/reviews/{review.key}/"
    assert text_of(client, address).count(" checked") == 3
    assert client.post(address, {"decision": "adjudicate"}).status_code == 422
    assert client.post(address, {"decision": "adjudicate", "verdict": "1"}).status_code == 302
    assert Judgment.objects.get(role="adjudication").score == 1


def test_who_gets_a_rating_back_sees_the_response_as_they_rated_it(held: Assignment, ann: User) -> None:
    queue.submit(key=held.key, by=ann, answer=Answer(place=5))
    review = factories.taken_review(Judgment.objects.get())
    assert review.reviewer is not None
    reviews.send_back(key=review.key, by=review.reviewer, feedback="Look at the last line.", revision=0)
    page = text_of(browser_of(ann), f"/returned/{review.key}/")
    assert "The response as you rated it" in page and page.count('class="response only"') == 1
