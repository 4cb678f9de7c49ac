"""What a row points to belongs to the same turn or comparison. The keys are checked at the end of a transaction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, InternalError, connection, transaction

from preferences.models import Comparison, Turn
from tests.factories.assignments import AssignmentFactory
from tests.factories.campaigns import CampaignFactory
from tests.factories.comparisons import ComparisonFactory, SlotFactory
from tests.factories.dialogues import TurnFactory
from tests.factories.judgments import JudgmentFactory
from tests.factories.responses import ResponseFactory

pytestmark = pytest.mark.django_db


def refused_by(constraint: str, write: Callable[[], Any]) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        write()
        connection.check_constraints()


def test_a_judgment_does_not_fill_a_slot_of_another_comparison() -> None:
    foreign, comparison = SlotFactory(), ComparisonFactory()
    refused_by("judgment_slot_of_comparison", lambda: JudgmentFactory(slot=foreign, comparison=comparison))


def test_a_slot_is_of_its_comparisons_campaign() -> None:
    comparison, other = ComparisonFactory(), CampaignFactory()
    refused_by("slot_campaign_of_comparison", lambda: SlotFactory(comparison=comparison, campaign=other))


def test_an_assignment_does_not_hold_a_slot_of_another_comparison() -> None:
    foreign, comparison = SlotFactory(), ComparisonFactory()
    refused_by("assignment_slot_of_comparison", lambda: AssignmentFactory(slot=foreign, comparison=comparison))


@pytest.mark.parametrize(
    ("side", "key"),
    [("response_a", "comparison_response_a_of_turn"), ("response_b", "comparison_response_b_of_turn")],
)
def test_a_comparison_does_not_take_a_response_of_another_turn(side: str, key: str) -> None:
    foreign = ResponseFactory()
    refused_by(key, lambda: ComparisonFactory(**{side: foreign}))


def test_a_turn_is_not_continued_with_a_response_of_another_turn() -> None:
    turn, foreign = TurnFactory(), ResponseFactory()
    refused_by(
        "turn_chosen_response_of_turn",
        lambda: Turn.objects.filter(pk=turn.pk).update(chosen_response=foreign),
    )


def test_a_turn_is_continued_with_a_response_of_its_own() -> None:
    response = ResponseFactory()
    Turn.objects.filter(pk=response.turn_id).update(chosen_response=response)
    connection.check_constraints()
    assert Turn.objects.get(pk=response.turn_id).chosen_response == response


def test_a_response_is_not_compared_with_itself() -> None:
    response = ResponseFactory()
    refused_by(
        "comparison_of_two_responses",
        lambda: ComparisonFactory(turn=response.turn, response_a=response, response_b=response),
    )


@pytest.mark.django_db(transaction=True)
def test_the_composite_key_holds_at_commit_without_being_asked() -> None:
    foreign = ResponseFactory()
    with pytest.raises(IntegrityError, match="comparison_response_b_of_turn"), transaction.atomic():
        ComparisonFactory(response_b=foreign)
    assert not Comparison.objects.exists()


def test_a_pair_stays_as_it_was_opened() -> None:
    foreign, comparison = ResponseFactory(), ComparisonFactory()
    with pytest.raises(InternalError, match="Cannot update rows"), transaction.atomic():
        Comparison.objects.filter(pk=comparison.pk).update(response_b=foreign)
    comparison.refresh_from_db()
    assert comparison.response_b != foreign
