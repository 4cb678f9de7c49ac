"""What was chosen and typed outlives a killed tab, another device, a lost network and a server that refuses."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from preferences.choices import Track
from preferences.models import Campaign, Judgment, Turn
from tests import factories
from tests.browser.steps import SAVED, expect_chosen, go, press, sign_in
from webapp.accounts.models import User

WHY = "Because the right one invents a source. 1 2 3"
OFFLINE = "No connection. Your answer is kept here"
UNTAKEN = "The server could not take the answer just now."


@pytest.fixture
def campaign(transactional_db: None) -> Campaign:
    return factories.campaign(track=Track.SAFETY, slug="kept")


def choose_everything(page: Page) -> None:
    """Scores, verdict and rationale, by keyboard."""
    press(page, "v 4 3 2 w")
    page.keyboard.type(WHY)


def expect_everything(page: Page) -> None:
    expect_chosen(page, safety_left="4", safety_right="3", verdict="2")
    expect(page.locator("#rationale")).to_have_value(WHY)
    expect(page.locator("#rationale")).to_be_visible()


def test_a_tab_killed_at_once_loses_nothing(open_page: Callable[..., Page], campaign: Campaign) -> None:
    assignment = factories.assignment(campaign)
    page = open_page(assignment.annotator)
    page.route("**/heartbeat/", lambda route: route.abort())  # the server hears nothing of it
    go(page, assignment)
    choose_everything(page)
    page.close(run_before_unload=False)
    again = page.context.new_page()
    go(again, assignment)
    expect_everything(again)
    expect(again.get_by_text(SAVED)).to_be_visible()
    again.reload()
    expect_everything(again)


def test_a_draft_follows_its_person_to_another_device(open_page: Callable[..., Page], campaign: Campaign) -> None:
    alice = factories.annotator(campaign, "alice", password="a long password")
    assignment = factories.assignment(campaign, alice)
    page = open_page(alice)
    go(page, assignment)
    choose_everything(page)
    expect(page.get_by_text(SAVED)).to_be_visible()
    page.context.close()
    other = open_page(None)
    other.goto(f"/compare/{assignment.key}/")
    sign_in(other, "alice", "a long password")
    expect_everything(other)
    other.get_by_role("button", name="Sign out").click()
    sign_in(other, "alice", "a long password")
    expect(other.get_by_role("heading", name="My work")).to_be_visible()
    go(other, assignment)
    expect_everything(other)
    press(other, "Enter")
    expect(other.get_by_role("heading", name="Done for now")).to_be_visible()
    assert Judgment.objects.get().rationale == WHY


def test_an_answer_after_signing_out_elsewhere_is_there_again_after_signing_in(
    open_page: Callable[..., Page], campaign: Campaign, provoked: list[str]
) -> None:
    provoked += ["401", "ERR_FAILED", "redirect"]
    alice = factories.annotator(campaign, "alice", password="a long password")
    assignment = factories.assignment(campaign, alice)
    page = open_page(alice)
    go(page, assignment)
    second = page.context.new_page()
    second.goto("/settings/")
    second.get_by_role("button", name="Sign out").click()
    expect(second.get_by_label("Name")).to_be_visible()
    choose_everything(page)
    press(page, "Control+Enter")
    sign_in(page, "alice", "a long password")
    expect_everything(page)
    assert not Judgment.objects.exists()
    press(page, "Enter")
    expect(page.get_by_role("heading", name="Done for now")).to_be_visible()
    assert Judgment.objects.get().rationale == WHY


def text_page(kind: str) -> tuple[User, str]:
    """Somebody, and a page of theirs with one text field."""
    campaign = factories.campaign(max_turns=3, asks_edit=True)
    author = factories.annotator(campaign)
    if kind == "write":
        return author, f"/campaigns/{campaign.slug}/write/"
    if kind == "edit":
        return author, f"/compare/{factories.submitted_assignment(campaign, author).key}/edit/"
    turn = factories.turn(campaign, by=author)
    factories.judge(factories.comparison(of=turn), author)
    return author, f"/dialogues/{turn.dialogue_id}/"


@pytest.mark.parametrize("kind", ["write", "dialogue", "edit"])
def test_a_text_outlives_its_tab_and_its_device(
    open_page: Callable[..., Page], transactional_db: None, kind: str
) -> None:
    author, address = text_page(kind)
    page = open_page(author)
    page.goto(address)
    text = page.locator("textarea[name=text]")
    expect(text).to_be_focused()
    press(page, "Control+a Delete")
    page.keyboard.type("Half a sentence that")
    expect(page.get_by_text(SAVED)).to_be_visible()
    page.keyboard.type(" nobody has saved")
    page.close(run_before_unload=False)
    again = page.context.new_page()
    again.goto(address)
    expect(again.locator("textarea[name=text]")).to_have_value("Half a sentence that nobody has saved")
    expect(again.get_by_text(SAVED)).to_be_visible()
    again.context.close()
    other = open_page(author)
    other.goto(address)
    expect(other.locator("textarea[name=text]")).to_have_value("Half a sentence that nobody has saved")


def test_a_prompt_sent_without_a_network_stays_and_is_no_draft_once_it_is_sent(
    open_page: Callable[..., Page], transactional_db: None, provoked: list[str]
) -> None:
    provoked += ["ERR_INTERNET_DISCONNECTED", "htmx:sendError", "htmx:afterRequest"]
    campaign = factories.campaign(slug="offline")
    factories.sampling_plan(campaign)
    factories.worker()
    page = open_page(factories.annotator(campaign))
    page.goto("/campaigns/offline/write/")
    page.get_by_label("Category").select_option("factual")
    page.context.set_offline(True)
    page.get_by_label("Prompt").fill("Why is the sky blue?")
    press(page, "Control+Enter")
    expect(page.get_by_text("No connection. What you wrote is kept here")).to_be_visible()
    expect(page.get_by_label("Prompt")).to_have_value("Why is the sky blue?")
    page.context.set_offline(False)  # sent by itself
    expect(page.get_by_role("heading", name="Both models are answering")).to_be_visible()
    assert Turn.objects.get().prompt.text == "Why is the sky blue?"
    page.goto("/campaigns/offline/write/")
    expect(page.get_by_label("Prompt")).to_have_value("")


def test_an_answer_without_a_network_is_sent_by_itself_and_once(
    open_page: Callable[..., Page], campaign: Campaign, provoked: list[str]
) -> None:
    provoked += ["ERR_INTERNET_DISCONNECTED", "htmx:sendError", "htmx:afterRequest"]
    first = factories.assignment(campaign)
    factories.comparison(campaign, text="The second question?")
    page = open_page(first.annotator)
    go(page, first)
    choose_everything(page)
    expect(page.get_by_text(SAVED)).to_be_visible()
    page.context.set_offline(True)
    press(page, "Control+Enter")
    expect(page.get_by_text(OFFLINE)).to_be_visible()
    expect_everything(page)
    assert not Judgment.objects.exists()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.url.endswith(f"{first.key}/") else None)
    page.context.set_offline(False)
    expect(page.locator(".history .prose").get_by_text("The second question?")).to_be_visible()
    expect_chosen(page, safety_left="", safety_right="", verdict="")
    assert len(sent) == 1
    assert Judgment.objects.get().rationale == WHY


@pytest.mark.parametrize("status", [500, 503])
def test_an_answer_that_the_server_cannot_take_stays_in_the_form(
    open_page: Callable[..., Page], campaign: Campaign, provoked: list[str], status: int
) -> None:
    provoked += [str(status)]
    assignment = factories.assignment(campaign)
    page = open_page(assignment.annotator)
    go(page, assignment)

    def refuse(route: Route) -> None:
        route.fulfill(status=status, body="<h1>Gone</h1>", content_type="text/html")

    page.route(page.url, refuse)
    choose_everything(page)
    press(page, "Control+Enter")
    expect(page.get_by_text(UNTAKEN)).to_be_visible()
    expect(page.get_by_role("heading", name="Gone")).to_have_count(0)
    expect_everything(page)
    page.unroute(page.url)
    press(page, "Escape Enter")
    expect(page.get_by_role("heading", name="Done for now")).to_be_visible()
    assert Judgment.objects.get().rationale == WHY
