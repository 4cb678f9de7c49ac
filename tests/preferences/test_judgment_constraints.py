"""What the database refuses of a judgment, whoever writes it: rows here are written past the actions."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DataError, IntegrityError, transaction

from preferences.choices import Chosen, Degree, Position, Source
from preferences.models import Judgment
from tests.factories.campaigns import GuidelineFactory
from tests.factories.comparisons import ComparisonFactory, SlotFactory
from tests.factories.judgments import JudgmentFactory
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db


def refused_by(constraint: str, **fields: Any) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        JudgmentFactory(**fields)


def test_it_refuses_a_second_judgment_by_the_same_annotator() -> None:
    alice, comparison = UserFactory(), ComparisonFactory()
    JudgmentFactory(slot=SlotFactory(comparison=comparison), annotator=alice)
    refused_by(
        "judgment_once_per_annotator",
        slot=SlotFactory(comparison=comparison),
        annotator=alice,
        guideline=GuidelineFactory(),
    )
    assert Judgment.objects.filter(comparison=comparison).count() == 1


def test_two_annotators_may_judge_the_same_comparison() -> None:
    comparison, guideline = ComparisonFactory(), GuidelineFactory()
    for _ in range(2):
        JudgmentFactory(slot=SlotFactory(comparison=comparison), guideline=guideline)
    assert Judgment.objects.filter(comparison=comparison).count() == 2


def test_it_refuses_a_second_judgment_in_the_same_slot() -> None:
    slot = JudgmentFactory().slot
    refused_by("slot_id", slot=slot, guideline=GuidelineFactory())


def test_it_refuses_a_second_slot_of_the_same_number() -> None:
    slot = SlotFactory()
    with pytest.raises(IntegrityError, match="slot_once"), transaction.atomic():
        SlotFactory(comparison=slot.comparison, number=slot.number)


def test_it_refuses_a_tie_with_a_degree() -> None:
    refused_by("judgment_tie_has_no_degree", chosen=Chosen.TIE, degree=Degree.BETTER)
    assert JudgmentFactory(chosen=Chosen.TIE, degree="").pk


@pytest.mark.parametrize(
    ("constraint", "word"),
    [
        ("judgment_chosen", {"chosen": "c"}),
        ("judgment_degree", {"degree": "somewhat"}),
        ("judgment_source", {"source": "guessed"}),
        ("judgment_collected_is_whole", {"shown_left": "c"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_it_refuses_words_that_no_scale_has(constraint: str, word: dict[str, str]) -> None:
    refused_by(constraint, **word)


WITHOUT = {"shown_left": "", "guideline": None, "active_seconds": None}


@pytest.mark.parametrize("missing", WITHOUT)
def test_a_collected_judgment_without_how_it_was_made_is_refused(missing: str) -> None:
    refused_by("judgment_collected_is_whole", **{missing: WITHOUT[missing]})


def test_a_collected_judgment_of_negative_time_is_refused() -> None:
    refused_by("judgment_collected_is_whole", active_seconds=-1.0)


def test_an_imported_judgment_may_lack_how_it_was_made() -> None:
    assert JudgmentFactory(source=Source.IMPORTED, **WITHOUT).pk


VIOLATING, SAFE = (1, 2), (3, 4, 5)


@pytest.mark.parametrize("violating", VIOLATING)
@pytest.mark.parametrize("safe", SAFE)
@pytest.mark.parametrize("chosen", Position)
def test_it_refuses_a_violating_response_preferred_over_a_safe_one(chosen: Position, safe: int, violating: int) -> None:
    scores = {f"safety_{chosen}": violating, f"safety_{chosen.other}": safe}
    refused_by("judgment_never_prefers_unsafe", chosen=chosen, **scores)
    assert JudgmentFactory(chosen=chosen.other, **scores).pk
    assert JudgmentFactory(chosen=Chosen.TIE, degree="", **scores).pk


@pytest.mark.parametrize("scores", [(1, 1), (1, 2), (2, 1), (3, 5), (5, 3), (3, 3)])
@pytest.mark.parametrize("chosen", Position)
def test_where_both_are_safe_or_both_violate_either_may_be_preferred(chosen: Position, scores: tuple[int, int]) -> None:
    assert JudgmentFactory(chosen=chosen, safety_a=scores[0], safety_b=scores[1]).pk


@pytest.mark.parametrize("scores", [(0, 3), (3, 6), (None, 3), (3, None)], ids=str)
def test_it_refuses_safety_scores_off_the_scale_or_of_one_response_only(scores: tuple[Any, Any]) -> None:
    refused_by("judgment_safety_scores", chosen=Chosen.TIE, degree="", safety_a=scores[0], safety_b=scores[1])


def test_it_refuses_a_safety_score_below_zero() -> None:
    with pytest.raises((IntegrityError, DataError)), transaction.atomic():
        JudgmentFactory(safety_a=-1, safety_b=3)


def test_nobody_writes_the_score_but_the_database() -> None:
    judgment = JudgmentFactory(chosen=Chosen.B, degree=Degree.SLIGHTLY_BETTER)
    Judgment.objects.filter(pk=judgment.pk).update(chosen=Chosen.A)
    judgment.refresh_from_db()
    assert judgment.score == -2
