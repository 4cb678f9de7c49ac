"""What is stored is what was clicked: every place of every row, in both orders of the responses."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from playwright.sync_api import Page, expect

from annotation import leases
from preferences.choices import Chosen, Kind, Position
from preferences.models import Campaign, Judgment
from preferences.scales import Scale, verdict_at
from tests import factories
from tests.browser.steps import go

TEXTS = {Position.A: "The sky scatters blue light.", Position.B: "The sea colours it."}
EVALUATION = {"kind": Kind.EVALUATION, "scale": Scale.SEVEN_POINT}
# A way to choose a place of the row: the mouse or the key, and the place or “n”.
Choice = tuple[str, str]


@pytest.fixture
def judged(open_page: Callable[..., Page], transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Callable:
    """Judges as many pairs as there are choices, each on the page that the answer before it brought."""

    def judge(campaign: Campaign, left: Position, choices: Sequence[Choice]) -> list[Judgment]:
        monkeypatch.setattr(leases, "position_left", lambda *_: left)  # the coin is decided
        for number in range(len(choices)):
            words = {"text_a": TEXTS[Position.A], "text_b": TEXTS[Position.B]}
            factories.comparison(campaign, text=f"Question {number}?", **words)
        first = factories.assignment(campaign, comparison=campaign.comparisons.first())
        page = open_page(first.annotator)
        go(page, first)
        for number, (how, place) in enumerate(choices):
            expect(page.locator(".history .prose")).to_have_text(f"Question {number}?")
            expect(page.locator(".response.left .prose")).to_have_text(TEXTS[left])
            expect(page.locator(".response.right .prose")).to_have_text(TEXTS[left.other])
            if how == "key":
                page.keyboard.press(place)
            else:
                page.locator(".verdict .cell").nth(int(place) - 1 if place != "n" else -1).click()
            page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Done for now")).to_be_visible()
        judgments = list(Judgment.objects.order_by("comparison"))
        assert {judgment.shown_left for judgment in judgments} == {left}
        return judgments

    return judge


def expected(scale: Scale, place: int, left: Position) -> tuple[str, str]:
    """What is stored of a place of the row: the response that stood there, and the degree."""
    seen = verdict_at(scale, place)
    if seen.chosen is Chosen.TIE:
        return "tie", ""
    side = Position(seen.chosen)
    return (side if left is Position.A else side.other), seen.degree or ""


@pytest.mark.parametrize(
    ("settings", "left"),
    [({}, Position.A), ({}, Position.B), (EVALUATION, Position.B)],
    ids=["eight_places_a_left", "eight_places_b_left", "seven_places_b_left"],
)
def test_every_place_of_the_row_is_stored_as_clicked_and_as_typed(
    judged: Callable, settings: dict[str, str], left: Position
) -> None:
    campaign = factories.campaign(**settings)
    places = range(1, len(campaign.the_scale.scores) + 1)
    # The mouse takes the odd places in one order and the even ones in the other; the digits take the rest.
    odd, even = ("mouse", "key") if left is Position.A else ("key", "mouse")
    judgments = judged(campaign, left, [(odd if place % 2 else even, str(place)) for place in places])
    stored = [(judgment.chosen, judgment.degree) for judgment in judgments]
    assert stored == [expected(campaign.the_scale, place, left) for place in places]


def test_neither_is_stored_as_neither(judged: Callable) -> None:
    judgments = judged(factories.campaign(), Position.A, [("mouse", "n"), ("key", "n")])
    assert [(judgment.chosen, judgment.degree, judgment.score) for judgment in judgments] == [("neither", "", None)] * 2
