from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from preferences.models import Judgment
from tests import factories
from tests.browser.steps import go, press


def test_what_is_pasted_is_counted_and_what_is_typed_is_not(
    open_page: Callable[..., Page], transactional_db: None
) -> None:
    assignment = factories.assignment(factories.campaign())
    page = open_page(assignment.annotator)
    go(page, assignment)
    press(page, "2 w")
    page.keyboard.type("It is ")
    page.evaluate(
        """() => {
          const data = new DataTransfer();
          data.setData("text/plain", "right 👍.");
          const field = document.getElementById("rationale");
          field.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
          field.value += data.getData("text/plain");
          field.dispatchEvent(new InputEvent("input", { bubbles: true }));
        }"""
    )
    expect(page.locator("[name=pasted]")).to_have_value("8")
    press(page, "Control+Enter")
    page.wait_for_url("**/done/**")
    stored = Judgment.objects.get()
    assert (stored.rationale, stored.pasted_rationale) == ("It is right 👍.", 8)
