"""What is kept is its person's, of its page, and never older than what the server has."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from annotation import drafts
from preferences.choices import Track
from preferences.models import Campaign, Comparison, Judgment, Prompt
from tests import factories
from tests.browser.steps import SAVED, expect_chosen, go, press, sign_in


@pytest.fixture
def campaign(transactional_db: None) -> Campaign:
    return factories.campaign(slug="whose", max_turns=2)


def test_a_shared_device_shows_nobody_what_another_person_wrote(
    open_page: Callable[..., Page], campaign: Campaign
) -> None:
    for name in ("alice", "bob"):
        factories.annotator(campaign, name, password="a long password")
    page = open_page(None)
    page.route("**/draft/", lambda route: route.abort())  # nothing reaches the server
    page.goto("/campaigns/whose/write/")
    sign_in(page, "alice", "a long password")
    page.locator("textarea[name=text]").fill("Alice's private words")
    page.get_by_role("button", name="Sign out").click()
    page.unroute("**/draft/")
    page.goto("/campaigns/whose/write/")
    sign_in(page, "bob", "a long password")
    expect(page.locator("textarea[name=text]")).to_have_value("")
    page.get_by_role("button", name="Sign out").click()
    page.goto("/campaigns/whose/write/")
    sign_in(page, "alice", "a long password")
    expect(page.locator("textarea[name=text]")).to_have_value("Alice's private words")


def test_what_another_device_saved_since_is_not_overwritten_by_an_older_copy(
    open_page: Callable[..., Page], campaign: Campaign, provoked: list[str]
) -> None:
    provoked += ["ERR_INTERNET_DISCONNECTED"]
    alice = factories.annotator(campaign)
    page = open_page(alice)
    page.goto("/campaigns/whose/write/")
    page.context.set_offline(True)
    page.locator("textarea[name=text]").fill("Old words of this device")
    page.close(run_before_unload=False)
    page.context.set_offline(False)
    time.sleep(1)  # a save that the closing page may still have sent is older than the other device's
    drafts.keep(about=campaign, fields={"text": "Newer words of another device"}, by=alice)
    again = page.context.new_page()
    again.goto("/campaigns/whose/write/")
    expect(again.locator("textarea[name=text]")).to_have_value("Newer words of another device")
    again.reload()
    expect(again.locator("textarea[name=text]")).to_have_value("Newer words of another device")


def test_a_prompt_that_meets_a_server_in_trouble_stays_and_says_so(
    open_page: Callable[..., Page], campaign: Campaign, provoked: list[str]
) -> None:
    provoked += ["503"]
    page = open_page(factories.annotator(campaign))
    page.goto("/campaigns/whose/write/")

    def refuse(route: Route) -> None:
        if route.request.method == "POST":
            route.fulfill(
                status=503, body="<p role=alert>The database cannot be reached.</p>", content_type="text/html"
            )
        else:
            route.continue_()

    page.route("**/write/", refuse)
    page.locator("textarea[name=text]").fill("Why is the sky blue?")
    page.locator("[name=category]").select_option("factual")
    press(page, "Control+Enter")
    page.locator("textarea[name=text]").press("Control+Enter")
    expect(page.get_by_text("The database cannot be reached.")).to_be_visible()
    expect(page.locator("textarea[name=text]")).to_have_value("Why is the sky blue?")
    assert not Prompt.objects.exists()


def test_a_prompt_that_was_pointed_out_as_near_is_a_draft_wherever_its_author_goes(
    open_page: Callable[..., Page], campaign: Campaign
) -> None:
    words = "Why is the sky blue in the morning and red in the evening?"
    factories.turn(campaign, text=words)
    factories.sampling_plan(campaign)
    factories.worker()
    alice = factories.annotator(campaign)
    page = open_page(alice)
    page.goto("/campaigns/whose/write/")
    page.locator("[name=category]").select_option("factual")
    page.locator("textarea[name=text]").fill(f"{words} Tell me")
    page.locator("textarea[name=text]").press("Control+Enter")
    expect(page.get_by_text("close to a prompt")).to_be_visible()
    page.context.close()
    other = open_page(alice)
    other.goto("/campaigns/whose/write/")
    expect(other.locator("textarea[name=text]")).to_have_value(f"{words} Tell me")
    other.locator("textarea[name=text]").press("Control+Enter")
    expect(other.get_by_role("button", name="Ask anyway")).to_be_focused()
    press(other, "Enter")
    expect(other.get_by_role("heading", name="Both models are answering")).to_be_visible()


def test_a_second_window_with_another_verdict_is_told_of_the_first(
    open_page: Callable[..., Page], campaign: Campaign
) -> None:
    assignment = factories.assignment(campaign)
    first = open_page(assignment.annotator)
    second = first.context.new_page()
    go(first, assignment)
    go(second, assignment)
    press(first, "1 Enter")
    expect(first.get_by_role("heading", name="Done for now")).to_be_visible()
    press(second, "8 Enter")
    expect(second.get_by_role("alert")).to_contain_text("You gave another verdict in another window")
    expect_chosen(second, verdict="8")
    assert Judgment.objects.get().chosen == assignment.left
    press(second, "Enter")
    expect(second.get_by_role("heading", name="Done for now")).to_be_visible()
    assert (Judgment.objects.get().chosen, Judgment.objects.get().revision) == (assignment.left.other, 1)


def test_an_edit_begun_for_one_response_is_not_offered_for_the_other(
    open_page: Callable[..., Page], transactional_db: None
) -> None:
    campaign = factories.campaign(asks_edit=True)
    assignment = factories.assignment(campaign)
    page = open_page(assignment.annotator)
    go(page, assignment)
    press(page, "1 Enter")
    text = page.locator("textarea[name=text]")
    left = text.input_value()
    text.fill(f"{left} And more.")
    expect(page.get_by_text(SAVED)).to_be_visible()
    page.goto(f"/compare/{assignment.key}/")
    press(page, "8 Enter")
    expect(page.get_by_role("heading", name="Improve the response that you chose")).to_be_visible()
    right = Comparison.objects.get().response_at(assignment.left.other).text
    expect(text).to_have_value(right)


def test_a_key_held_down_answers_once_and_nothing_is_judged_unseen(
    open_page: Callable[..., Page], transactional_db: None
) -> None:
    assignment = factories.assignment(factories.campaign(track=Track.SAFETY))
    page = open_page(assignment.annotator)
    go(page, assignment)
    expect(page.locator(".step.now")).to_be_visible()
    press(page, "3 3 3 Enter")  # still veiled
    expect_chosen(page, safety_left="", safety_right="", verdict="")
    press(page, "v")
    for _ in range(3):
        page.keyboard.down("3")  # the second and third are repeats
    page.keyboard.up("3")
    expect_chosen(page, safety_left="3", safety_right="", verdict="")
    assert not Judgment.objects.exists()


def test_what_is_changed_while_the_network_is_away_is_not_sent_by_itself(
    open_page: Callable[..., Page], campaign: Campaign, provoked: list[str]
) -> None:
    provoked += ["ERR_INTERNET_DISCONNECTED", "htmx:sendError", "htmx:afterRequest"]
    assignment = factories.assignment(campaign)
    page = open_page(assignment.annotator)
    go(page, assignment)
    page.context.set_offline(True)
    press(page, "3 Enter")
    expect(page.get_by_text("No connection. Your answer is kept here")).to_be_visible()
    press(page, "8")
    expect(page.get_by_text("No connection. Your answer is kept here")).to_be_hidden()
    page.context.set_offline(False)
    page.wait_for_timeout(4500)  # longer than it takes to send again
    assert not Judgment.objects.exists()
    press(page, "Enter")
    expect(page.get_by_role("heading", name="Done for now")).to_be_visible()
    assert Judgment.objects.get().degree == "significantly_better"


def test_a_skip_that_is_refused_leaves_the_verdict_alone(open_page: Callable[..., Page], campaign: Campaign) -> None:
    assignment = factories.assignment(campaign)
    page = open_page(assignment.annotator)
    go(page, assignment)
    press(page, "2 w")
    page.keyboard.type("Shorter.")
    press(page, "Escape s 5")
    page.locator("#skip [name=note]").fill("odd \ufffd note")
    press(page, "Enter")
    expect(page.locator("#skip").get_by_role("alert")).to_contain_text("could not be read as UTF-8")
    expect(page.locator("#skip [name=note]")).to_have_value("odd \ufffd note")
    page.locator("#skip").get_by_role("button", name="Cancel").click()
    expect_chosen(page, verdict="2")
    expect(page.locator("#rationale")).to_have_value("Shorter.")
