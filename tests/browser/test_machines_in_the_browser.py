"""The page of the machines renews itself, and leaves alone what somebody is at."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from preferences.models import Campaign
from tests import factories
from tests.browser.machine_pages import at_work
from workers import actions, recording

ALL_OF_IT = "(one) => getSelection().selectAllChildren(one)"


def failed_once(campaign: Campaign) -> None:
    holder, run = factories.claimed_run(factories.sampling_run(campaign))
    recording.fail(run=run, holder=holder, reason="The server is away.", told="The models could not answer.")


def test_it_renews_itself_keeps_the_focus_and_waits_for_who_marks_text(
    open_page: Callable[..., Page], transactional_db: None
) -> None:
    campaign = factories.campaign()
    failed_once(campaign)
    page = open_page(factories.manager(campaign))
    page.clock.install()
    page.goto("/machines/")
    expect(page.get_by_text("No worker has been seen within a day.")).to_be_visible()
    again = page.get_by_role("button", name="Ask again for 1 prompt")
    again.focus()

    factories.worker(name="first@node")
    page.clock.run_for(5_000)
    expect(page.get_by_role("heading", name="first@node")).to_be_visible()
    expect(again).to_be_focused()

    page.get_by_role("heading", name="first@node").evaluate(ALL_OF_IT)
    factories.worker(name="second@node")
    page.clock.run_for(5_000)
    assert page.evaluate("String(getSelection())") == "first@node"
    page.evaluate("getSelection().removeAllRanges()")
    page.clock.run_for(5_000)
    expect(page.get_by_role("heading", name="second@node")).to_be_visible()

    again.click()
    expect(page.get_by_text("1 prompt waits for its answers once more.")).to_be_visible()
    assert actions.waiting_variants()


def test_the_machines_at_work(
    open_page: Callable[..., Page], transactional_db: None, keep_screenshot: Callable[[Page, str], None]
) -> None:
    campaign = factories.campaign()
    at_work(campaign)
    boss = factories.manager(campaign)
    boss.pseudonym = "calm-crane-3771"
    boss.save(update_fields=["pseudonym"])
    page = open_page(boss, width=1280, height=980)
    page.goto("/machines/")
    expect(page.get_by_text("Samples 4 answers of rlhf-v3")).to_be_visible()
    expect(page.get_by_text("GPU memory: 32.0 GiB of 80.0 GiB")).to_be_visible()
    keep_screenshot(page, "machines")
