"""The chosen response, improved by hand: edited > chosen > rejected."""

from __future__ import annotations

from functools import partial

import pytest
from django.db.models import Count

from annotation import queue
from preferences.agreement import agreement_of
from preferences.choices import Chosen, Position, ResponseSource
from preferences.counting import Scope
from preferences.errors import Conflict, InvalidInput, NotAllowed
from preferences.models import Comparison, Judgment, Response, Turn
from preferences.scales import Scale
from preferences.text import RESPONSE_LIMIT
from tests.annotation.answered import (
    RIGHT,
    answered,
    answered_own,
    edit,
    goes_on,
    response_left,
    revise,
    sealed,
    stored,
    told,
    turn_of,
)
from tests.annotation.helpers import claimed, new_annotator, new_comparison, open_campaign
from tests.concurrency import at_once
from tests.factories.rows import row_of
from tests.preferences.refusals import TIME, everything

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("left", Position)
@pytest.mark.parametrize("place", [1, RIGHT])
def test_it_stores_a_third_response_of_the_same_turn_and_variant(left: Position, place: int) -> None:
    assignment = answered(left=left, place=place)
    chosen = assignment.comparison.response_at(left if place == 1 else left.other)

    edit(assignment, "  Short, and right.\n")

    edited = Response.objects.get(source=ResponseSource.EDITED)
    assert stored(assignment).edited_response == edited
    assert edited.text == "Short, and right."
    assert (edited.turn, edited.variant) == (chosen.turn, chosen.variant)
    assert (edited.temperature, edited.seed, edited.engine) == (None, None, "")
    assert Response.objects.count() == 3
    assert set(Response.objects.exclude(pk=edited.pk)) == {
        assignment.comparison.response_a,
        assignment.comparison.response_b,
    }
    chosen.refresh_from_db()
    assert chosen.text.startswith("Answer ")


def test_it_tells_of_the_edit() -> None:
    assignment = answered()

    edited = edit(assignment, "Better.").edited_response

    event = told("judgment.edited")[0]
    assert edited is not None
    assert (event.actor, event.data["response"]) == (assignment.annotator, edited.pk)
    assert event.subject == f"judgment:{stored(assignment).pk}"


def test_it_leaves_the_verdict_and_its_revision_as_they_are() -> None:
    assignment = answered(rationale="Clear.")
    before = Judgment.objects.values().get()

    edit(assignment, "Better.")

    after = Judgment.objects.values().get()
    assert {name for name in before if before[name] != after[name]} == {"edited_response_id"}


def test_the_dialogue_goes_on_from_the_edited_text() -> None:
    assignment = answered_own()

    edited = edit(assignment, "Better.").edited_response

    assert turn_of(assignment).chosen_response == edited
    following = Turn.objects.get(pk=goes_on(assignment).pk)
    assert [said["content"] for said in following.messages()][1:] == ["Better.", "And then?"]


def test_what_somebody_else_edits_does_not_continue_the_dialogue() -> None:
    campaign = open_campaign(raters_per_item=2, max_turns=2)
    author = new_annotator(campaign)
    own = queue.claim_own(comparison=new_comparison(campaign, author=author), by=author)
    queue.submit(key=own.key, by=author, answer=queue.Answer(place=1))
    other = claimed(campaign, new_annotator(campaign))
    queue.submit(key=other.key, by=other.annotator, answer=queue.Answer(place=1))

    edit(other, "Better.")

    assert turn_of(own).chosen_response == response_left(own)


def test_the_same_text_takes_an_edit_back() -> None:
    assignment = answered_own()
    chosen = response_left(assignment)
    edit(assignment, "Better.")

    edit(assignment, f" {chosen.text}\n")

    assert stored(assignment).edited_response is None
    assert turn_of(assignment).chosen_response == chosen
    assert told("judgment.edited")[-1].data["response"] is None


def test_an_edit_takes_the_place_of_the_one_before() -> None:
    assignment = answered_own()

    for text in ("Better.", "Best."):
        edit(assignment, text)

    found = stored(assignment).edited_response
    assert found is not None and found.text == "Best."
    assert turn_of(assignment).chosen_response == found


def test_the_same_edit_sent_twice_is_one() -> None:
    assignment = answered()

    edited = {edit(assignment, "Better.").edited_response_id for _ in range(2)}

    assert len(edited) == 1
    assert Response.objects.filter(source=ResponseSource.EDITED).count() == 1
    assert len(told("judgment.edited")) == 1


def test_nothing_changed_is_nothing_to_tell() -> None:
    assignment = answered()
    before = everything(without=TIME)

    edit(assignment, response_left(assignment).text)

    assert everything(without=TIME) == before


