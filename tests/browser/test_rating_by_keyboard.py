"""One response after the other is rated by keys only; the conversation stands beside it on a wide screen."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from annotation.models import Draft
from preferences.choices import AssignmentStatus
from preferences.models import Campaign, Flag, Judgment
from tests import factories
from tests.browser.steps import SAVED, expect_chosen, go, press
from webapp.accounts.models import User


@pytest.fixture
def campaign(transactional_db: None) -> Campaign:
    return factories.rating_campaign(slug="ratings")


@pytest.fixture
def ann(campaign: Campaign) -> User:
    return factories.annotator(campaign)


def see(page: Page, number: int) -> None:
    """The item of this number, revealed."""
    expect(page.locator(".response.only .prose")).to_have_text(f"Answer {number}.")
    page.wait_for_load_state()  # keys do nothing before their script is there
    press(page, "v")


def test_a_rater_goes_through_the_queue_without_a_mouse(
    open_page: Callable[..., Page], campaign: Campaign, ann: User
) -> None:
    for number in range(4):
        factories.comparison(campaign, text=f"Question {number}?", text_a=f"Answer {number}.")
    first = factories.assignment(campaign, ann, comparison=campaign.comparisons.first())
    page = open_page(ann)
    go(page, first)

    press(page, "2 Enter")  # blurred: nobody rates what they have not seen
    expect_chosen(page, verdict="")
    see(page, 0)
    press(page, "9 n 2")
    expect_chosen(page, verdict="2")
    press(page, "5 Enter")
    see(page, 1)
    expect(page.get_by_text("Stored.")).to_be_visible()
    press(page, "w")
    page.keyboard.type("It names a dose: 1 2 3")
    expect_chosen(page, verdict="")
    press(page, "Escape 1 Enter")
    see(page, 2)
    press(page, "f 3 Enter")
    expect(page.get_by_text("Flagged.")).to_be_visible()
    press(page, "Escape s 3 Enter")
    see(page, 3)
    press(page, "3 Enter")
    expect(page.get_by_role("heading", name="Done for now")).to_be_visible()

    stored = Judgment.objects.order_by("comparison").values_list("score", "rationale")
    assert list(stored) == [(5, ""), (1, "It names a dose: 1 2 3"), (3, "")]
    assert Flag.objects.get().reason == "dangerous"
    assert ann.assignments.filter(status=AssignmentStatus.RELEASED, skip_reason="distressing").count() == 1


def test_a_rating_is_undone_and_changed_by_keys(open_page: Callable[..., Page], campaign: Campaign, ann: User) -> None:
    for number in range(2):
        factories.comparison(campaign, text_a=f"Answer {number}.")
    page = open_page(ann)
    go(page, factories.assignment(campaign, ann, comparison=campaign.comparisons.first()))
    see(page, 0)
    press(page, "4 Enter")
    see(page, 1)
    press(page, "u")
    expect(page.get_by_text("Stored; you are changing it")).to_be_visible()
    page.wait_for_load_state()
    expect_chosen(page, verdict="4")
    press(page, "1 Enter")
    see(page, 1)
    assert list(Judgment.objects.values_list("score", "revision")) == [(1, 1)]


def test_what_was_chosen_survives_a_reload(open_page: Callable[..., Page], campaign: Campaign, ann: User) -> None:
    factories.comparison(campaign, text_a="Answer 0.")
    page = open_page(ann)
    go(page, factories.assignment(campaign, ann, comparison=campaign.comparisons.get()))
    see(page, 0)
    press(page, "2")
    expect(page.get_by_text(SAVED)).to_be_visible()
    page.reload()
    expect_chosen(page, verdict="2")
    assert Draft.objects.get().fields["verdict"] == "2"


@pytest.mark.parametrize(("width", "beside"), [(320, False), (1024, True), (2560, True)])
def test_the_conversation_stands_beside_the_response_where_there_is_room(
    open_page: Callable[..., Page], campaign: Campaign, ann: User, width: int, beside: bool
) -> None:
    factories.comparison(campaign, text_a="Answer 0.\n\n" + "More of it.\n\n" * 60)
    page = open_page(ann, width=width)
    go(page, factories.assignment(campaign, ann, comparison=campaign.comparisons.get()))
    boxes = [page.locator(part).bounding_box() for part in (".history", ".response", ".dock")]
    history, response, dock = (box for box in boxes if box)
    assert (history["x"] + history["width"] <= response["x"]) is beside
    assert history["y"] + history["height"] <= dock["y"] and response["y"] + response["height"] <= dock["y"]
    assert (dock["y"] + dock["height"] <= 768) is beside  # what is chosen from never leaves the screen of a desktop
