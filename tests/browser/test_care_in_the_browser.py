"""Safety texts are veiled until they are wanted, categories can be left to others, a break is proposed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from annotation import care
from annotation.models import Assignment
from preferences.choices import Track
from preferences.models import Campaign
from tests import factories
from tests.browser.steps import go, press
from webapp.accounts.models import User

WARNING = "Content warning: this is safety work."
BREAK = "You have worked for 50 minutes."


@pytest.fixture
def campaign(transactional_db: None) -> Campaign:
    return factories.campaign(track=Track.SAFETY, slug="care", name="Safety, spring")


@pytest.fixture
def held(campaign: Campaign) -> Assignment:
    return factories.assignment(campaign)


def texts(page: Page) -> list[Locator]:
    return page.locator(".pane, .history").all()


def chosen(user: User, **settings: object) -> None:
    care.choose(user=user, by=user, **{"opted_out": [], "veil": True, "break_minutes": 50, **settings})


def is_blurred(text: Locator) -> bool:
    return text.locator(".prose").first.evaluate("(prose) => getComputedStyle(prose).filter") != "none"


def takes_focus(text: Locator) -> bool:
    """Whether the keyboard and a screen reader reach it."""
    return text.evaluate("(text) => { text.focus(); return document.activeElement === text; }")


def test_safety_texts_are_veiled_until_they_are_revealed(
    open_page: Callable[..., Page], campaign: Campaign, held: Assignment
) -> None:
    factories.comparison(campaign, text="The second question?")
    page = open_page(held.annotator)
    go(page, held)
    expect(page.get_by_text(WARNING)).to_be_visible()
    assert len(texts(page)) == 3
    assert [(is_blurred(text), takes_focus(text)) for text in texts(page)] == [(True, False)] * 3
    press(page, "m")  # as they were written is no way around it
    assert [text.locator(".raw").first.evaluate("(raw) => getComputedStyle(raw).filter") for text in texts(page)] == [
        "blur(9.6px)"
    ] * 3
    press(page, "m v")
    expect(page.get_by_text(WARNING)).to_have_count(0)
    assert [(is_blurred(text), takes_focus(text)) for text in texts(page)] == [(False, True)] * 3
    press(page, "4 4 2 Enter")
    expect(page.locator(".history .prose").get_by_text("The second question?")).to_be_visible()
    expect(page.get_by_text(WARNING)).to_be_visible()
    assert [(is_blurred(text), takes_focus(text)) for text in texts(page)] == [(True, False)] * 3


def test_who_wants_no_veil_sees_the_texts_at_once(open_page: Callable[..., Page], held: Assignment) -> None:
    chosen(held.annotator, veil=False)
    page = open_page(held.annotator)
    go(page, held)
    expect(page.get_by_text(WARNING)).to_have_count(0)
    assert [(is_blurred(text), takes_focus(text)) for text in texts(page)] == [(False, True)] * 3


def test_helpfulness_work_has_no_veil(open_page: Callable[..., Page], transactional_db: None) -> None:
    assignment = factories.assignment(factories.campaign())
    page = open_page(assignment.annotator)
    go(page, assignment)
    expect(page.get_by_text(WARNING)).to_have_count(0)
    assert not any(is_blurred(text) for text in texts(page))


def test_work_of_a_category_that_somebody_left_to_others_does_not_come_to_them(
    open_page: Callable[..., Page], campaign: Campaign
) -> None:
    factories.comparison(campaign)
    page = open_page(factories.annotator(campaign))
    page.goto("/settings/")
    page.get_by_label("Unqualified advice").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.goto("/")
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("heading", name="Done for now")).to_be_visible()
    expect(page.get_by_text("You opted out of some risk categories; their work goes to others.")).to_be_visible()
    page.goto("/settings/")
    page.get_by_label("Unqualified advice").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.goto("/campaigns/care/done/")
    page.get_by_role("button", name="Look again").click()
    expect(page.locator("#compare")).to_be_visible()


def worked(page: Page, seconds: int) -> None:
    """Somebody has worked for so long in this tab, and ten seconds more."""
    page.evaluate("(seconds) => sessionStorage.setItem('margin:worked', seconds)", str(seconds))
    page.clock.fast_forward(10_000)


def test_after_the_chosen_minutes_a_break_is_proposed(open_page: Callable[..., Page], held: Assignment) -> None:
    page = open_page(held.annotator)
    page.clock.install()
    go(page, held)
    worked(page, 49 * 60)
    expect(page.get_by_text("A short break does you good.")).to_be_hidden()
    worked(page, 50 * 60 - 10)
    expect(page.get_by_text(BREAK)).to_be_visible()
    page.get_by_role("button", name="Later").click()
    expect(page.get_by_text(BREAK)).to_be_hidden()
    worked(page, 50 * 60 - 10)
    page.get_by_role("button", name="Take a break").click()
    expect(page.get_by_role("dialog", name="Paused")).to_be_visible()
    press(page, "Enter")
    expect(page.get_by_text(BREAK)).to_be_hidden()
    assert page.evaluate("sessionStorage.getItem('margin:worked')") == "0"


def test_who_wants_no_reminder_gets_none(open_page: Callable[..., Page], held: Assignment) -> None:
    chosen(held.annotator, break_minutes=0)
    page = open_page(held.annotator)
    page.clock.install()
    go(page, held)
    worked(page, 600 * 60)
    expect(page.locator("[data-notice=break]")).to_be_hidden()