def test_a_browser_that_ends_lines_its_own_way_changes_nothing() -> None:
    campaign = open_campaign()
    pair = new_comparison(campaign, text="One line\nand another?")
    assignment = claimed(campaign, new_annotator(campaign))
    queue.submit(key=assignment.key, by=assignment.annotator, answer=queue.Answer(place=1))
    judgment = stored(assignment)
    sent = pair.response_at(Position(judgment.chosen)).text.replace("\n", "\r\n")

    edit(assignment, sent)

    assert stored(assignment).edited_response is None


@pytest.mark.parametrize(("scale", "place"), [(Scale.EIGHT_POINT, None), (Scale.SEVEN_POINT, 4)])
def test_there_is_nothing_to_edit_where_no_response_is_chosen(scale: Scale, place: int | None) -> None:
    assignment = answered(open_campaign(scale=scale), place=place)
    before = everything()

    with pytest.raises(Conflict, match="no chosen response to improve"):
        edit(assignment, "Better.")
    assert everything() == before


def test_there_is_nothing_to_edit_before_the_verdict() -> None:
    campaign = open_campaign()
    new_comparison(campaign)
    held = claimed(campaign, new_annotator(campaign))

    with pytest.raises(Conflict, match="You have not judged this comparison yet"):
        edit(held, "Better.")
    assert Response.objects.count() == 2


def test_a_sealed_response_stays_as_it_is() -> None:
    assignment = answered()
    sealed(assignment)
    before = everything()

    with pytest.raises(Conflict, match="in a sealed batch"):
        edit(assignment, "Better.")
    assert everything() == before


def test_a_response_that_the_dialogue_went_on_from_stays_as_it_is() -> None:
    assignment = answered_own()
    goes_on(assignment)
    before = everything()

    with pytest.raises(Conflict, match="The dialogue went on already"):
        edit(assignment, "Better.")
    assert everything() == before


UNSTORABLE = {
    "nothing": ("", "is empty"),
    "blanks": (" \n\t\u2003", "is empty"),
    "NUL": ("a\x00b", "contains a NUL character"),
    "a lone surrogate": ("a\ud83d", "could not be read as UTF-8"),
    "one too long": ("x" * (RESPONSE_LIMIT + 1), "has 1,000,001 characters and the limit is 1,000,000"),
}


@pytest.mark.parametrize(("text", "reason"), UNSTORABLE.values(), ids=UNSTORABLE)
def test_a_text_that_cannot_be_stored_gets_a_sentence_and_leaves_nothing(text: str, reason: str) -> None:
    assignment = answered()
    before = everything()

    with pytest.raises(InvalidInput, match=f"The improved response .*{reason}") as refusal:
        edit(assignment, text)
    assert refusal.value.field == "text"
    assert everything() == before


def test_nobody_edits_for_somebody_else() -> None:
    assignment = answered()

    with pytest.raises(NotAllowed, match="no such work item"):
        queue.edit_chosen(key=assignment.key, by=new_annotator(assignment.comparison.campaign), text="Better.")


def test_the_row_of_a_comparison_has_the_edited_text_where_there_is_one() -> None:
    campaign = open_campaign()
    plain, assignment = answered(campaign), answered(campaign)

    edit(assignment, "Better.")

    def judgment_of(comparison: Comparison) -> dict[str, object]:
        found: dict[str, object] = row_of(comparison.pk)["judgments"][0]
        return found

    assert judgment_of(assignment.comparison)["edited"] == "Better."
    assert "edited" not in judgment_of(plain.comparison)


def test_an_edit_changes_neither_agreement_nor_the_pair() -> None:
    campaign = open_campaign()
    assignment = answered(campaign)
    before = agreement_of(Scope((campaign,))), row_of()

    edit(assignment, "Better.")

    found = row_of()
    assert agreement_of(Scope((campaign,))) == before[0]
    assert found["judgments"][0].pop("edited") == "Better."
    assert found == before[1]
    assert sealed(assignment).items.count() == 1


def test_what_is_edited_may_be_chosen_no_more_and_chosen_again_without_its_edit() -> None:
    assignment = answered_own()
    edit(assignment, "Better.")

    revise(assignment, place=RIGHT)
    revise(assignment, place=1, revision=1)

    judgment = stored(assignment)
    assert (judgment.chosen, judgment.edited_response) == (Chosen.A, None)
    assert turn_of(assignment).chosen_response == response_left(assignment)


@pytest.mark.django_db(transaction=True)
def test_of_edits_at_once_the_last_one_stands_and_continues_the_dialogue() -> None:
    assignment = answered_own()

    got = at_once([partial(edit, assignment, f"Better, {n}.") for n in range(6)])

    assert not [outcome for outcome in got if isinstance(outcome, Exception)]
    judgment = stored(assignment)
    assert judgment.edited_response is not None
    assert turn_of(assignment).chosen_response == judgment.edited_response
    assert Turn.objects.aggregate(n=Count("responses"))["n"] == 8
