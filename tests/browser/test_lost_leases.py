"""A lease that ends while somebody works: said in place, taken up again, and what was written is never gone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from annotation import leases, queue
from annotation.models import Assignment
from preferences.choices import Position, Track
from preferences.models import Campaign, Judgment
from tests import factories
from tests.browser.steps import expect_chosen, go, press

WHY = "The left one answers the question."
LEFT = ".response.left .raw"


@pytest.fixture
def campaign(transactional_db: None) -> Campaign:
    return factories.campaign(track=Track.SAFETY, slug="leases")


@pytest.fixture
def held(campaign: Campaign) -> Assignment:
    return factories.assignment(campaign)


def give_back(assignment: Assignment) -> None:
    factories.expire(assignment)
    assert leases.return_expired() == 1


def choose(page: Page) -> None:
    press(page, "v 4 3 1 w")
    page.keyboard.type(WHY)


def expect_all_of_it(page: Page, left: str | None) -> None:
    expect_chosen(page, safety_left="4", safety_right="3", verdict="1")
    expect(page.locator("#rationale")).to_have_value(WHY)
    assert page.locator(LEFT).text_content() == left


def test_a_lease_that_ended_is_said_while_typing_and_taken_up_again_with_everything(
    open_page: Callable[..., Page], held: Assignment
) -> None:
    page = open_page(held.annotator)
    go(page, held)
    left = page.locator(LEFT).text_content()
    give_back(held)
    choose(page)
    expect(page.get_by_text("This comparison is no longer yours: its time ran out.")).to_be_visible()
    page.get_by_role("button", name="Take it up again").click()
    expect(page).not_to_have_url(f"/compare/{held.key}/")
    expect_all_of_it(page, left)
    press(page, "Escape Enter")
    expect(page.get_by_role("heading", name="Done for now")).to_be_visible()
    judgment = Judgment.objects.get()
    assert (judgment.chosen, judgment.shown_left, judgment.rationale) == (held.shown_left, held.shown_left, WHY)


def test_what_was_typed_after_the_lease_ended_comes_back_too(open_page: Callable[..., Page], held: Assignment) -> None:
    page = open_page(held.annotator)
    go(page, held)
    left = page.locator(LEFT).text_content()
    page.route("**/heartbeat/", lambda route: route.fulfill(status=409, json={"message": "Its time ran out."}))
    give_back(held)
    choose(page)
    page.get_by_role("button", name="Take it up again").click()
    expect(page).not_to_have_url(f"/compare/{held.key}/")
    expect_all_of_it(page, left)


def test_a_late_answer_is_shown_again_and_stored_at_the_second_enter(
    open_page: Callable[..., Page], held: Assignment
) -> None:
    page = open_page(held.annotator)
    go(page, held)
    left = page.locator(LEFT).text_content()
    page.route("**/heartbeat/", lambda route: route.abort())
    give_back(held)
    choose(page)
    press(page, "Control+Enter")
    expect(page.get_by_role("alert")).to_contain_text("Nobody else had taken it and it is yours again")
    expect_all_of_it(page, left)
    assert not Judgment.objects.exists()
    press(page, "Enter")
    expect(page.get_by_role("heading", name="Done for now")).to_be_visible()
    assert Judgment.objects.get().chosen == Position(held.shown_left)


def test_a_late_answer_that_another_annotator_was_given_can_be_copied(
    open_page: Callable[..., Page], campaign: Campaign, held: Assignment
) -> None:
    page = open_page(held.annotator)
    go(page, held)
    page.route("**/heartbeat/", lambda route: route.abort())
    give_back(held)
    queue.claim(campaign=campaign, by=factories.annotator(campaign))
    choose(page)
    press(page, "Control+Enter")
    expect(page.get_by_role("alert")).to_contain_text("Others have taken this comparison meanwhile.")
    expect(page.get_by_label("What you wrote")).to_have_value(WHY)
    assert not Judgment.objects.exists()
    page.reload()
    expect(page.get_by_label("What you wrote")).to_have_value(WHY)


def test_before_the_lease_ends_somebody_who_went_away_is_asked_and_keeps_it_by_a_click(
    open_page: Callable[..., Page], held: Assignment
) -> None:
    page = open_page(held.annotator)
    page.clock.install()
    go(page, held)
    page.clock.fast_forward("14:30")
    expect(page.get_by_text("Without a sign of you this comparison goes back in a minute")).to_be_visible()
    before = Assignment.objects.get(pk=held.pk).leased_until
    page.get_by_role("button", name="I am still here").click()
    expect(page.get_by_text("Without a sign of you this comparison goes back in a minute")).to_be_hidden()
    assert Assignment.objects.get(pk=held.pk).leased_until > before
