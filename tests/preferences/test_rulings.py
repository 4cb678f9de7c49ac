"""Corrections and adjudications: verdicts of reviewers beside the ratings, which stay."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from preferences.actions import batches, guidelines, judgments
from preferences.agreement import agreement_of
from preferences.choices import ComparisonStatus, JudgmentRole, Position, Track
from preferences.counting import Scope
from preferences.errors import Conflict, InvalidInput, NotAllowed
from preferences.hashing import row_hash
from preferences.models import Comparison, Judgment
from preferences.rows import counted, rows
from preferences.weeks import week_of
from tests import factories
from tests.factories.judgments import JudgmentFactory
from tests.preferences.refusals import refused

pytestmark = pytest.mark.django_db


def row_of(comparison: Comparison) -> dict[str, Any]:
    ((_, row),) = rows(Comparison.objects.filter(pk=comparison.pk))
    return row


def row(comparison: Comparison, **fields: Any) -> Judgment:
    """A bare ruling, written past the actions."""
    return JudgmentFactory(
        comparison=comparison, slot=None, guideline=guidelines.current(comparison.campaign), **fields
    )


def test_a_correction_stands_beside_the_rating_that_it_corrects() -> None:
    rating = factories.judge(factories.comparison(), score=-4)
    reviewer = factories.user()
    correction = factories.correct(rating, reviewer, score=2)
    rating.refresh_from_db()
    assert (rating.score, rating.slot.status, rating.correction) == (-4, "filled", correction)
    assert (correction.role, correction.slot, correction.annotator, correction.score) == (
        JudgmentRole.CORRECTION, None, reviewer, 2,
    )  # fmt: skip
    assert correction.shown_left == rating.shown_left


def test_agreement_counts_ratings_only() -> None:
    campaign = factories.campaign(raters_per_item=2)
    pairs = [factories.judged_comparison(campaign, scores=scores) for scores in ([-3, -3], [3, 3], [-3, 3])]
    before = agreement_of(Scope((campaign,)))
    factories.adjudicate(pairs[2], score=4)
    factories.correct(pairs[0].judgments.order_by("pk")[0], score=4)
    assert agreement_of(Scope((campaign,))) == before


def test_a_row_holds_the_rating_with_its_correction_and_the_adjudication() -> None:
    campaign = factories.campaign(raters_per_item=2)
    pair = factories.judged_comparison(campaign, scores=[-3, 3])
    before = row_of(pair)
    assert "adjudication" not in before
    first = pair.judgments.order_by("pk")[0]
    factories.correct(first, score=1)
    factories.adjudicate(pair, score=2)
    after = row_of(pair)
    assert [rating["score"] for rating in after["judgments"]] == [-3, 3]
    assert [vote["score"] for vote in counted(after)] == [1, 3]
    assert after["adjudication"]["score"] == 2
    assert row_hash(after) != row_hash(before)


def test_a_correction_that_corrects_nothing_is_refused() -> None:
    rating = factories.judge(factories.comparison(), score=-3)
    with pytest.raises(InvalidInput, match="as it was given"):
        factories.correct(rating, score=-3)
    assert Judgment.objects.count() == 1


def test_a_correction_is_not_corrected_again() -> None:
    correction = factories.correct(factories.judge(factories.comparison()))
    with pytest.raises(Conflict, match="Only an annotator"):
        factories.correct(correction, score=1)


def test_a_comparison_that_waits_for_a_rating_is_not_adjudicated() -> None:
    pair = factories.comparison(factories.campaign(raters_per_item=2))
    factories.judge(pair)
    with pytest.raises(Conflict, match="still waits for a rating"):
        factories.adjudicate(pair)


def test_who_rated_a_comparison_rules_on_none_of_it() -> None:
    campaign = factories.campaign(raters_per_item=2)
    pair = factories.judged_comparison(campaign, scores=[-3, 3])
    one, two = pair.judgments.order_by("pk")
    for act in (
        lambda: factories.correct(two, one.annotator, score=1),
        lambda: factories.adjudicate(pair, one.annotator),
    ):
        with pytest.raises(NotAllowed, match="You rated this comparison yourself"):
            act()


def test_a_reviewers_word_on_a_comparison_counts_once() -> None:
    pair = factories.judged_comparison(factories.campaign(raters_per_item=2), scores=[-3, 3])
    reviewer = factories.user()
    factories.correct(pair.judgments.order_by("pk")[0], reviewer, score=1)
    with pytest.raises(Conflict, match="a verdict of your own on this comparison already"):
        factories.adjudicate(pair, reviewer)


def test_who_corrected_a_rating_does_not_rate_the_comparison() -> None:
    pair = factories.comparison(factories.campaign(raters_per_item=2))
    rating, reviewer = factories.judge(pair), factories.user()
    factories.correct(rating, reviewer)
    with pytest.raises(Conflict, match="judged this comparison already"), transaction.atomic():
        factories.judge(pair, reviewer)
    assert pair.judgments.filter(role=JudgmentRole.RATING).count() == 1


def test_a_correction_keeps_to_the_rule_that_nobody_prefers_unsafe_over_safe() -> None:
    rating = factories.judge(factories.comparison(factories.campaign(track=Track.SAFETY)))
    with pytest.raises(InvalidInput, match="scored it as a violation"):
        factories.correct(rating, score=3, safety={Position.A: 5, Position.B: 1})


@pytest.mark.parametrize("ruling", ["correction", "adjudication"])
def test_a_verdict_that_was_ruled_on_is_revised_no_more(ruling: str) -> None:
    rating = factories.judge(factories.comparison())
    if ruling == "correction":
        factories.correct(rating)
    else:
        factories.adjudicate(rating.comparison)
    opinion = judgments.Opinion(factories.verdict(rating.comparison.campaign.the_scale, 4))
    with pytest.raises(Conflict, match="the verdict that counts here"), transaction.atomic():
        judgments.revise(
            judgment=rating,
            comparison=factories.held(rating.comparison),
            by=rating.annotator,
            opinion=opinion,
            guideline=rating.guideline,
        )
    with pytest.raises(Conflict, match="the verdict that counts here"), transaction.atomic():
        held = factories.held(rating.comparison)
        judgments.edit_chosen(judgment=rating, comparison=held, by=rating.annotator, text="Better.")


def test_nothing_is_ruled_on_a_sealed_comparison() -> None:
    campaign = factories.campaign()
    factories.batch(campaign)
    pair = Comparison.objects.filter(campaign=campaign)[0]
    with pytest.raises(Conflict, match="sealed batch"):
        factories.correct(pair.judgments.get())
    with pytest.raises(Conflict, match="sealed batch"):
        factories.adjudicate(pair)


def test_what_is_held_is_not_sealed() -> None:
    campaign = factories.campaign()
    held, free = (factories.judged_comparison(campaign) for _ in range(2))
    Comparison.objects.filter(pk=held.pk).update(held=True)
    batch = batches.seal(week=week_of(timezone.now()), campaigns=[campaign], by=None)
    assert [item.comparison for item in batch.items.all()] == [free]
    with refused("comparison_sealed_when_let_go"):
        Comparison.objects.filter(pk=held.pk).update(status=ComparisonStatus.SEALED)


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("judgment_role", {"role": "guess", "slot": None}),
        ("judgment_rating_fills_a_slot", {"slot": None}),
        ("judgment_rating_fills_a_slot", {"role": JudgmentRole.ADJUDICATION}),
        ("judgment_correction_corrects", {"role": JudgmentRole.CORRECTION, "slot": None}),
    ],
    ids=str,
)
def test_a_judgment_that_is_neither_rating_nor_ruling_is_refused(constraint: str, fields: dict[str, Any]) -> None:
    pair = factories.comparison()
    guideline, slot = guidelines.current(pair.campaign), pair.slots.get()
    with refused(constraint):
        JudgmentFactory(comparison=pair, guideline=guideline, **({"slot": slot} | fields))


def test_a_rating_corrects_nothing() -> None:
    rating = factories.judge(factories.comparison(factories.campaign(raters_per_item=2)))
    slot = rating.comparison.slots.get(status="open")
    with refused("judgment_correction_corrects"):
        JudgmentFactory(slot=slot, corrects=rating, guideline=rating.guideline)


def test_a_rating_is_corrected_once_and_a_comparison_adjudicated_once() -> None:
    rating = factories.judge(factories.comparison())
    factories.correct(rating)
    with refused("corrects_id"):
        row(rating.comparison, role=JudgmentRole.CORRECTION, corrects=rating)
    factories.adjudicate(rating.comparison)
    with refused("judgment_adjudicated_once"):
        row(rating.comparison, role=JudgmentRole.ADJUDICATION)


def test_a_correction_is_of_its_own_comparisons_rating() -> None:
    rating, other = factories.judge(factories.comparison()), factories.comparison()
    with refused("judgment_corrects_of_comparison"):
        row(other, role=JudgmentRole.CORRECTION, corrects=rating)


def test_an_imported_rating_is_not_corrected() -> None:
    campaign = factories.campaign()
    pair = factories.imported_comparison(campaign, votes=[factories.vote()])
    with pytest.raises(Conflict, match="given here"), transaction.atomic():
        factories.correct(pair.judgments.get(), score=1)
