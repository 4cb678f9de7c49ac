from __future__ import annotations

import pytest

from preferences.actions import campaigns, comparisons, dialogues
from preferences.choices import DialogueStatus, TurnStatus
from preferences.errors import Conflict, InvalidInput, InvalidTransition, NotAllowed
from preferences.models import Dialogue, Turn
from preferences.scales import Scale
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("score", "side"), [(-4, "A"), (-1, "A"), (1, "B"), (4, "B")])
def test_the_response_that_the_author_chose_continues_the_dialogue(score: int, side: str) -> None:
    author = factories.user()
    turns = factories.dialogue_turns(
        factories.campaign(max_turns=3), ["One?", "Two?", "Three?"], by=author, score=score
    )
    assert Turn.objects.get(pk=turns[-1].pk).messages() == [
        {"role": "user", "content": "One?"},
        {"role": "assistant", "content": f"Answer {side} 0"},
        {"role": "user", "content": "Two?"},
        {"role": "assistant", "content": f"Answer {side} 1"},
        {"role": "user", "content": "Three?"},
    ]


def test_a_turn_knows_only_what_was_said_before_it() -> None:
    author = factories.user()
    turns = factories.dialogue_turns(factories.campaign(max_turns=3), ["One?", "Two?", "Three?"], by=author)
    contents = [[said["content"] for said in Turn.objects.get(pk=turn.pk).messages()] for turn in turns]
    assert contents[0] == ["One?"]
    assert contents[1] == ["One?", "Answer A 0", "Two?"]
    assert contents[2][:3] == contents[1]


def test_messages_leave_the_imported_context_as_it_is() -> None:
    said = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "One?"},
        {"role": "assistant", "content": "Yes."},
        {"role": "user", "content": "Two?"},
    ]
    turn = factories.imported_comparison(factories.campaign(), prompt=said).turn
    assert turn.messages() == turn.messages() == said
    assert turn.dialogue.context == said[:-1]


def test_what_other_raters_choose_does_not_continue_the_dialogue() -> None:
    author = factories.user()
    comparison = factories.comparison(factories.campaign(raters_per_item=3, max_turns=2), by=author)
    factories.judge(comparison, score=4)
    assert Turn.objects.get().chosen_response is None
    with pytest.raises(Conflict, match="no chosen response yet"):
        factories.continued_turn(comparison, "And?", by=author)
    factories.judge(comparison, author, score=-2)
    factories.judge(comparison, score=4)
    assert Turn.objects.get().chosen_response == comparison.response_a
    assert factories.continued_turn(comparison, "And?", by=author).index == 1


def test_a_tie_chooses_no_response() -> None:
    author = factories.user()
    comparison = factories.comparison(factories.campaign(scale=Scale.SEVEN_POINT, max_turns=2), by=author)
    factories.judge(comparison, author, score=0)
    with pytest.raises(Conflict, match="no chosen response yet"):
        factories.continued_turn(comparison, "And?", by=author)


def test_only_the_author_continues_and_ends_a_dialogue() -> None:
    author, other = factories.user(), factories.user(is_superuser=True)
    comparison = factories.comparison(factories.campaign(max_turns=2, raters_per_item=2), by=author)
    factories.judge(comparison, author)
    factories.judge(comparison, other)
    with pytest.raises(NotAllowed, match="Only the person who began a dialogue"):
        factories.continued_turn(comparison, "And?", by=other)
    with pytest.raises(NotAllowed, match="Only the person who began a dialogue"):
        dialogues.end(dialogue=comparison.turn.dialogue, by=other)
    assert Turn.objects.count() == 1
    assert Dialogue.objects.get().status == DialogueStatus.OPEN


def test_nobody_continues_an_imported_dialogue() -> None:
    comparison = factories.imported_comparison(factories.campaign(max_turns=2), votes=[factories.vote()])
    with pytest.raises(NotAllowed):
        factories.continued_turn(comparison, "And?", by=factories.user())


