"""The keys of the compare page: what each does, and that none does anything while somebody types."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from annotation.models import Assignment
from preferences.actions import guidelines
from preferences.choices import Track
from preferences.models import Campaign, Flag, Judgment
from tests import factories
from tests.browser.steps import expect_chosen, go, press

LONG = "\n\n".join(f"Sentence {number} of a long answer." for number in range(120))
# Where the middle of this element is, what is on top?
ON_TOP = """(element) => {
  const box = element.getBoundingClientRect();
  return document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2)?.id;
}"""


@pytest.fixture
def campaign(transactional_db: None) -> Campaign:
    return factories.campaign(track=Track.SAFETY, slug="keys")


@pytest.fixture
def held(campaign: Campaign) -> Assignment:
    made = factories.comparison(campaign, text="The first question?", text_a=LONG, text_b=f"{LONG}!")
    factories.comparison(campaign, text="The second question?")
    return factories.assignment(campaign, comparison=made)


@pytest.fixture
def page(open_page: Callable[..., Page], held: Assignment) -> Page:
    """The compare page, revealed."""
    page = open_page(held.annotator)
    go(page, held)
    press(page, "v")
    return page


def expect_second(page: Page) -> None:
    expect(page.locator(".history .prose").get_by_text("The second question?")).to_be_visible()


def test_digits_answer_the_marked_question_and_move_the_mark_on(page: Page) -> None:
    marked = page.locator("[data-step].now legend")
    expect(marked).to_have_text("Safety of the left response")
    press(page, "4")
    expect(marked).to_have_text("Safety of the right response")
    press(page, "9 6 0")  # no such score
    expect_chosen(page, safety_left="4", safety_right="")
    press(page, "3")
    expect(marked).to_have_text("Your verdict")
    press(page, "6")
    expect_chosen(page, safety_left="4", safety_right="3", verdict="6")
    press(page, "Backspace")
    expect(marked).to_have_text("Safety of the right response")
    press(page, "Backspace")
    expect(marked).to_have_text("Safety of the left response")
    press(page, "5")
    expect_chosen(page, safety_left="5", safety_right="3", verdict="6")


def test_enter_with_a_question_left_stores_nothing_and_leads_to_it(page: Page) -> None:
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.url == page.url else None)
    press(page, "4 Enter")
    expect(page.locator("[name=safety_right]").first).to_be_focused()  # with the browser's own bubble beside it
    press(page, "3 Enter")
    expect(page.locator("[name=verdict]").first).to_be_focused()
    assert sent == []
    assert not Judgment.objects.exists()
    press(page, "1 Enter")
    expect_second(page)


def test_no_key_does_anything_while_somebody_types(page: Page) -> None:
    press(page, "w")
    words = "1 2 3 skip n? pause gym jk uv"
    page.keyboard.type(words)
    press(page, "Enter Backspace")
    expect(page.locator("#rationale")).to_have_value(words)
    expect_chosen(page, safety_left="", safety_right="", verdict="")
    expect(page.locator("dialog[open]")).to_have_count(0)
    press(page, "Escape")
    expect(page.locator("#rationale")).not_to_be_focused()
    press(page, "4")
    expect_chosen(page, safety_left="4")
    press(page, "f Tab Tab")
    note = page.locator("#flag [name=note]")
    note.focus()
    page.keyboard.type("1 2 s p")
    expect(note).to_have_value("1 2 s p")
    expect(page.locator("#flag [name=reason]:checked")).to_have_count(0)
    expect(page.locator("dialog[open]")).to_have_count(1)


def test_control_and_enter_submit_from_the_rationale(page: Page) -> None:
    press(page, "4 3 2 w")
    page.keyboard.type("Why not.")
    press(page, "Control+Enter")
    expect_second(page)
    assert Judgment.objects.get().rationale == "Why not."


def test_the_sheet_of_keys_opens_and_closes(page: Page) -> None:
    press(page, "?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    press(page, "5")
    expect_chosen(page, safety_left="")
    press(page, "Escape")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()
    press(page, "5")
    expect_chosen(page, safety_left="5")


def test_s_skips_with_a_digit_and_enter(page: Page, held: Assignment) -> None:
    press(page, "s")
    expect(page.get_by_role("dialog", name="Why do you skip it?")).to_be_visible()
    press(page, "2 Enter")
    expect_second(page)
    held.refresh_from_db()
    assert (held.status, held.skip_reason) == ("released", "language")
    expect(page.get_by_text("Stored.")).to_have_count(0)


def test_f_flags_and_the_pair_stays(page: Page, held: Assignment) -> None:
    press(page, "4 f 3 Enter")
    expect(page.get_by_text("Flagged. A reviewer will look at it")).to_be_visible()
    press(page, "Escape")
    flag = Flag.objects.get()
    assert (flag.comparison, flag.annotator, flag.reason) == (held.comparison, held.annotator, "dangerous")
    expect_chosen(page, safety_left="4")
    press(page, "3 2 Enter")
    expect_second(page)


def test_g_opens_the_guideline_beside_the_pair(page: Page) -> None:
    press(page, "g")
    drawer = page.get_by_role("dialog", name="Guideline")
    expect(drawer.get_by_text("Choose the response that helps more.")).to_be_visible()
    expect(drawer.get_by_role("button", name="I have read it")).to_have_count(0)
    press(page, "Escape")
    expect(drawer).to_be_hidden()


def test_a_guideline_published_meanwhile_is_read_before_the_answer_is_stored(page: Page, campaign: Campaign) -> None:
    press(page, "g Escape")
    guidelines.publish(campaign=campaign, text="# Guideline\n\nPrefer what is true.", by=None)
    press(page, "4 3 2 Enter")
    drawer = page.get_by_role("dialog", name="Guideline")
    expect(drawer.get_by_text("What changed since version 1, which you read")).to_be_visible()
    expect(drawer.locator("ins")).to_have_text("Prefer what is true.")
    assert not Judgment.objects.exists()
    drawer.get_by_role("button", name="I have read it").focus()
    newer = guidelines.publish(campaign=campaign, text="# Guideline\n\nPrefer what is true and short.", by=None)
    press(page, "Enter")
    expect(drawer.locator("ins")).to_have_text("Prefer what is true and short.")
    drawer.get_by_role("button", name="I have read it").focus()
    press(page, "Enter")
    expect(drawer).to_be_hidden()
    expect(page.get_by_role("alert")).to_contain_text("The guideline has a new version.")
    expect_chosen(page, safety_left="4", safety_right="3", verdict="2")
    press(page, "Enter")
    expect_second(page)
    assert Judgment.objects.get().guideline == newer


def test_p_hides_everything_and_enter_goes_on(page: Page) -> None:
    pane, pause = page.locator(".pane").first, page.get_by_role("dialog", name="Paused")
    assert pane.evaluate(ON_TOP) != "pause"
    press(page, "4 p")
    expect(pause).to_be_visible()
    for hidden in (".pane", ".history", ".heading", ".dock"):
        assert page.locator(hidden).first.evaluate(ON_TOP) == "pause"
    cover = "getComputedStyle(document.getElementById('pause'), '::backdrop').backgroundColor"
    assert page.evaluate(cover) == "rgb(246, 246, 244)"  # nothing shows through
    pane.evaluate("(pane) => pane.focus()")
    expect(pane).not_to_be_focused()  # what is behind is inert, for a screen reader too
    press(page, "3")
    expect_chosen(page, safety_right="")
    press(page, "Enter")
    expect(pause).to_be_hidden()
    expect_chosen(page, safety_left="4")
    press(page, "3")
    expect_chosen(page, safety_right="3")


def test_m_shows_the_texts_as_they_were_written(page: Page) -> None:
    raw, prose = page.locator(".pane .raw").first, page.locator(".pane .prose").first
    expect(raw).to_be_hidden()
    press(page, "m")
    expect(raw).to_be_visible()
    expect(prose).to_be_hidden()
    assert (raw.text_content() or "").rstrip("!") == LONG
    expect(page.get_by_role("button", name="Raw text")).to_have_attribute("aria-pressed", "true")
    page.reload()
    press(page, "v")
    expect(raw).to_be_visible()
    press(page, "m")
    expect(prose).to_be_visible()


def top(page: Page, side: str) -> float:
    return page.locator(f".response.{side} .pane").evaluate("(pane) => Math.round(pane.scrollTop)")


def scroll(page: Page, side: str, to: int) -> None:
    """Scrolls the pane and waits until the page has drawn it twice, by when its listeners have run."""
    page.locator(f".response.{side} .pane").evaluate(
        """(pane, to) => new Promise((done) => {
          pane.scrollTop = to;
          requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(done)));
        })""",
        to,
    )


def test_the_two_responses_scroll_together_until_y_parts_them(page: Page) -> None:
    scroll(page, "left", 300)
    assert (top(page, "left"), top(page, "right")) == (300, 300)
    scroll(page, "right", 100)
    assert (top(page, "left"), top(page, "right")) == (100, 100)
    press(page, "y")
    expect(page.get_by_role("button", name="Scroll together")).to_have_attribute("aria-pressed", "false")
    scroll(page, "left", 400)
    assert (top(page, "left"), top(page, "right")) == (400, 100)
    press(page, "y")
    scroll(page, "left", 500)
    assert (top(page, "left"), top(page, "right")) == (500, 500)


def test_j_and_k_scroll_the_responses_down_and_up(page: Page) -> None:
    press(page, "j")
    scroll_down = "() => [...document.querySelectorAll('.pane')].every((pane) => pane.scrollTop > 50)"
    page.wait_for_function(scroll_down)
    press(page, "k")
    page.wait_for_function("() => [...document.querySelectorAll('.pane')].every((pane) => pane.scrollTop < 1)")
