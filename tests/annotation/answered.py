"""Answered assignments, and what the database has of them: what the tests of second thoughts start from."""

from __future__ import annotations

from typing import Any

from annotation import queue
from annotation.models import Assignment
from annotation.queue import Answer
from preferences.actions import batches, dialogues
from preferences.choices import Position
from preferences.models import Batch, Campaign, Event, Judgment, Response, Turn
from preferences.weeks import week_of
from tests.annotation.helpers import claimed, new_annotator, new_comparison, open_campaign
from webapp.accounts.models import User

LEFT, RIGHT = 1, 8  # the strongest verdict for either side of the eight-point scale


def answered(campaign: Campaign | None = None, *, left: Position = Position.A, **answer: Any) -> Assignment:
    """A submitted assignment with this response on the left; “left, significantly better” unless told otherwise."""
    campaign = campaign or open_campaign()
    new_comparison(campaign)
    return submitted(claimed(campaign, new_annotator(campaign)), left=left, **answer)


def answered_own(*, left: Position = Position.A, author: User | None = None, **answer: Any) -> Assignment:
    """The author's own turn of a dialogue of up to three turns, judged by its author."""
    campaign = open_campaign(max_turns=3)
    author = author or new_annotator(campaign)
    pair = new_comparison(campaign, author=author)
    return submitted(queue.claim_own(comparison=pair, by=author), left=left, **answer)


def submitted(assignment: Assignment, *, left: Position, **answer: Any) -> Assignment:
    # Past the actions: nobody chooses the side, and a test must know it.
    Assignment.objects.filter(pk=assignment.pk).update(shown_left=left)
    queue.submit(key=assignment.key, by=assignment.annotator, answer=Answer(**{"place": LEFT, **answer}))
    return Assignment.objects.get(pk=assignment.pk)


def revise(assignment: Assignment, *, revision: int = 0, **answer: Any) -> Judgment:
    given = Answer(**{"place": LEFT, **answer})
    return queue.revise(key=assignment.key, by=assignment.annotator, answer=given, revision=revision)


def edit(assignment: Assignment, text: str) -> Judgment:
    return queue.edit_chosen(key=assignment.key, by=assignment.annotator, text=text)


def stored(assignment: Assignment) -> Judgment:
    """The judgment as the database has it."""
    return Judgment.objects.get(comparison=assignment.comparison, annotator=assignment.annotator)


def response_left(assignment: Assignment) -> Response:
    return assignment.comparison.response_at(assignment.left)


def response_right(assignment: Assignment) -> Response:
    return assignment.comparison.response_at(assignment.left.other)


def turn_of(assignment: Assignment) -> Turn:
    return Turn.objects.get(comparisons=assignment.comparison_id)


def goes_on(assignment: Assignment) -> Turn:
    """The author writes the next message."""
    dialogue = assignment.comparison.turn.dialogue
    return dialogues.continue_with(dialogue=dialogue, text="And then?", by=assignment.annotator)


def sealed(assignment: Assignment) -> Batch:
    finished = assignment.comparison
    finished.refresh_from_db()
    assert finished.finished_at is not None
    return batches.seal(week=week_of(finished.finished_at), campaigns=[finished.campaign], by=None)


def told(verb: str) -> list[Event]:
    return list(Event.objects.filter(verb=verb).order_by("pk"))