@pytest.mark.parametrize("most", [1, 2, 3])
def test_a_dialogue_has_as_many_turns_as_its_campaign_allows(most: int) -> None:
    author = factories.user()
    turns = factories.dialogue_turns(factories.campaign(max_turns=most), [f"{n}?" for n in range(most)], by=author)
    last = factories.comparison(of=turns[-1])
    factories.judge(last, author)
    with pytest.raises(Conflict, match="cannot be continued"):
        factories.continued_turn(last, "And?", by=author)
    assert list(Turn.objects.order_by("index").values_list("index", flat=True)) == list(range(most))


def test_a_dialogue_is_continued_once_for_each_answer() -> None:
    author = factories.user()
    comparison = factories.comparison(factories.campaign(max_turns=4), by=author)
    factories.judge(comparison, author)
    factories.continued_turn(comparison, "And?", by=author)
    with pytest.raises(Conflict, match="no chosen response yet"):
        factories.continued_turn(comparison, "And?", by=author)
    assert Turn.objects.count() == 2


def test_an_ended_dialogue_is_over() -> None:
    author = factories.user()
    comparison = factories.comparison(factories.campaign(max_turns=2), by=author)
    factories.judge(comparison, author)
    dialogue = Dialogue.objects.get()
    dialogues.end(dialogue=dialogue, by=author)
    with pytest.raises(Conflict, match="cannot be continued"):
        factories.continued_turn(comparison, "And?", by=author)
    with pytest.raises(InvalidTransition):
        dialogues.end(dialogue=dialogue, by=author)
    assert Dialogue.objects.get().status == DialogueStatus.ENDED


def test_a_paused_campaign_takes_no_next_message() -> None:
    author = factories.user()
    comparison = factories.comparison(factories.campaign(max_turns=2), by=author)
    factories.judge(comparison, author)
    campaigns.pause(campaign=comparison.campaign, by=None)
    with pytest.raises(Conflict, match="is not open"):
        dialogues.continue_with(dialogue=Dialogue.objects.get(), text="And?", by=author)


def test_the_next_message_keeps_the_words_of_the_first() -> None:
    author = factories.user()
    first, second = factories.dialogue_turns(factories.campaign(track="safety", max_turns=2), ["1?", "2?"], by=author)
    assert second.prompt.risk_category == first.prompt.risk_category != ""
    assert second.prompt.attack_vector == first.prompt.attack_vector != ""
    assert second.dialogue == first.dialogue


def test_a_pair_makes_the_turn_ready_with_a_slot_for_each_judgment_wanted() -> None:
    comparison = factories.comparison(factories.campaign(raters_per_item=3))
    slots = list(comparison.slots.order_by("number").values_list("number", "status"))
    assert slots == [(0, "open"), (1, "waiting"), (2, "waiting")]
    assert Turn.objects.get().status == TurnStatus.READY


def test_a_turn_has_one_comparison() -> None:
    comparison = factories.comparison()
    with pytest.raises(InvalidTransition):
        factories.comparison(of=Turn.objects.get())
    assert list(Turn.objects.get().comparisons.all()) == [comparison]


@pytest.mark.parametrize(("one", "other"), [("Same.", "Same."), ("Same.", " Same.\n")])
def test_two_equal_texts_are_nothing_to_compare(one: str, other: str) -> None:
    turn = factories.turn()
    response_a, response_b = factories.response_pair(turn, one, other)
    with pytest.raises(InvalidInput, match="same text"):
        comparisons.open_pair(turn=turn, response_a=response_a, response_b=response_b)
    assert turn.comparisons.count() == 0


def test_a_failed_turn_says_why_until_it_is_tried_again() -> None:
    turn = factories.turn()
    comparisons.fail_turn(turn=turn, reason="x" * 400)
    assert Turn.objects.get().failure == "x" * 300
    assert Turn.objects.get().status == TurnStatus.FAILED
    comparisons.retry_turn(turn=turn)
    assert (Turn.objects.get().failure, Turn.objects.get().status) == ("", TurnStatus.SAMPLING)
