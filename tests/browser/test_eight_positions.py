"""What is stored is what was clicked: every place of every row, in both orders of the responses."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from preferences.choices import Chosen, Kind, Position
from preferences.models import Campaign, Judgment
from preferences.scales import Scale, verdict_at
from tests import factories
from tests.browser.steps import go, put_left
from webapp.accounts.models import User

TEXTS = {Position.A: "The sky scatters blue light.", Position.B: "The sea colours it."}
ORDERS = list(Position)


def judge(page: Page, campaign: Campaign, annotator: User, left: Position, choose: Callable[[], None]) -> Judgment:
    """One pair with this response on the left, judged as `choose` does on its page."""
    comparison = factories.comparison(campaign, text_a=TEXTS[Position.A], text_b=TEXTS[Position.B])
    assignment = factories.assignment(campaign, annotator, comparison=comparison)
    put_left(assignment, left)
    go(page, assignment)
    expect(page.locator(".response.left .prose")).to_have_text(TEXTS[left])
    expect(page.locator(".response.right .prose")).to_have_text(TEXTS[left.other])
    choose()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Done for now")).to_be_visible()
    judgment = Judgment.objects.get(comparison=comparison)
    assert judgment.shown_left == left
    return judgment


def response(chosen: str, left: Position) -> str:
    """Which response a verdict in terms of left and right means."""
    return Position(chosen) if left is Position.A else Position(chosen).other


@pytest.mark.parametrize("left", ORDERS)
@pytest.mark.parametrize(
    "settings", [{}, {"kind": Kind.EVALUATION, "scale": Scale.SEVEN_POINT}], ids=["eight_places", "seven_places"]
)
def test_every_place_of_the_row_is_stored_as_clicked_and_as_typed(
    open_page: Callable[..., Page], transactional_db: None, left: Position, settings: dict[str, str]
) -> None:
    campaign = factories.campaign(**settings)
    annotator = factories.annotator(campaign)
    page = open_page(annotator)
    count = len(campaign.the_scale.scores)
    cells = page.locator(".verdict .cell:not(.neither)")
    for place in range(1, count + 1):
        # The mouse takes the odd places in one order and the even ones in the other; the digits take the rest.
        by_mouse = (place % 2 == 1) == (left is Position.A)
        choose = cells.nth(place - 1).click if by_mouse else lambda key=str(place): page.keyboard.press(key)
        judgment = judge(page, campaign, annotator, left, choose)
        expected = verdict_at(campaign.the_scale, place)
        if expected.chosen is Chosen.TIE:
            assert (judgment.chosen, judgment.degree) == ("tie", "")
        else:
            assert (judgment.chosen, judgment.degree) == (response(expected.chosen, left), expected.degree)


@pytest.mark.parametrize("left", ORDERS)
def test_neither_is_stored_as_neither(open_page: Callable[..., Page], transactional_db: None, left: Position) -> None:
    campaign = factories.campaign()
    annotator = factories.annotator(campaign)
    page = open_page(annotator)
    by_mouse, by_key = page.locator(".verdict .neither").click, lambda: page.keyboard.press("n")
    for choose in (by_mouse, by_key):
        judgment = judge(page, campaign, annotator, left, choose)
        assert (judgment.chosen, judgment.degree, judgment.score) == ("neither", "", None)
