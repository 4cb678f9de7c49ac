"""After Enter: undo and change until the batch is sealed, and improving the response that was chosen."""

from __future__ import annotations

from collections.abc import Callable

from django.utils import timezone
from playwright.sync_api import Page, expect

from annotation.models import Assignment
from preferences.actions import batches
from preferences.choices import Position, Track
from preferences.models import Campaign, Event, Judgment
from preferences.weeks import week_of
from tests import factories
from tests.browser.steps import expect_chosen, go, press

DONE, UNDO = "Done for now", "Undo or change"


def seal(campaign: Campaign) -> None:
    batches.seal(week=week_of(timezone.now(), campaign.time_zone), campaigns=[campaign], by=None)


def test_u_brings_the_pair_before_back_and_the_change_is_stored_as_a_revision(
    open_page: Callable[..., Page], transactional_db: None
) -> None:
    campaign = factories.campaign(track=Track.SAFETY)
    first = factories.assignment(campaign)
    factories.comparison(campaign, text="The second question?")
    page = open_page(first.annotator)
    go(page, first)
    press(page, "v 4 3 2 w")
    page.keyboard.type("At first sight.")
    press(page, "Control+Enter")
    second = page.locator(".history .prose").get_by_text("The second question?")
    expect(second).to_be_visible()
    press(page, "v 5")
    press(page, "u")
    expect(page.get_by_text("Stored; you are changing it")).to_be_visible()
    expect_chosen(page, safety_left="4", safety_right="3", verdict="2")
    expect(page.locator("#rationale")).to_have_value("At first sight.")
    # Going back twice from the verdict leads to the first question.
    press(page, "Backspace Backspace 3 3 7 Enter")
    expect(second).to_be_visible()
    expect_chosen(page, safety_left="5", verdict="")

    judgment, left = Judgment.objects.get(), first.left
    assert (judgment.revision, judgment.chosen, judgment.degree) == (1, left.other, "better")
    assert {judgment.safety_a, judgment.safety_b} == {3}
    told = Event.objects.get(verb="judgment.revised").data
    assert (told["before"]["chosen"], told["after"]["chosen"]) == (left, left.other)
    assert (told["before"]["degree"], told["revision"]) == ("better", 1)


def test_u_works_on_the_page_that_says_done(open_page: Callable[..., Page], transactional_db: None) -> None:
    assignment = factories.assignment(factories.campaign())
    page = open_page(assignment.annotator)
    go(page, assignment)
    press(page, "3 Enter")
    expect(page.get_by_role("heading", name=DONE)).to_be_visible()
    press(page, "u")
    expect_chosen(page, verdict="3")
    press(page, "n Enter")
    expect(page.get_by_role("heading", name=DONE)).to_be_visible()
    expect(page.get_by_role("link", name=UNDO)).to_be_visible()
    judgment = Judgment.objects.get()
    assert (judgment.chosen, judgment.revision) == ("neither", 1)


def test_a_stored_verdict_has_no_time_that_could_run_out(
    open_page: Callable[..., Page], transactional_db: None
) -> None:
    stored = factories.submitted_assignment(factories.campaign())
    factories.expire(stored)
    page = open_page(stored.annotator)
    page.clock.install()
    go(page, stored)
    press(page, "5")
    page.clock.fast_forward("20:00")
    expect(page.locator("[data-notice=lost]")).to_be_hidden()
    expect(page.get_by_text("Draft saved.")).to_be_visible()
    assert Judgment.objects.get().revision == 0  # a change is a draft until Enter stores it
    press(page, "Enter")
    expect(page.get_by_role("heading", name=DONE)).to_be_visible()
    assert Judgment.objects.get().revision == 1


def test_a_sealed_verdict_says_so_and_stays(open_page: Callable[..., Page], transactional_db: None) -> None:
    campaign = factories.campaign()
    stored = factories.submitted_assignment(campaign, place=2)
    page = open_page(stored.annotator)
    go(page, stored)
    seal(campaign)
    press(page, "7 Enter")
    expect(page.get_by_role("heading", name="Your verdict is sealed")).to_be_visible()
    expect(page.get_by_role("button", name="Take it up again")).to_have_count(0)
    page.goto(f"/compare/{stored.key}/")
    expect(page.get_by_role("heading", name="Your verdict is sealed")).to_be_visible()
    judgment = Judgment.objects.get()
    assert (judgment.revision, judgment.chosen) == (0, stored.left)


def to_the_edit(page: Page, assignment: Assignment) -> None:
    go(page, assignment)
    press(page, "2 Enter")
    expect(page.get_by_role("heading", name="Improve the response that you chose")).to_be_visible()
    expect(page.locator("textarea[name=text]")).to_be_focused()


def test_an_improved_response_is_stored_above_the_chosen_one(
    open_page: Callable[..., Page], transactional_db: None
) -> None:
    assignment = factories.assignment(factories.campaign(asks_edit=True))
    page = open_page(assignment.annotator)
    to_the_edit(page, assignment)
    chosen = assignment.comparison.response_at(Position(assignment.shown_left))
    expect(page.locator("textarea[name=text]")).to_have_value(chosen.text)
    press(page, "Control+End")
    page.keyboard.type(" And here is why: 1, 2, 3.")
    press(page, "Control+Enter")
    expect(page.get_by_role("heading", name=DONE)).to_be_visible()
    edited = Judgment.objects.get().edited_response
    assert edited is not None
    assert (edited.text, edited.source) == (f"{chosen.text} And here is why: 1, 2, 3.", "edited")


def test_where_nothing_is_to_improve_nothing_is_stored(open_page: Callable[..., Page], transactional_db: None) -> None:
    assignment = factories.assignment(factories.campaign(asks_edit=True))
    page = open_page(assignment.annotator)
    to_the_edit(page, assignment)
    page.get_by_role("button", name="Nothing to improve").click()
    expect(page.get_by_role("heading", name=DONE)).to_be_visible()
    assert Judgment.objects.get().edited_response is None


def test_after_neither_there_is_nothing_to_improve(open_page: Callable[..., Page], transactional_db: None) -> None:
    assignment = factories.assignment(factories.campaign(asks_edit=True))
    page = open_page(assignment.annotator)
    go(page, assignment)
    press(page, "n Enter")
    expect(page.get_by_role("heading", name=DONE)).to_be_visible()
