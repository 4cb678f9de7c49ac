"""What the browser's tests do again and again."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from annotation.models import Assignment
from preferences.choices import Position

SAVED = "Draft saved."


def go(page: Page, assignment: Assignment) -> None:
    """Opens the compare page of the assignment."""
    page.goto(f"/compare/{assignment.key}/")
    expect(page.locator("#compare")).to_be_visible()


def press(page: Page, keys: str) -> None:
    """Presses keys one after the other: `press(page, "4 3 2 Enter")`.

    Before the first, what the page focuses by itself has the focus: the browser does that only with the first picture
    it draws, and on a busy machine a key would come sooner than from any person.
    """
    expect(page.locator("body:has(:focus), body:not(:has([autofocus]))")).to_be_attached()
    for key in keys.split():
        page.keyboard.press(key)


def expect_chosen(page: Page, **fields: str) -> None:
    """The radio buttons that are chosen, by name; an empty word for none."""
    for name, value in fields.items():
        chosen = page.locator(f"#compare [name={name}]:checked")
        if value:
            expect(chosen).to_have_value(value)
        else:
            expect(chosen).to_have_count(0)


def sign_in(page: Page, name: str, password: str) -> None:
    """On the sign-in page, whose first field has the focus."""
    expect(page.get_by_label("Name")).to_be_focused()
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(password)
    page.keyboard.press("Enter")


def put_left(assignment: Assignment, left: Position) -> None:
    """Decides the coin of this assignment, before its page is opened."""
    Assignment.objects.filter(pk=assignment.pk).update(shown_left=left)
