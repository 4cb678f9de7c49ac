"""A reviewer and an annotator work by keys only: approve, correct, return; read the feedback, change the verdict."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from annotation import queue, review_draws
from annotation.models import Assignment, Review
from preferences.choices import JudgmentRole, ReviewStatus, Track
from preferences.models import Campaign, Judgment
from tests import factories
from tests.browser.steps import press
from webapp.accounts.models import User


@pytest.fixture
def campaign(transactional_db: None) -> Campaign:
    made = factories.campaign(track=Track.SAFETY, slug="review", raters_per_item=1)
    factories.review_plan(made, percent=100)
    return made


@pytest.fixture
def ann(campaign: Campaign) -> User:
    return factories.annotator(campaign)


@pytest.fixture
def reviewer(campaign: Campaign) -> User:
    return factories.reviewer(campaign)


def work(campaign: Campaign, by: User, count: int) -> list[Judgment]:
    """So many verdicts “left, significantly better”, drawn for review."""
    for number in range(count):
        pair = factories.comparison(campaign, text=f"Question {number}?")
        assignment = factories.assignment(campaign, by, comparison=pair)
        safe = queue.Answer(place=1, safety_left=4, safety_right=4)
        queue.submit(key=assignment.key, by=by, answer=safe)
    review_draws.draw(campaign=campaign)
    return list(Judgment.objects.filter(annotator=by).order_by("pk"))


def statuses() -> list[str]:
    return list(Review.objects.order_by("pk").values_list("status", flat=True))


def reveal(page: Page, question: int) -> None:
    expect(page.get_by_text(f"Question {question}?").first).to_be_attached()
    page.wait_for_load_state()  # keys do nothing before their script is there
    press(page, "v")


def test_a_reviewer_approves_corrects_and_returns_without_a_mouse(
    open_page: Callable[..., Page], campaign: Campaign, ann: User, reviewer: User
) -> None:
    work(campaign, ann, 3)
    page = open_page(reviewer)
    page.goto("/campaigns/review/review/")
    press(page, "Enter")
    reveal(page, 0)
    press(page, "a")
    reveal(page, 1)
    press(page, "c")
    expect(page.get_by_role("heading", name="Correct the verdict")).to_be_visible()
    press(page, "8 Enter")
    reveal(page, 2)
    press(page, "r")
    expect(page.get_by_label("What is wrong")).to_be_focused()
    page.keyboard.type("Read the right one again.")
    press(page, "Control+Enter")
    expect(page.get_by_text("Nothing waits for a reviewer.")).to_be_visible()
    assert statuses() == [ReviewStatus.APPROVED, ReviewStatus.CORRECTED, ReviewStatus.RETURNED]
    assert Judgment.objects.filter(role=JudgmentRole.CORRECTION).count() == 1


def test_nobody_approves_what_is_still_blurred(
    open_page: Callable[..., Page], campaign: Campaign, ann: User, reviewer: User
) -> None:
    work(campaign, ann, 1)
    page = open_page(reviewer)
    page.goto("/campaigns/review/review/")
    press(page, "Enter")
    expect(page.get_by_text("Content warning")).to_be_visible()
    press(page, "a Enter")
    expect(page.get_by_text("Content warning")).to_be_visible()
    assert statuses() == [ReviewStatus.WAITING]


def test_a_feedback_half_written_is_there_again_after_a_reload(
    open_page: Callable[..., Page], campaign: Campaign, ann: User, reviewer: User
) -> None:
    work(campaign, ann, 1)
    page = open_page(reviewer)
    page.goto("/campaigns/review/review/")
    press(page, "Enter")
    reveal(page, 0)
    press(page, "Enter")  # a second one, in a hurry
    press(page, "r")
    page.get_by_label("What is wrong").fill("Read the right")
    expect(page.get_by_text("Draft saved.")).to_be_visible()
    page.reload()
    expect(page.get_by_label("What is wrong")).to_have_value("Read the right")
    assert statuses() == [ReviewStatus.WAITING]


def test_an_annotator_reads_the_feedback_first_and_changes_the_verdict(
    open_page: Callable[..., Page], campaign: Campaign, ann: User, reviewer: User
) -> None:
    (judgment,) = work(campaign, ann, 1)
    review = factories.taken_review(judgment, reviewer)
    factories.made_reviews.reviews.send_back(key=review.key, by=reviewer, feedback="Read B again.", revision=0)
    factories.comparison(campaign, text="The next question?")
    page = open_page(ann)
    page.goto("/campaigns/review/next/")
    expect(page.get_by_text("Read B again.")).to_be_visible()
    press(page, "c")
    expect(page.get_by_text("Stored; you are changing it")).to_be_visible()
    page.wait_for_load_state("load")  # what reads the keys
    press(page, "8 Enter")
    expect(page.get_by_text("The next question?").first).to_be_attached()
    assert statuses() == [ReviewStatus.WAITING]
    assert Assignment.objects.filter(annotator=ann).count() == 2
