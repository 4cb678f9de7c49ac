"""A prompt that is retired is asked no more, and judged no more by anybody who has not begun."""

from __future__ import annotations

from functools import partial

import pytest
from django.db import transaction

from preferences.actions import dialogues
from preferences.choices import ComparisonStatus, DialogueStatus, SamplingStatus, SlotStatus, TurnStatus
from preferences.errors import Conflict
from preferences.models import Campaign, Comparison, Event, Prompt, RetiredPrompt, Slot, Turn
from tests import factories
from tests.concurrency import Beside
from tests.workers.helpers import planned_campaign, sampled_turn
from tests.workers.test_prompt_sets import prompt
from workers import actions, prefetch, prompt_sets
from workers.models import SamplingRun

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign() -> Campaign:
    return planned_campaign(raters_per_item=2)


def retire(turn: Turn) -> Turn:
    prompt_sets.retire(prompt=turn.prompt, by=None)
    return Turn.objects.get(pk=turn.pk)


def test_what_the_models_are_asked_is_taken_back_and_never_asked_again(campaign: Campaign) -> None:
    turn, _, _ = sampled_turn(campaign)
    for _ in range(2):
        assert retire(turn).status == TurnStatus.FAILED
    assert RetiredPrompt.objects.count() == Event.objects.filter(verb="prompt.retired").count() == 1
    actions.retry(turn=turn, by=None)
    assert set(SamplingRun.objects.values_list("status", flat=True)) == {SamplingStatus.CANCELLED}


def test_one_of_a_set_that_waits_is_passed_by_and_skipped_when_the_set_comes_again() -> None:
    campaign = planned_campaign(ready_ahead=1)
    items = [prompt("p1"), prompt("p2")]
    prompt_sets.bring_in(campaign=campaign, items=items, by=None)
    asked, waiting = Turn.objects.order_by("pk")
    for turn in (asked, waiting):
        retire(turn)
    assert prefetch.refill(campaign=campaign) == set() and not prefetch.waiting(campaign).exists()
    again = prompt_sets.bring_in(campaign=campaign, items=items, by=None)
    assert (again.stored, again.skipped, again.asked_again) == ([], ["p1", "p2"], [])
    with pytest.raises(Conflict, match="retired"):
        prefetch.ask(turn=waiting, by=None)
    assert SamplingRun.objects.count() == 2


def test_a_withdrawn_pair_is_not_taken_for_one_that_is_ready() -> None:
    campaign = planned_campaign(ready_ahead=1)
    pair = factories.comparison(campaign)
    prompt_sets.bring_in(campaign=campaign, items=[prompt("p1")], by=None)
    assert not SamplingRun.objects.exists()
    retire(pair.turn)
    assert prefetch.refill(campaign=campaign) and SamplingRun.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_what_is_asked_for_at_the_same_moment_is_taken_back() -> None:
    campaign = planned_campaign(ready_ahead=0)
    prompt_sets.bring_in(campaign=campaign, items=[prompt("p1")], by=None)
    turn = Turn.objects.get()
    with transaction.atomic():
        prefetch.ask(turn=turn, by=None)
        beside = Beside(partial(retire, turn))
    assert beside.outcome().status == TurnStatus.FAILED
    assert set(SamplingRun.objects.values_list("status", flat=True)) == {SamplingStatus.CANCELLED}


def test_what_nobody_began_is_withdrawn_and_what_somebody_began_is_finished(campaign: Campaign) -> None:
    untouched, held, judged, reviewed = (factories.comparison(campaign) for _ in range(4))
    factories.leased_slot(held)
    factories.judge(judged)
    Comparison.objects.filter(pk=reviewed.pk).update(held=True)
    for pair in (untouched, held, judged, reviewed):
        retire(pair.turn)
    open_now = Comparison.objects.filter(status=ComparisonStatus.OPEN)
    assert set(open_now) == {held, judged, reviewed}
    assert Comparison.objects.get(pk=untouched.pk).status == ComparisonStatus.WITHDRAWN
    assert not Slot.objects.filter(comparison=untouched, status=SlotStatus.OPEN).exists(), "out of the queue"
    factories.judge(judged)
    assert Comparison.objects.get(pk=judged.pk).status == ComparisonStatus.JUDGED


def gone_on(campaign: Campaign, *, asked: bool) -> tuple[Turn, Turn]:
    """The first turn of a dialogue, judged, and the second: being sampled where `asked`, else with its open pair."""
    author = factories.annotator(campaign)
    first = factories.comparison(campaign, by=author)
    factories.judge(first, author)
    second = factories.continued_turn(first, "And what is it times three?", by=author)
    if asked:
        actions.request_pair(turn=second, by=author)
    else:
        factories.comparison(of=second)
    return first.turn, second


def test_what_a_dialogue_went_on_with_is_neither_sampled_nor_asked_for_again() -> None:
    first, second = gone_on(planned_campaign(max_turns=3), asked=True)
    assert retire(first).status == TurnStatus.READY
    second.refresh_from_db()
    assert second.status == TurnStatus.FAILED and "earlier prompt" in second.failure
    assert Event.objects.filter(verb="turn.failed", subject=f"turn:{second.pk}").count() == 1
    actions.retry(turn=second, by=None)
    assert set(SamplingRun.objects.values_list("status", flat=True)) == {SamplingStatus.CANCELLED}


def test_what_a_dialogue_went_on_with_is_withdrawn_and_what_was_judged_before_stays() -> None:
    first, second = gone_on(planned_campaign(max_turns=3), asked=False)
    retire(first)
    assert Comparison.objects.get(turn=first).status == ComparisonStatus.JUDGED
    later = Comparison.objects.get(turn=second)
    assert later.status == ComparisonStatus.WITHDRAWN
    assert not Slot.objects.filter(comparison=later, status=SlotStatus.OPEN).exists(), "out of the queue"
    assert Event.objects.get(verb="prompt.retired").data["withdrawn"] == 1


@pytest.mark.django_db(transaction=True)
def test_a_dialogue_that_goes_on_at_the_same_moment_is_taken_back() -> None:
    campaign = planned_campaign(max_turns=3)
    author = factories.annotator(campaign)
    pair = factories.comparison(campaign, by=author)
    factories.judge(pair, author)
    with transaction.atomic():
        second = factories.continued_turn(pair, "And?", by=author)
        actions.request_pair(turn=second, by=author)
        beside = Beside(partial(retire, pair.turn))
    beside.outcome()
    assert Turn.objects.get(pk=second.pk).status == TurnStatus.FAILED
    assert set(SamplingRun.objects.values_list("status", flat=True)) == {SamplingStatus.CANCELLED}


def test_what_came_before_a_retired_prompt_is_asked_and_judged_as_before() -> None:
    campaign = planned_campaign(max_turns=3, raters_per_item=2)
    first, second = gone_on(campaign, asked=True)
    retire(second)
    assert Comparison.objects.get(turn=first).status == ComparisonStatus.OPEN
    assert Slot.objects.filter(comparison__turn=first, status=SlotStatus.OPEN).exists()


def test_a_live_dialogue_ends_with_its_prompt(campaign: Campaign) -> None:
    author = factories.annotator(campaign)
    pair = factories.comparison(campaign, by=author)
    factories.judge(pair, author)
    assert retire(pair.turn).dialogue.status == DialogueStatus.ENDED
    with pytest.raises(Conflict):
        dialogues.continue_with(dialogue=pair.turn.dialogue, text="And?", by=author)
    assert Prompt.objects.get().text == pair.turn.prompt.text
