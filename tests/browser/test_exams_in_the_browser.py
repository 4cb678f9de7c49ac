"""A part of an exam by keyboard: saved as one goes, ended by the server's clock, the same from two windows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from annotation import qualification
from annotation.models import Attempt, ExamAnswer, Sitting
from preferences.choices import AttemptStatus
from tests import factories
from tests.browser.exam_pages import of_every_kind
from tests.browser.steps import press
from tests.factories.exams import choices, part
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db(transaction=True)


def started(*parts: dict[str, object]) -> tuple[User, Attempt]:
    campaign = factories.campaign()
    ann = factories.annotator(campaign)
    return ann, qualification.start(exam=factories.required_exam(campaign, *parts), by=ann)


def values(attempt: Attempt) -> list[object]:
    given = ExamAnswer.objects.filter(sitting__attempt=attempt).order_by("question__number")
    return list(given.values_list("value", flat=True))


def test_digits_answer_one_question_after_the_other_and_a_reload_keeps_them(
    open_page: Callable[..., Page], eventually: Callable[[Callable[[], bool]], bool]
) -> None:
    ann, attempt = started(part(*choices(3)))
    page = open_page(ann)
    page.goto(f"/exams/attempts/{attempt.key}/")
    expect(page.get_by_role("timer")).to_have_text("Minutes left: 10")
    press(page, "2 2")
    expect(page.locator("[data-answered]")).to_have_text("Answered: 2 / 3")
    eventually(lambda: values(attempt) == ["b", "b"])
    page.reload()
    expect(page.locator("[data-answered]")).to_have_text("Answered: 2 / 3")
    press(page, "2")
    page.get_by_role("button", name="Hand in part 1").press("Enter")
    expect(page.get_by_role("heading", name="You passed")).to_be_visible()


def test_what_is_left_open_is_named_before_the_part_goes(open_page: Callable[..., Page]) -> None:
    ann, attempt = started()
    page = open_page(ann)
    page.goto(f"/exams/attempts/{attempt.key}/")
    press(page, "2")
    page.get_by_role("button", name="Hand in part 1").click()
    expect(page.get_by_role("alert")).to_contain_text("Question 2 is not answered yet")
    page.get_by_role("button", name="Hand it in as it is").click()
    expect(page.get_by_role("heading", name="Not passed this time")).to_be_visible()
    assert values(attempt) == ["b"]


def test_every_kind_of_question_is_saved_as_it_is_answered_and_emptied_again(
    open_page: Callable[..., Page], eventually: Callable[[Callable[[], bool]], bool]
) -> None:
    campaign = factories.campaign()
    ann = factories.annotator(campaign)
    attempt = qualification.start(exam=of_every_kind(campaign), by=ann)
    page = open_page(ann)
    page.goto(f"/exams/attempts/{attempt.key}/")
    page.get_by_label("1 This").check()
    for place, rank in enumerate("132", 1):
        page.get_by_label(f"Rank of answer {place} to question 2").select_option(rank)
    page.get_by_label("A Slightly better").check()
    page.get_by_label("4 Good").check()
    page.get_by_label("Your answer to question 5").fill("Two lines,\nof mine.")
    expect(page.locator("[data-answered]")).to_have_text("Answered: 5 / 5")
    wanted = ["a", {"a": 1, "b": 3, "c": 2}, {"id": "a", "degree": "slightly_better"}, "4", "Two lines,\nof mine."]
    eventually(lambda: values(attempt) == wanted)
    page.get_by_label("Your answer to question 5").press("Control+a")
    page.keyboard.press("Delete")
    eventually(lambda: values(attempt) == [*wanted[:-1], None])
    page.reload()
    expect(page.locator("[data-answered]")).to_have_text("Answered: 4 / 5")


def test_the_page_shows_what_became_of_a_part_whose_time_ends(open_page: Callable[..., Page]) -> None:
    ann, attempt = started()
    Sitting.objects.filter(attempt=attempt).update(ends_at=timezone.now() + timedelta(seconds=6))
    page = open_page(ann)
    page.goto(f"/exams/attempts/{attempt.key}/")
    expect(page.get_by_role("timer")).to_contain_text("Less than a minute is left")
    press(page, "2 2")
    expect(page.get_by_role("heading", name="You passed")).to_be_visible(timeout=20_000)
    assert Attempt.objects.get().status == AttemptStatus.PASSED


def test_another_window_learns_that_the_part_was_handed_in_and_loses_nothing(
    open_page: Callable[..., Page], provoked: list[str]
) -> None:
    ann, attempt = started()
    first, second = open_page(ann), open_page(ann)
    for page in (first, second):
        page.goto(f"/exams/attempts/{attempt.key}/")
    press(first, "2 2")
    first.get_by_role("button", name="Hand in part 1").click()
    expect(first.get_by_role("heading", name="You passed")).to_be_visible()
    press(second, "1")
    expect(second.get_by_text("What you answered in time counts")).to_be_visible()
    second.get_by_role("link", name="See how it went on").click()
    expect(second.get_by_role("heading", name="Came after the time")).to_be_visible()
    assert values(attempt) == ["b", "b"]
