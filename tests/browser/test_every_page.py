"""Every page in both themes: no accessibility violation, and nothing wider than the screen from 320 px on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Page, expect

from preferences.choices import RationalePolicy, Track
from preferences.models import Campaign
from tests import factories
from tests.browser import addresses
from tests.browser.addresses import UNBROKEN, defects
from tests.browser.demonstration_pages import demonstrators
from tests.browser.machine_pages import machines
from tests.browser.plan_pages import plans
from tests.browser.rating_pages import raters
from tests.browser.red_team_pages import red_teamers
from tests.browser.result_pages import results
from tests.browser.reward_pages import rewards
from tests.browser.steps import go, press
from tests.browser.temperature_pages import temperatures
from tests.browser.variant_pages import variant_pages
from tests.browser.webhook_pages import webhooks
from webapp.accounts.models import User

BOTH_THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


@pytest.fixture
def campaign(transactional_db: None) -> Campaign:
    campaign = factories.campaign(track=Track.SAFETY, slug="pages", raters_per_item=2, max_turns=3)
    factories.sampling_plan(campaign)
    return campaign


@pytest.fixture
def olga(campaign: Campaign) -> User:
    return factories.user("olga", is_superuser=True)


WHOSE = ["managers", "authors", "demonstrators", "red_teamers", "annotators", "reviewers", "examinees", "examiners"]
WHOSE += ["machines", "plans", "results", "rewards", "temperatures", "raters", "variants", "webhooks"]


@pytest.mark.parametrize("whose", WHOSE)
def test_every_page_is_accessible_and_fits(
    open_page: Callable[..., Page], campaign: Campaign, olga: User, tmp_path: Path, whose: str
) -> None:
    pages = {
        "managers": lambda: addresses.managers(campaign, tmp_path),
        "machines": lambda: machines(campaign, olga),
        "plans": plans,
        "results": results,
        "variants": variant_pages,
        "webhooks": lambda: webhooks(campaign),
        "rewards": lambda: rewards(campaign),
        "temperatures": temperatures,
        "authors": lambda: addresses.authors(campaign, olga),
        "demonstrators": lambda: demonstrators(olga),
        "red_teamers": lambda: red_teamers(olga),
        "annotators": lambda: addresses.annotators(campaign, olga),
        "raters": lambda: raters(olga),
        "reviewers": lambda: addresses.reviewers(campaign, olga),
        "examinees": lambda: addresses.exams(olga),
        "examiners": lambda: addresses.managed(campaign),
    }[whose]()
    page = open_page(olga)
    found = []
    for address in pages:
        answer = page.goto(address)
        assert answer is not None and answer.status == 200, address
        assert page.url.endswith(address)
        found += in_both_themes(page, address)
    assert found == []


def in_both_themes(page: Page, where: str) -> list[tuple[str, str, Any]]:
    """Of the page as it stands, in the one theme and then in the other: it is what leads to a page that takes time."""
    found = []
    for theme in BOTH_THEMES:
        page.emulate_media(color_scheme=theme)
        found += defects(page, f"{where}, {theme}")
    return found


def test_the_pages_before_signing_in_and_of_what_is_not_there_are_accessible(
    open_page: Callable[..., Page], transactional_db: None, provoked: list[str]
) -> None:
    provoked += ["404"]
    page = open_page(None)
    page.goto("/sign-in/")
    found = in_both_themes(page, "sign in")
    page.get_by_role("button", name="简体中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
    found += in_both_themes(page, "sign in, in Chinese")
    page.goto("/nothing/")
    assert found + in_both_themes(page, "not found") == []


def test_a_refused_form_is_accessible(open_page: Callable[..., Page], campaign: Campaign, olga: User) -> None:
    factories.turn(campaign, text="Which pills may I take together when I have a cold?")
    page = open_page(olga)
    factories.reads(olga, campaign)
    page.goto("/campaigns/pages/write/")
    page.get_by_label("Risk category").select_option("unqualified_advice")
    page.get_by_label("Attack vector").select_option("logic")
    page.get_by_label("Prompt").fill("Which pills may I take together when I have a cold")
    press(page, "Control+Enter")
    expect(page.get_by_role("button", name="Ask anyway")).to_be_visible()
    found = in_both_themes(page, "a near duplicate")
    page.goto("/settings/")
    page.get_by_label("Remind me of a break").fill("soon")
    press(page, "Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    assert found + in_both_themes(page, "refused settings") == []


def test_each_window_of_the_compare_page_is_accessible(
    open_page: Callable[..., Page], campaign: Campaign, olga: User
) -> None:
    assignment = addresses.held(campaign, olga, text=UNBROKEN, text_a=f"| a | b |\n|--|--|\n| 1 | {UNBROKEN} |")
    page = open_page(olga)
    go(page, assignment)
    found = in_both_themes(page, "veiled")
    press(page, "v 4 3 w")
    found += in_both_themes(page, "half answered")
    press(page, "Escape")
    for key, name in {"?": "help", "s": "skip", "f": "flag", "p": "pause", "g": "guideline"}.items():
        press(page, key)
        expect(page.locator(f"dialog#{name}[open]")).to_be_visible()
        if name == "guideline":
            expect(page.locator("dialog#guideline .guideline-text")).to_be_visible()
        found += in_both_themes(page, name)
        press(page, "Escape")
        expect(page.locator("dialog[open]")).to_have_count(0)
    press(page, "m")
    found += in_both_themes(page, "raw text")
    for notice in page.locator("[data-notice]").all():
        notice.evaluate("(notice) => { notice.hidden = false; }")
    assert found + in_both_themes(page, "every notice") == []


def test_the_keyboard_reaches_whatever_can_be_used_and_shows_where_it_is(
    open_page: Callable[..., Page], transactional_db: None
) -> None:
    campaign = factories.campaign(track=Track.SAFETY, rationale=RationalePolicy.REQUIRED)
    assignment = factories.assignment(campaign)
    page = open_page(assignment.annotator, width=1280, height=800)
    go(page, assignment)
    press(page, "v")
    wanted = page.evaluate(
        """() => {
          const all = [...document.querySelectorAll("a, button, input, textarea, summary, [tabindex='0']")];
          const used = all.filter((one) => !one.closest("dialog, [hidden]") && one.type !== "hidden");
          used.forEach((one, number) => { one.dataset.number = number; });
          return used.map((one) => one.type === "radio" ? one.name : String(one.dataset.number));
        }"""
    )
    reached, unseen = set(), []
    page.evaluate("document.activeElement.blur()")
    for _ in range(len(wanted) + 5):
        press(page, "Tab")
        here = page.evaluate(
            """() => {
              const one = document.activeElement;
              if (one === document.body) return null;
              const seen = one.type === "radio" ? one.nextElementSibling : one;
              const box = seen.getBoundingClientRect();
              const style = getComputedStyle(seen);
              return {
                name: one.type === "radio" ? one.name : one.dataset.number,
                html: one.outerHTML.slice(0, 80),
                shows: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
                inside: box.width > 0 && box.top >= 0 && box.bottom <= innerHeight && box.right <= innerWidth,
              };
            }"""
        )
        if here is None:
            break
        reached.add(here["name"])
        if not (here["shows"] and here["inside"]):
            unseen.append(here)
    assert set(wanted) - reached == set()
    assert unseen == []
