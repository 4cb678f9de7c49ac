"""Returned work is read and answered before any other; changed or kept, it waits for a reviewer again."""

from __future__ import annotations

import pytest

from annotation import memberships, queue, returned_work, reviews
from annotation.models import Assignment, Review
from annotation.queue import Answer
from annotation.returned_work import FeedbackUnread
from preferences.choices import ReviewStatus
from preferences.errors import Conflict, InvalidInput, NotAllowed
from preferences.models import Event, Judgment
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def done() -> Assignment:
    """A submitted assignment: left is better."""
    return factories.submitted_assignment(factories.campaign())


@pytest.fixture
def returned(done: Assignment) -> Review:
    return sent_back(done)


def sent_back(done: Assignment) -> Review:
    judgment = Judgment.objects.get(pk=done.judgment_id)
    review = factories.taken_review(judgment)
    assert review.reviewer is not None
    return reviews.send_back(key=review.key, by=review.reviewer, feedback="Read B again.", revision=judgment.revision)


def revise(done: Assignment, place: int = 7, revision: int = 0) -> None:
    queue.revise(key=done.key, by=done.annotator, answer=Answer(place=place), revision=revision)


def verbs() -> list[str]:
    return list(Event.objects.filter(verb__startswith="review.").order_by("pk").values_list("verb", flat=True))


def test_nothing_new_is_claimed_before_returned_work_is_answered(done: Assignment, returned: Review) -> None:
    campaign = returned.campaign
    factories.comparison(campaign)
    with pytest.raises(FeedbackUnread, match="Read the feedback"):
        queue.claim(campaign=campaign, by=done.annotator)
    assert queue.following(campaign, done.annotator) is None
    returned_work.keep(key=returned.key, by=done.annotator, answer="I did, and A is right.")
    assert queue.claim(campaign=campaign, by=done.annotator) is not None


def test_a_submit_is_stored_but_brings_no_next_pair_while_work_is_returned(done: Assignment) -> None:
    campaign, annotator = done.comparison.campaign, done.annotator
    held = factories.assignment(campaign, annotator)
    factories.comparison(campaign)
    review = sent_back(done)
    submitted = queue.submit_and_claim(key=held.key, by=annotator, answer=Answer(place=1))
    assert (submitted.judgment.annotator, submitted.following) == (annotator, None)
    assert list(returned_work.returned_to(annotator, campaign)) == [review]


def test_other_campaigns_and_other_people_go_on(done: Assignment, returned: Review) -> None:
    assert factories.assignment(returned.campaign)
    elsewhere = factories.campaign()
    factories.made_people.memberships.add(user=done.annotator, campaign=elsewhere, role="annotator", by=None)
    assert factories.assignment(elsewhere, done.annotator)


def test_a_changed_verdict_waits_for_a_reviewer_again(done: Assignment, returned: Review) -> None:
    revise(done)
    review = Review.objects.get()
    assert (review.status, review.reviewer, review.decided_at) == (ReviewStatus.WAITING, None, None)
    assert review.feedback == "Read B again."
    assert verbs()[-2:] == ["review.returned", "review.revised"]


def test_a_change_that_changes_nothing_leaves_it_returned(done: Assignment, returned: Review) -> None:
    revise(done, place=2)
    assert Review.objects.get().status == ReviewStatus.RETURNED


def test_a_kept_verdict_waits_with_the_annotators_answer_however_often_it_is_sent(
    done: Assignment, returned: Review
) -> None:
    for _ in range(2):
        returned_work.keep(key=returned.key, by=done.annotator, answer="A is right.")
    review = Review.objects.get()
    assert (review.status, review.answer) == (ReviewStatus.WAITING, "A is right.")
    assert verbs().count("review.answered") == 1


@pytest.mark.parametrize("answer", ["", " ", "y" * 100_000, "\x00"], ids=["none", "blank", "long", "nul"])
def test_an_answer_that_cannot_be_stored_answers_nothing(done: Assignment, returned: Review, answer: str) -> None:
    with pytest.raises(InvalidInput):
        returned_work.keep(key=returned.key, by=done.annotator, answer=answer)
    assert Review.objects.get().status == ReviewStatus.RETURNED


def test_nobody_else_answers_for_the_annotator(returned: Review) -> None:
    with pytest.raises(NotAllowed, match="no such review"):
        returned_work.keep(key=returned.key, by=factories.annotator(returned.campaign), answer="Fine.")


def test_what_is_not_returned_is_not_answered(done: Assignment, returned: Review) -> None:
    returned_work.keep(key=returned.key, by=done.annotator, answer="A is right.")
    with pytest.raises(Conflict, match="dealt with this already"):
        returned_work.keep(key=returned.key, by=done.annotator, answer="Something else.")


def test_a_manager_takes_returned_work_back_and_nobody_else(done: Assignment, returned: Review) -> None:
    with pytest.raises(NotAllowed):
        returned_work.recall(key=returned.key, by=factories.reviewer(returned.campaign))
    for _ in range(2):
        returned_work.recall(key=returned.key, by=factories.manager(returned.campaign))
    assert Review.objects.get().status == ReviewStatus.WAITING
    assert verbs().count("review.recalled") == 1


def test_a_change_after_the_approval_opens_nothing_and_is_an_event(done: Assignment) -> None:
    review = factories.taken_review(Judgment.objects.get(pk=done.judgment_id))
    assert review.reviewer is not None
    reviews.approve(key=review.key, by=review.reviewer, revision=0)
    revise(done)
    stored = Review.objects.get()
    assert (stored.status, stored.revision, verbs()[-1]) == (ReviewStatus.APPROVED, 0, "review.revised_after")


def test_a_corrected_verdict_is_changed_no_more(done: Assignment) -> None:
    review = factories.taken_review(Judgment.objects.get(pk=done.judgment_id))
    assert review.reviewer is not None
    reviews.correct(key=review.key, by=review.reviewer, answer=Answer(place=7), revision=0)
    with pytest.raises(Conflict, match="the verdict that counts here"):
        revise(done, place=6)


def test_a_paused_annotator_answers_nothing(done: Assignment, returned: Review) -> None:
    memberships.pause(membership=done.annotator.memberships.get(), reason="A talk first.", by=None)
    with pytest.raises(NotAllowed, match="paused"):
        returned_work.keep(key=returned.key, by=done.annotator, answer="A is right.")
    assert Review.objects.get().status == ReviewStatus.RETURNED
