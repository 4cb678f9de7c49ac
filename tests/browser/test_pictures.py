"""The pictures of the documentation: `make screenshots` takes them, and every run walks the same way."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from annotation.models import Assignment
from preferences.actions import guidelines
from preferences.choices import Position, Track
from preferences.models import Campaign
from tests import factories
from tests.annotation.quality.at_work import always_left, campaign_of, careful
from tests.browser.steps import go, press, put_left
from tests.browser.words import BREAD, BREAD_GOOD, BREAD_SHORT, BREAD_WEAK, PILLS, PILLS_RASH, PILLS_SAFE, RULES
from webapp.accounts.models import User

Keep = Callable[[Page, str], None]
SIZE = {"width": 1280, "height": 800}


@pytest.fixture
def bread(transactional_db: None) -> Campaign:
    return campaign("everyday", "Everyday questions", max_turns=4)


def campaign(slug: str, name: str, **settings: object) -> Campaign:
    made = factories.campaign(slug=slug, name=name, **settings)
    factories.sampling_plan(made)
    guidelines.publish(campaign=made, text=RULES, by=None)
    return made


def member(of: Campaign) -> User:
    return named(factories.annotator(of), "quiet-otter-2718")


def named(person: User, pseudonym: str) -> User:
    person.pseudonym = pseudonym
    person.save(update_fields=["pseudonym"])
    return person


def pair(of: Campaign, by: User, prompt: str, left: str, right: str) -> Assignment:
    made = factories.comparison(of, text=prompt, text_a=left, text_b=right)
    assignment = factories.assignment(of, by, comparison=made)
    put_left(assignment, Position.A)
    return assignment


def test_the_compare_page_of_helpfulness_work(
    open_page: Callable[..., Page], bread: Campaign, keep_screenshot: Keep
) -> None:
    person = member(bread)
    page = open_page(person, **SIZE)
    go(page, pair(bread, person, BREAD, BREAD_GOOD, BREAD_WEAK))
    expect(page.get_by_role("cell", name="20 °C")).to_be_visible()
    press(page, "2")
    expect(page.get_by_text("Draft saved.")).to_be_visible()
    keep_screenshot(page, "compare")


def test_the_compare_page_of_safety_work_at_night(
    open_page: Callable[..., Page], transactional_db: None, keep_screenshot: Keep
) -> None:
    safety = campaign("safety", "Safety, spring", track=Track.SAFETY)
    person = member(safety)
    page = open_page(person, theme="dark", **SIZE)
    go(page, pair(safety, person, PILLS, PILLS_SAFE, PILLS_RASH))
    press(page, "v 5 2")
    expect(page.get_by_text("Draft saved.")).to_be_visible()
    keep_screenshot(page, "compare-safety-dark")


def test_the_page_that_rates_one_response(
    open_page: Callable[..., Page], transactional_db: None, keep_screenshot: Keep
) -> None:
    study = campaign("safety-eval", "Safety of two systems", **factories.RATING)
    person = member(study)
    page = open_page(person, **SIZE)
    made = factories.comparison(study, text=PILLS, text_a=PILLS_RASH)
    go(page, factories.assignment(study, person, comparison=made))
    press(page, "v 2")
    expect(page.get_by_text("Draft saved.")).to_be_visible()
    keep_screenshot(page, "rate")


def test_my_work(open_page: Callable[..., Page], bread: Campaign, keep_screenshot: Keep) -> None:
    person = member(bread)
    for number in range(7):
        factories.judge(factories.comparison(bread), person, score=-3, active_seconds=95.0 + number)
    factories.batch(bread)
    for number in range(4):
        factories.judge(factories.comparison(bread), person, score=2, active_seconds=140.0 + number)
    safety = campaign("safety", "Safety, spring", track=Track.SAFETY, max_turns=4)
    factories.made_people.memberships.add(user=person, campaign=safety, role="annotator", by=None)
    page = open_page(person, **SIZE)
    page.goto("/")
    expect(page.get_by_role("link", name="Read it")).to_be_visible()
    keep_screenshot(page, "my-work")


def test_a_dialogue_that_goes_on(open_page: Callable[..., Page], bread: Campaign, keep_screenshot: Keep) -> None:
    person = member(bread)
    turn = factories.turn(bread, text=BREAD, by=person)
    factories.judge(factories.comparison(of=turn, text_a=BREAD_SHORT, text_b=BREAD_WEAK), person)
    page = open_page(person, **SIZE)
    page.goto(f"/dialogues/{turn.dialogue_id}/")
    expect(page.locator("textarea[name=text]")).to_be_focused()
    page.keyboard.type("The dent springs back at once. How long should I wait at 22 °C?")
    expect(page.get_by_text("Draft saved.")).to_be_visible()
    keep_screenshot(page, "dialogue")


def test_the_guideline_beside_the_pair(open_page: Callable[..., Page], bread: Campaign, keep_screenshot: Keep) -> None:
    person = member(bread)
    page = open_page(person, **SIZE)
    go(page, pair(bread, person, BREAD, BREAD_GOOD, BREAD_WEAK))
    press(page, "g")
    expect(page.get_by_role("dialog").get_by_text("An invented source weighs more")).to_be_visible()
    keep_screenshot(page, "guideline")


def test_the_review_of_a_verdict(open_page: Callable[..., Page], bread: Campaign, keep_screenshot: Keep) -> None:
    reviewer = named(factories.reviewer(bread), "calm-heron-3141")
    made = factories.comparison(bread, text=BREAD, text_a=BREAD_GOOD, text_b=BREAD_WEAK)
    judgment = factories.judge(made, score=2, rationale="The right one sounds more experienced.")
    review = factories.taken_review(judgment, reviewer)
    page = open_page(reviewer, **SIZE)
    page.goto(f"/reviews/{review.key}/")
    expect(page.get_by_role("button", name="Approve")).to_be_visible()
    expect(page.get_by_text("sounds more experienced")).to_be_visible()
    keep_screenshot(page, "review")


def test_how_one_person_works(open_page: Callable[..., Page], transactional_db: None, keep_screenshot: Keep) -> None:
    made, judges, _pairs = campaign_of(careful, careful, careful, always_left, pairs=40)
    Campaign.objects.filter(pk=made.pk).update(name="Everyday questions")
    about = named(judges[3], "quiet-otter-2718")
    page = open_page(named(factories.manager(made), "calm-heron-3141"), **SIZE)
    page.goto(f"/campaigns/{made.slug}/quality/{about.pseudonym}/")
    first = page.locator(".signals > article").first
    expect(first).to_contain_text("unusual")
    expect(first).to_contain_text("Left and right")
    keep_screenshot(page, "quality-person")
