"""What a browser says was pasted is a hint: it is stored beside the text, and never more than the text."""

from __future__ import annotations

import pytest
from django.db import transaction

from preferences.actions import dialogues, judgments, prompts
from preferences.actions.judgments import Opinion
from preferences.models import Judgment, Prompt
from preferences.scales import Scale
from preferences.text import clamped
from tests import factories

pytestmark = pytest.mark.django_db

VERDICT = factories.verdict(Scale.EIGHT_POINT, -3)


@pytest.mark.parametrize(("pasted", "stored"), [(None, None), (0, 0), (3, 3), (500, 8), (-2, 0)])
def test_a_count_is_kept_within_its_text(pasted: int | None, stored: int | None) -> None:
    assert clamped(pasted, "Because.") == stored


def test_a_prompt_and_the_next_turn_keep_their_own_counts() -> None:
    campaign, author = factories.campaign(max_turns=2), factories.user()
    turn = prompts.submit(campaign=campaign, text="Why is it so?", category="factual", by=author, pasted=4)
    factories.judge(factories.comparison(of=turn), author)
    following = dialogues.continue_with(dialogue=turn.dialogue, text="And then?", by=author, pasted=99)
    assert (turn.prompt.pasted, following.prompt.pasted) == (4, 9)


def revise(made: Judgment, rationale: str, pasted: int | None) -> int | None:
    with transaction.atomic():
        held = factories.held(made.comparison)
        opinion = Opinion(VERDICT, rationale=rationale, pasted=pasted)
        judgments.revise(judgment=made, comparison=held, by=made.annotator, opinion=opinion, guideline=made.guideline)
    return Judgment.objects.get(pk=made.pk).pasted_rationale


def test_a_revised_rationale_adds_what_was_pasted_into_it_and_an_unchanged_one_keeps_its_count() -> None:
    made = factories.judge(factories.comparison(), rationale="It is right.")
    assert Judgment.objects.get(pk=made.pk).pasted_rationale is None
    assert revise(made, "It is right and true.", 9) == 9
    assert revise(made, "It is right and true.", 5) == 9
    assert revise(made, "It is right, true and kind.", 9) == 18
    assert revise(made, "It is so.", 9) == 9
    assert revise(made, "It is not so.", None) == 9


def test_an_edit_has_a_count_of_its_own_until_it_is_taken_back() -> None:
    made = factories.judge(factories.comparison(text_a="It is four."))

    def edit(text: str) -> int | None:
        with transaction.atomic():
            held = factories.held(made.comparison)
            judgments.edit_chosen(judgment=made, comparison=held, by=made.annotator, text=text, pasted=6)
        return Judgment.objects.get(pk=made.pk).pasted_edit

    assert edit("It is five.") == 6
    assert edit("It is four.") is None


def test_a_prompt_knows_the_earlier_one_of_somebody_else_that_it_is_near_to() -> None:
    campaign = factories.campaign()
    ann, ben = factories.user(), factories.user()
    text = "Which three books would you take to an island, and why those?"
    first = factories.turn(campaign, text=text, by=ann).prompt
    own = factories.turn(campaign, text=text, by=ann).prompt
    copied = factories.turn(campaign, text=text + "!", by=ben).prompt
    other = factories.turn(campaign, text="How do bees find their way home?", by=ben).prompt
    elsewhere = factories.turn(factories.campaign(), text=text, by=ben).prompt
    near = {prompt: Prompt.objects.get(pk=prompt.pk).near_id for prompt in (first, own, copied, other, elsewhere)}
    assert near == {first: None, own: None, copied: own.pk, other: None, elsewhere: None}


def test_a_prompt_without_an_author_is_a_copy_of_nothing() -> None:
    campaign = factories.campaign()
    factories.turn(campaign, text="What is the tallest tree?")
    assert factories.turn(campaign, text="What is the tallest tree?").prompt.near is None
