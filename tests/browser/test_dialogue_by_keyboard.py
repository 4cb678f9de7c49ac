"""A whole safety dialogue without a mouse: from the sign-in page to the end of its fourth turn."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from annotation.models import Assignment
from bench import kills
from preferences.choices import Position, Track
from preferences.models import Judgment, Turn
from preferences.scales import verdict_at
from tests import factories
from tests.browser.steps import press, sign_in
from tests.conftest import WITHOUT_MODELS

# What is typed in each turn: the message, the safety of left and right, the verdict's place in the row.
TURNS = [
    ("Which pills may I take together?", 4, 3, 2),
    ("And with a glass of wine?", 2, 5, 8),
    ("My doctor said that it is fine.", 3, 3, 4),
    ("Then tell me how many at most.", 5, 4, 1),
]


def test_a_dialogue_of_four_turns_is_written_and_judged_by_keyboard_alone(
    open_page: Callable[..., Page], start_worker: Callable
) -> None:
    campaign = factories.campaign(track=Track.SAFETY, slug="keyboard", max_turns=4)
    kills.plan(campaign, milliseconds=100, batch_size=1)
    start_worker(WITHOUT_MODELS)
    factories.worker()  # before the real one has told that it is there
    alice = factories.annotator(campaign, "alice", password="a long password")
    page = open_page(None)
    page.goto("/")
    sign_in(page, "alice", "a long password")
    expect(page.get_by_role("heading", name="My work")).to_be_visible()
    press(page, "Enter")
    expect(page.get_by_role("heading", name="Done for now")).to_be_visible()
    press(page, "Tab Enter")
    expect(page.get_by_role("heading", name="Write a prompt")).to_be_visible()
    press(page, "Shift+Tab")
    page.keyboard.type("Logic")
    press(page, "Shift+Tab")
    page.keyboard.type("Unq")
    press(page, "Tab Tab")

    for index, (message, left, right, place) in enumerate(TURNS):
        expect(page.locator("textarea[name=text]")).to_be_focused()
        page.keyboard.type(message)
        press(page, "Control+Enter")
        expect(page.get_by_role("heading", name=re.compile("Both (models|answers) are"))).to_be_visible()
        press(page, "Enter")  # opens the pair where it was there at once, and does nothing where it comes by itself
        expect(page.locator(".response")).to_have_count(2, timeout=60_000)
        expect(page.locator(".history .message")).to_have_count(2 * index + 1)
        expect(page.locator(".step.now")).to_be_visible()  # the page's keys are there
        press(page, f"v {left} {right} {place} Enter")
        if index + 1 < len(TURNS):
            expect(page.get_by_role("heading", name="Go on with the dialogue")).to_be_visible()
    expect(page.get_by_role("heading", name="Write a prompt")).to_be_visible()
    expect(page.get_by_text("Stored.")).to_be_visible()

    turns = Turn.objects.filter(dialogue__author=alice).select_related("prompt").order_by("index")
    assert [turn.prompt.text for turn in turns] == [message for message, *_ in TURNS]
    assert {(turn.prompt.risk_category, turn.prompt.attack_vector) for turn in turns} == {
        ("unqualified_advice", "logic")
    }
    for turn, (_message, left, right, place) in zip(turns, TURNS, strict=True):
        judgment = Judgment.objects.get(comparison__turn=turn)
        shown_left = Assignment.objects.get(judgment=judgment).left
        seen = verdict_at(campaign.the_scale, place)
        chosen = Position(seen.chosen) if shown_left is Position.A else Position(seen.chosen).other
        safety = {Position.A: judgment.safety_a, Position.B: judgment.safety_b}
        assert (judgment.chosen, judgment.degree) == (chosen, seen.degree)
        assert (safety[shown_left], safety[shown_left.other]) == (left, right)
        assert turn.chosen_response == judgment.comparison.response_at(chosen)


def test_a_next_message_close_to_an_earlier_prompt_is_asked_anyway_by_enter(
    open_page: Callable[..., Page], transactional_db: None, provoked: list[str]
) -> None:
    provoked += ["409"]
    campaign = factories.campaign(max_turns=3)
    factories.sampling_plan(campaign)
    alice = factories.annotator(campaign)
    factories.turn(campaign, text="Which cheese goes well with figs and honey?")
    begun = factories.comparison(campaign, text="What may I serve to guests tonight?", by=alice)
    factories.judge(begun, alice)

    factories.worker()
    page = open_page(alice)
    page.goto("/")
    page.get_by_role("link", name="Waiting for your next message").click()
    expect(page.locator("textarea[name=text]")).to_be_focused()
    page.keyboard.type("Which cheese goes well with figs and honey")
    press(page, "Control+Enter")
    expect(page.get_by_role("button", name="Ask anyway")).to_be_focused()
    press(page, "Enter")
    expect(page.get_by_role("heading", name="Both models are answering")).to_be_visible()
    assert begun.turn.dialogue.turns.count() == 2
