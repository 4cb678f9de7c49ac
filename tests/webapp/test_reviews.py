"""The reviewers' pages: what waits, one piece of work, and the doors that stay closed."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from annotation import drafts, memberships, queue, review_draws, reviews
from annotation.models import Membership, Review, Role
from preferences.actions import flags
from preferences.choices import JudgmentRole, Position, ReviewStatus, Track
from preferences.models import Campaign, Comparison, Judgment
from tests import factories
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def review() -> Review:
    """In the hands of its reviewer; the annotator saw A on the left and called it significantly better."""
    return factories.taken_review(factories.judge(factories.comparison(), score=-4, rationale="It is shorter."))


@pytest.fixture
def client_of(review: Review) -> Client:
    assert review.reviewer is not None
    return signed_in(review.reviewer)


def page(review: Review) -> str:
    return f"/reviews/{review.key}/"


def body(answer: Any) -> str:
    return answer.content.decode()


def test_the_queue_draws_counts_by_reason_and_starts() -> None:
    campaign = factories.campaign(raters_per_item=2)
    factories.review_plan(campaign, percent=100, splits=True)
    factories.judged_comparison(campaign, scores=[-3, 3])
    client = signed_in(factories.reviewer(campaign))
    seen = body(client.get(f"/campaigns/{campaign.slug}/review/"))
    assert "3 pieces of work wait" in seen
    assert "Drawn by chance</dt><dd>2</dd>" in seen and "Raters chose different responses</dt><dd>1</dd>" in seen
    address = client.post(f"/campaigns/{campaign.slug}/review/start/").headers["Location"]
    assert client.get(address).status_code == 200
    assert "Go on" in body(client.get(f"/campaigns/{campaign.slug}/review/"))


@pytest.mark.parametrize("path", ["review/", "review/start/", "review/plan/"])
def test_the_pages_are_for_reviewers_and_managers(path: str) -> None:
    campaign = factories.campaign()
    client = signed_in(factories.annotator(campaign))
    address = f"/campaigns/{campaign.slug}/{path}"
    assert (client.post if path.endswith("start/") else client.get)(address).status_code == 403


def test_a_reviewer_sees_the_work_and_not_whose_it_is(review: Review, client_of: Client) -> None:
    seen = body(client_of.get(page(review)))
    judgment = review.judgment
    assert judgment is not None
    assert "It is shorter." in seen and "Drawn by chance" in seen
    for told in (judgment.annotator.pseudonym, judgment.annotator.username):
        assert told not in seen
    for response in (review.comparison.response_a, review.comparison.response_b):
        assert response.text in seen
        assert response.variant.name not in seen


@pytest.mark.parametrize(("left", "first"), [(Position.A, "response_a"), (Position.B, "response_b")])
def test_the_pair_stands_as_its_annotator_saw_it(left: Position, first: str) -> None:
    review = factories.taken_review(factories.judge(factories.comparison(), score=-4, shown_left=left))
    assert review.reviewer is not None
    seen = body(signed_in(review.reviewer).get(page(review)))
    texts = [review.comparison.response_a.text, review.comparison.response_b.text]
    assert min(texts, key=seen.index) == getattr(review.comparison, first).text
    place = 1 if left is Position.A else 8
    assert f'value="{place}" checked' in seen


def test_approving_goes_on_to_the_next(review: Review, client_of: Client) -> None:
    other = factories.judge(factories.comparison(review.campaign))
    review_draws.draw(campaign=review.campaign)
    answer = client_of.post(page(review), {"decision": "approve", "revision": "0"})
    following = Review.objects.get(judgment=other)
    assert answer.headers["Location"] == page(following)
    assert Review.objects.get(pk=review.pk).status == ReviewStatus.APPROVED


def test_after_the_last_one_comes_the_queue(review: Review, client_of: Client) -> None:
    answer = client_of.post(page(review), {"decision": "approve", "revision": "0"})
    assert answer.headers["Location"] == f"/campaigns/{review.campaign.slug}/review/"


def test_a_correction_is_stored_from_the_row(review: Review, client_of: Client) -> None:
    assert 'name="verdict" value="1" required checked' in body(client_of.get(page(review) + "?do=correct"))
    client_of.post(page(review), {"decision": "correct", "revision": "0", "verdict": "7", "rationale": "B is right."})
    correction = Judgment.objects.get(role=JudgmentRole.CORRECTION)
    assert (correction.score, correction.rationale) == (3, "B is right.")


def test_a_correction_that_is_refused_keeps_what_was_chosen_and_typed(review: Review, client_of: Client) -> None:
    form = {"decision": "correct", "revision": "0", "verdict": "1", "rationale": "It is shorter."}
    answer = client_of.post(page(review), form)
    assert answer.status_code == 422 and "as it was given" in body(answer)
    assert 'name="verdict" value="1" required checked' in body(answer) and "It is shorter.</textarea>" in body(answer)


@pytest.mark.parametrize("text", ["", "x" * 100_000, "a\x00b"], ids=["none", "long", "nul"])
def test_a_feedback_that_is_refused_stays_in_the_form(review: Review, client_of: Client, text: str) -> None:
    answer = client_of.post(page(review), {"decision": "return", "revision": "0", "text": text})
    assert answer.status_code == 422 and 'name="text"' in body(answer)
    assert "x" * 1000 in body(answer) if text.startswith("x") else True
    assert Review.objects.get().status == ReviewStatus.WAITING


def test_own_work_by_its_address_is_refused_with_a_sentence(review: Review) -> None:
    judgment = review.judgment
    assert judgment is not None
    memberships.add(user=judgment.annotator, campaign=review.campaign, role=Role.REVIEWER, by=None)
    client = signed_in(judgment.annotator)
    for answer in (client.get(page(review)), client.post(page(review), {"decision": "approve", "revision": "0"})):
        assert answer.status_code == 403 and "Nobody reviews their own" in body(answer)
    assert Review.objects.get().status == ReviewStatus.WAITING


def test_what_another_reviewer_holds_is_refused_and_what_was_written_stands_there(review: Review) -> None:
    client = signed_in(factories.reviewer(review.campaign))
    assert client.get(page(review)).status_code == 409
    answer = client.post(page(review), {"decision": "return", "revision": "0", "text": "Look at B again."})
    assert answer.status_code == 409
    assert "another reviewer has it" in body(answer) and "Look at B again.</textarea>" in body(answer)


def test_who_loses_the_role_in_the_middle_keeps_what_they_wrote(review: Review, client_of: Client) -> None:
    Membership.objects.filter(user=review.reviewer).delete()
    answer = client_of.post(page(review), {"decision": "return", "revision": "0", "text": "Look at B again."})
    assert answer.status_code == 403
    assert "not a reviewer" in body(answer) and "Look at B again.</textarea>" in body(answer)
    assert review.comparison.response_a.text not in body(answer)


def test_a_verdict_changed_meanwhile_is_shown_as_it_is_now(review: Review, client_of: Client) -> None:
    Judgment.objects.update(revision=1, revised_at=review.created_at)
    answer = client_of.post(page(review), {"decision": "approve", "revision": "0"})
    assert answer.status_code == 409 and "changed the verdict while you looked" in body(answer)
    assert 'name="revision" value="1"' in body(answer)


@pytest.mark.parametrize("revision", ["", "x", "-1", "99999999999"])
def test_a_revision_that_is_none_decides_nothing(review: Review, client_of: Client, revision: str) -> None:
    assert client_of.post(page(review), {"decision": "approve", "revision": revision}).status_code == 409
    assert Review.objects.get().status == ReviewStatus.WAITING


def test_an_address_of_no_review_is_refused(client_of: Client) -> None:
    answer = client_of.get("/reviews/00000000-0000-4000-8000-000000000000/")
    assert answer.status_code == 403 and "no such review" in body(answer)


def test_a_draft_of_either_way_is_kept_and_the_review_held(review: Review, client_of: Client) -> None:
    client_of.post(page(review) + "draft/?do=return", {"text": "Look at B"})
    client_of.post(page(review) + "draft/?do=correct", {"verdict": "6", "rationale": "B"})
    said = client_of.post(page(review) + "draft/?do=look").json()
    assert said["seconds"] > 800 and "version" not in said
    assert review.reviewer is not None
    assert drafts.find(about=review, by=review.reviewer).fields == {
        "text": "Look at B",
        "verdict": "6",
        "rationale": "B",
    }
    assert "Look at B</textarea>" in body(client_of.get(page(review) + "?do=return"))
    client_of.post(page(review), {"decision": "return", "revision": "0", "text": "Look at B again."})
    assert drafts.find(about=review, by=review.reviewer).fields == {}


def test_what_is_left_goes_back(review: Review, client_of: Client) -> None:
    assert client_of.post(page(review) + "leave/").status_code == 302
    assert client_of.get(page(review)).status_code == 409
    assert client_of.post(page(review) + "draft/?do=look").status_code == 409


def test_raters_who_disagree_are_adjudicated_without_names() -> None:
    pair = factories.judged_comparison(factories.campaign(track=Track.SAFETY, raters_per_item=2), scores=[-3, 3])
    review = factories.taken_review(pair)
    assert review.reviewer is not None
    client = signed_in(review.reviewer)
    seen = body(client.get(page(review)))
    assert "Verdict of rater 1" in seen and "Verdict of rater 2" in seen
    for judgment in pair.judgments.all():
        assert judgment.annotator.pseudonym not in seen
    form = {"decision": "adjudicate", "verdict": "2", "safety_left": "4", "safety_right": "3"}
    client.post(page(review), {**form, "safety_right": ""})
    assert Review.objects.get().status == ReviewStatus.WAITING
    client.post(page(review), form)
    assert Judgment.objects.filter(role=JudgmentRole.ADJUDICATION, comparison=pair).count() == 1


def test_a_week_is_sealed_without_what_waits_for_a_reviewer() -> None:
    campaign = factories.campaign()
    free = factories.judged_comparison(campaign)
    factories.review_plan(campaign, flagged=True)
    waits = factories.judged_comparison(campaign)
    flags.raise_flag(comparison=waits, by=factories.user(), reason="other")
    client = signed_in(factories.manager(campaign))
    week = factories.made_batches.week_of(free.created_at, campaign.time_zone)
    assert client.post(f"/campaigns/{campaign.slug}/sealing/{week}/").status_code == 302
    sealed = Comparison.objects.filter(status="sealed")
    assert list(sealed) == [free]
    assert "1 finished comparison of" in body(client.get("/batches/"))


def plan_form(**fields: str) -> dict[str, str]:
    return {"percent": "10", "newcomers": "5", "flagged": "1", **fields}


def test_a_manager_changes_the_plan_and_sees_flags_and_skips() -> None:
    campaign = factories.campaign()
    pair = factories.judged_comparison(campaign)
    flags.raise_flag(comparison=pair, by=factories.user(), reason="broken", note="Half is missing.")
    skipped = factories.assignment(campaign)
    queue.skip(key=skipped.key, by=skipped.annotator, reason="expertise", note="Chemistry.")
    client, address = signed_in(factories.manager(campaign)), f"/campaigns/{campaign.slug}/review/plan/"
    seen = body(client.get(address))
    assert "Half is missing." in seen and "Chemistry." in seen
    assert client.post(address, plan_form()).status_code == 302
    assert Campaign.objects.get().review_plan.percent == 10
    assert reviews.waiting(campaign).count() == 1


@pytest.mark.parametrize("fields", [{"percent": "101"}, {"percent": "many"}, {"newcomers": "-1"}, {"percent": ""}])
def test_a_plan_that_cannot_be_is_refused_and_stays_in_the_form(fields: dict[str, str]) -> None:
    campaign = factories.campaign()
    client = signed_in(factories.manager(campaign))
    answer = client.post(f"/campaigns/{campaign.slug}/review/plan/", plan_form(**fields))
    assert answer.status_code == 422
    ((name, typed),) = fields.items()
    assert f'name="{name}" inputmode="numeric" value="{typed}"' in body(answer)
    assert 'name="flagged" value="1" checked' in body(answer)
