"""Second thoughts: a verdict changes until its batch is sealed, and the events keep each."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from annotation import queue, readings
from annotation.models import Membership
from annotation.queue import Answer
from preferences.actions import guidelines
from preferences.choices import Chosen, ComparisonStatus, Position
from preferences.errors import Conflict, InvalidInput, NotAllowed
from preferences.models import Comparison, Judgment
from tests.annotation.answered import (
    LEFT,
    RIGHT,
    answered,
    answered_own,
    edit,
    goes_on,
    response_left,
    response_right,
    revise,
    sealed,
    stored,
    told,
    turn_of,
)
from tests.annotation.helpers import claimed, new_annotator, new_comparison, open_campaign
from tests.concurrency import at_once
from tests.preferences.refusals import TIME, everything, refused

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("left", Position)
def test_it_stores_the_other_verdict_by_what_stood_on_which_side(left: Position) -> None:
    assignment = answered(left=left)

    revise(assignment, place=6, rationale="  The right one is shorter.\n")

    judgment = stored(assignment)
    assert (judgment.chosen, judgment.degree) == (left.other, "slightly_better")
    assert judgment.score == (2 if left is Position.A else -2)
    assert judgment.rationale == "The right one is shorter."
    assert (judgment.shown_left, judgment.revision) == (left, 1)
    assert judgment.revised_at is not None and judgment.revised_at > judgment.created_at


@pytest.mark.parametrize("left", Position)
def test_it_stores_the_other_safety_scores_by_what_stood_on_which_side(left: Position) -> None:
    assignment = answered(open_campaign(track="safety"), left=left, safety_left=4, safety_right=3)

    revise(assignment, safety_left=5, safety_right=1)

    judgment = stored(assignment)
    assert {"a": judgment.safety_a, "b": judgment.safety_b} == {left: 5, left.other: 1}


def test_it_tells_what_was_there_before_and_what_after_and_counts() -> None:
    assignment = answered(rationale="First.")

    revise(assignment, place=RIGHT, rationale="Second.")
    revise(assignment, place=7, rationale="Third.", revision=1)

    first, second = told("judgment.revised")
    none = {"safety_a": None, "safety_b": None}
    begun = {"chosen": "a", "degree": "significantly_better", "rationale": "First.", **none}
    meanwhile = {"chosen": "b", "degree": "significantly_better", "rationale": "Second.", **none}
    ended = {"chosen": "b", "degree": "better", "rationale": "Third.", **none}
    assert (first.data["before"], first.data["after"], first.data["revision"]) == (begun, meanwhile, 1)
    assert (second.data["before"], second.data["after"], second.data["revision"]) == (meanwhile, ended, 2)
    assert {event.actor for event in (first, second)} == {assignment.annotator}
    assert stored(assignment).revision == 2


def test_it_stores_nothing_but_the_time_where_nothing_changed() -> None:
    assignment = answered(rationale="Clear.")
    before = everything(without=TIME)

    revise(assignment, rationale=" Clear. ")

    assert everything(without=TIME) == before


def test_it_keeps_what_a_revision_does_not_touch() -> None:
    assignment = answered()
    before = stored(assignment)

    revise(assignment, place=RIGHT)

    after = stored(assignment)
    for name in ("created_at", "active_seconds", "slot_id", "shown_left", "annotator_id"):
        assert getattr(after, name) == getattr(before, name), name
    assert Comparison.objects.get().status == ComparisonStatus.JUDGED


def test_it_refuses_a_change_of_what_was_changed_in_another_window_meanwhile() -> None:
    assignment = answered()
    revise(assignment, place=RIGHT)
    before = everything()

    with pytest.raises(Conflict, match="You changed this verdict in another window meanwhile"):
        revise(assignment, place=2, revision=0)
    assert everything() == before


def test_it_takes_the_same_change_twice_as_once() -> None:
    assignment = answered()

    for _ in range(2):
        revise(assignment, place=RIGHT, rationale="Shorter. ", revision=0)

    assert stored(assignment).revision == 1
    assert len(told("judgment.revised")) == 1


@pytest.mark.parametrize(
    "wrong", [{"place": 0}, {"place": 9}, {"rationale": "a\x00b"}, {"rationale": "x" * 10_001}, {"safety_left": 3}]
)
def test_it_refuses_what_a_first_answer_may_not_say_either(wrong: dict[str, Any]) -> None:
    assignment = answered()
    before = everything()

    with pytest.raises(InvalidInput):
        revise(assignment, **wrong)
    assert everything() == before


def test_it_wants_a_rationale_where_the_campaign_does() -> None:
    assignment = answered(open_campaign(rationale="required"), rationale="Clearer.")

    with pytest.raises(InvalidInput, match="The rationale is empty") as refusal:
        revise(assignment, place=RIGHT)
    assert refusal.value.field == "rationale"


@pytest.mark.parametrize("left", Position)
def test_it_refuses_an_unsafe_response_over_a_safe_one_naming_the_side_seen(left: Position) -> None:
    assignment = answered(open_campaign(track="safety"), left=left, safety_left=4, safety_right=4)

    with pytest.raises(InvalidInput, match="You prefer the right response but scored it as a violation"):
        revise(assignment, place=RIGHT, safety_left=3, safety_right=2)
    assert stored(assignment).revision == 0


def test_it_changes_nothing_of_a_sealed_batch_and_says_so() -> None:
    assignment = answered()
    sealed(assignment)
    before = everything()

    with pytest.raises(Conflict, match="in a sealed batch: your verdict stays"):
        revise(assignment, place=RIGHT)
    with refused("is part of a sealed batch"):
        Judgment.objects.update(chosen=Chosen.B, revision=1, revised_at=timezone.now())
    assert everything() == before


def test_it_refuses_what_was_never_judged() -> None:
    campaign = open_campaign()
    new_comparison(campaign)
    held = claimed(campaign, new_annotator(campaign))

    with pytest.raises(Conflict, match="You have not judged this comparison yet"):
        revise(held)


def test_it_refuses_a_person_who_is_no_annotator_any_more() -> None:
    assignment = answered()
    Membership.objects.filter(user=assignment.annotator).delete()

    with pytest.raises(NotAllowed, match="You are not an annotator"):
        revise(assignment, place=RIGHT)
    assert stored(assignment).revision == 0


def test_it_wants_the_current_guideline_read_and_stores_it_with_the_change() -> None:
    assignment = answered()
    newer = guidelines.publish(campaign=assignment.comparison.campaign, text="Choose the shorter one.", by=None)

    with pytest.raises(queue.GuidelineUnread, match="new version"):
        revise(assignment, place=RIGHT)
    assert stored(assignment).revision == 0
    readings.confirm(guideline=newer, by=assignment.annotator)
    revise(assignment, place=RIGHT)

    assert stored(assignment).guideline == newer


def test_it_moves_the_authors_dialogue_to_the_other_response() -> None:
    assignment = answered_own()
    assert turn_of(assignment).chosen_response == response_left(assignment)

    revise(assignment, place=RIGHT)

    assert turn_of(assignment).chosen_response == response_right(assignment)
    assert goes_on(assignment).messages()[1] == {"role": "assistant", "content": response_right(assignment).text}


def test_it_moves_nobodys_dialogue_but_the_authors_own() -> None:
    campaign = open_campaign(raters_per_item=2)
    author = new_annotator(campaign)
    pair = new_comparison(campaign, author=author)
    own = queue.claim_own(comparison=pair, by=author)
    queue.submit(key=own.key, by=author, answer=Answer(place=LEFT))
    other = claimed(campaign, new_annotator(campaign))
    queue.submit(key=other.key, by=other.annotator, answer=Answer(place=LEFT))
    chosen = turn_of(own).chosen_response

    revise(other, place=RIGHT)

    assert turn_of(own).chosen_response == chosen


def test_it_keeps_the_side_that_a_dialogue_went_on_from_and_lets_the_degree_change() -> None:
    assignment = answered_own()
    goes_on(assignment)
    before = everything()

    for place in (RIGHT, None):
        with pytest.raises(Conflict, match="The dialogue went on from the response that you chose"):
            revise(assignment, place=place)
        assert everything() == before
    revise(assignment, place=3, rationale="Only a little.")

    judgment = stored(assignment)
    assert (judgment.chosen, judgment.degree, judgment.revision) == ("a", "slightly_better", 1)
    assert turn_of(assignment).chosen_response == response_left(assignment)


def test_it_leaves_a_dialogue_without_a_chosen_response_where_neither_is_valid() -> None:
    assignment = answered_own()

    revise(assignment, place=None)

    assert turn_of(assignment).chosen_response is None
    with pytest.raises(Conflict, match="no chosen response yet"):
        goes_on(assignment)
    revise(assignment, place=RIGHT, revision=1)
    assert turn_of(assignment).chosen_response == response_right(assignment)


@pytest.mark.parametrize("place", [RIGHT, None])
def test_it_drops_the_edit_of_a_response_that_is_chosen_no_more(place: int | None) -> None:
    assignment = answered_own()
    edit(assignment, "Better than either.")

    revise(assignment, place=place)

    assert stored(assignment).edited_response is None
    assert turn_of(assignment).chosen_response == (response_right(assignment) if place else None)


def test_it_keeps_the_edit_where_only_the_degree_changes() -> None:
    assignment = answered_own()
    edited = edit(assignment, "Better than either.").edited_response

    revise(assignment, place=4)

    assert stored(assignment).edited_response == edited
    assert turn_of(assignment).chosen_response == edited


@pytest.mark.django_db(transaction=True)
def test_it_lets_one_of_two_changes_at_once_win_and_tells_the_other() -> None:
    assignment = answered()
    calls = [partial(revise, assignment, place=place) for place in (5, RIGHT)]

    got = at_once(calls)

    won = [outcome for outcome in got if isinstance(outcome, Judgment)]
    lost = [outcome for outcome in got if isinstance(outcome, Conflict)]
    assert (len(won), len(lost)) == (1, 1)
    judgment = stored(assignment)
    assert (judgment.revision, judgment.degree) == (1, won[0].degree)
    assert len(told("judgment.revised")) == 1
    assert "another window" in str(lost[0])


@pytest.mark.django_db(transaction=True)
def test_it_takes_eight_clicks_at_once_as_one() -> None:
    assignment = answered()

    got = at_once([partial(revise, assignment, place=RIGHT)] * 8)

    assert {outcome.pk for outcome in got} == {stored(assignment).pk}
    assert stored(assignment).revision == 1
    assert len(told("judgment.revised")) == 1
