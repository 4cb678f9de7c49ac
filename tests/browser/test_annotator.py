"""An annotator's work in a real browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from preferences.choices import Position, Track
from preferences.models import Campaign, Judgment
from tests import factories

LEFT_TEXT = "Sunlight is made of many colours, and air scatters the blue part of it most."
RIGHT_TEXT = "It is blue because the sea is blue."


@pytest.fixture
def campaign(transactional_db: None) -> Campaign:
    return factories.campaign(track=Track.SAFETY, slug="browser", name="Safety, spring")


def pair(campaign: Campaign, number: int = 0) -> None:
    factories.comparison(campaign, text=f"Why is the sky blue? ({number})", text_a=LEFT_TEXT, text_b=RIGHT_TEXT)


def test_signing_in_leads_to_the_work(open_page: Callable[..., Page], campaign: Campaign) -> None:
    factories.annotator(campaign, "alice", password="a long password")
    page = open_page(None)
    page.goto("/")
    page.get_by_label("Name").fill("alice")
    page.get_by_label("Password").fill("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("do not belong together")
    expect(page.get_by_label("Name")).to_have_value("alice")
    page.get_by_label("Password").fill("a long password")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="My work")).to_be_visible()
    expect(page.get_by_role("heading", name="Safety, spring")).to_be_visible()


def test_a_comparison_is_judged_and_the_next_one_comes_in_one_request(
    open_page: Callable[..., Page], campaign: Campaign
) -> None:
    pair(campaign, 1)
    pair(campaign, 2)
    page = open_page(factories.annotator(campaign))
    page.goto("/")
    page.get_by_role("button", name="Compare").click()
    first = page.url
    page.get_by_role("button", name="Reveal").click()
    page.locator("[name=safety_left][value='4']").check()
    page.locator("[name=safety_right][value='3']").check()
    page.keyboard.press("Escape")
    page.keyboard.press("2")
    requests: list[str] = []
    page.on("request", lambda request: requests.append(f"{request.method} {request.url}"))
    page.keyboard.press("Enter")
    expect(page.locator(".history .prose").get_by_text("Why is the sky blue? (2)")).to_be_visible()
    assert page.url != first
    assert [line for line in requests if "/static/" not in line] == [f"POST {first}"]

    judgment = Judgment.objects.get()
    left = Position(judgment.shown_left)
    assert (judgment.chosen, judgment.degree) == (left, "better")
    safety = {Position.A: judgment.safety_a, Position.B: judgment.safety_b}
    assert (safety[left], safety[left.other]) == (4, 3)


def test_a_refused_answer_stays_as_it_was_typed(open_page: Callable[..., Page], campaign: Campaign) -> None:
    pair(campaign)
    page = open_page(factories.annotator(campaign))
    page.goto("/")
    page.get_by_role("button", name="Compare").click()
    page.get_by_role("button", name="Reveal").click()
    page.locator("[name=safety_left][value='1']").check()
    page.locator("[name=safety_right][value='5']").check()
    page.get_by_text("Say why (optional)").click()
    page.locator("#rationale").fill("because 1 2 3")  # digits typed are text, not verdicts
    page.keyboard.press("Escape")
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("You prefer the left response but scored it as a violation")
    expect(page.locator("#rationale")).to_have_value("because 1 2 3")
    expect(page.locator("[name=safety_left][value='1']")).to_be_checked()
    expect(page.locator("[name=verdict][value='1']")).to_be_checked()
    assert not Judgment.objects.exists()
    page.keyboard.press("Escape")
    page.keyboard.press("8")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Done for now")).to_be_visible()
    assert Judgment.objects.get().rationale == "because 1 2 3"


def test_model_text_is_text_whatever_it_holds(open_page: Callable[..., Page], campaign: Campaign) -> None:
    evil = "<script>window.broken = 1</script><img src=x onerror='window.broken = 1'>"
    factories.comparison(campaign, text=f"prompt {evil}", text_a=f"answer {evil}", text_b="other")
    page = open_page(factories.annotator(campaign))
    page.goto("/")
    page.get_by_role("button", name="Compare").click()
    expect(page.locator(".pane .prose").get_by_text(f"answer {evil}")).to_be_visible()
    assert page.evaluate("window.broken") is None
