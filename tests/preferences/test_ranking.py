"""Strengths of variants by ordinary collection."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from preferences.choices import Position
from preferences.models import Campaign, Variant
from preferences.ranking import Ranking, ranking, won_by
from preferences.stats import bradley_terry
from tests import factories

pytestmark = pytest.mark.django_db

A, B = Position.A, Position.B


@pytest.fixture
def campaign() -> Campaign:
    return factories.campaign(raters_per_item=2)


@pytest.fixture
def variants() -> list[Variant]:
    """In the order of their registration."""
    return [factories.variant(f"chat-v{number}") for number in (1, 2, 3)]


def match(campaign: Campaign, a: Variant, b: Variant, scores: list[int], left: list[Position], **texts: str) -> None:
    """One comparison, judged with these scores, each with its side."""
    made = factories.evaluated(campaign, a, b, [], **texts)
    for score, side in zip(scores, left, strict=True):
        factories.judge(made, score=score, shown_left=side)


def collected(campaign: Campaign, variants: list[Variant]) -> list[tuple[int, int, int, float, float, int]]:
    """Matches of all three; the rows that a ranking is to be fitted to."""
    one, two, three = variants
    texts = [{"text_a": "x" * 40, "text_b": "y" * 10}, {"text_a": "x" * 9, "text_b": "y" * 18}, {}]
    played: list[tuple[Any, ...]] = [
        (one, two, [2, 3], [A, B]), (two, one, [-2, 4], [A, A]), (three, one, [-4, -1], [B, A]),
        (one, three, [3, -2], [B, B]), (two, three, [1, -1], [A, B]), (three, two, [-3, -3], [A, B]),
        (one, two, [-1, 2], [B, A]), (two, three, [2, 2], [B, A]),
    ]  # fmt: skip
    rows = []
    for number, (a, b, scores, left) in enumerate(played):
        words = texts[number % 3] or {"text_a": "same a", "text_b": "same b"}
        match(campaign, a, b, scores, left, **words)
        longer = np.log2(len(words["text_a"]) / len(words["text_b"]))
        rows += [
            (variants.index(a), variants.index(b), 1 if score < 0 else -1, 0.5 if side is A else -0.5, longer, number)
            for score, side in zip(scores, left, strict=True)
        ]
    return rows


def test_it_is_the_fit_of_all_judgments_by_variant_side_length_and_dialogue(
    campaign: Campaign, variants: list[Variant]
) -> None:
    rows = np.array(collected(campaign, variants))
    first, second, outcome, clusters = (rows[:, column].astype(int) for column in (0, 1, 2, 5))
    plain = bradley_terry.fit_outcomes(first, second, outcome, clusters=clusters)
    adjusted = bradley_terry.fit_outcomes(first, second, outcome, covariates=rows[:, 3:5], clusters=clusters)
    found = ranking([campaign])
    assert (found.judgments, found.dialogues, found.note, found.apart) == (16, 8, "", [])
    by_name = {one.variant.name: one for one in found.ranked}
    for number, variant in enumerate(variants):
        one = by_name[variant.name]
        assert one.adjusted.value == pytest.approx(adjusted.log_strengths[number], abs=1e-6)
        assert one.adjusted.high - one.adjusted.low == pytest.approx(2 * 1.959964 * adjusted.se[number], rel=1e-5)
        assert one.plain.value == pytest.approx(plain.log_strengths[number], abs=1e-6)
    assert [one.adjusted.value for one in found.ranked] == sorted(
        (one.adjusted.value for one in found.ranked), reverse=True
    )
    assert found.left is not None and found.left.value == pytest.approx(np.exp(adjusted.effects[0]), rel=1e-5)
    assert found.longer is not None and found.longer.high == pytest.approx(
        np.exp(adjusted.effects[1] + 1.959964 * adjusted.effects_se[1]), rel=1e-4
    )


def test_each_variant_stands_against_the_one_before_it(campaign: Campaign, variants: list[Variant]) -> None:
    rows = np.array(collected(campaign, variants))
    plain = bradley_terry.fit_outcomes(*(rows[:, column].astype(int) for column in (0, 1, 2)), clusters=rows[:, 5])
    found = ranking([campaign]).pairs
    assert [(pair.variant.name, pair.against.name) for pair in found] == [
        ("chat-v3", "chat-v2"),
        ("chat-v2", "chat-v1"),
    ]
    assert found[0].plain.value == pytest.approx(plain.win_rate(2, 1).value, abs=1e-6)
    assert found[0].plain.low == pytest.approx(plain.win_rate(2, 1).low, abs=1e-6)
    assert [(pair.met, pair.points) for pair in found] == [(6, 5), (6, 4)]


def test_a_correction_counts_and_an_adjudication_stands_for_all(campaign: Campaign, variants: list[Variant]) -> None:
    old, new, _ = variants
    for scores in ([2, 2], [-2, -2], [2, -2], [-2, 2]):
        match(campaign, old, new, scores, [A, B])
    first, second, *_ = campaign.comparisons.order_by("pk")
    factories.correct(first.judgments.order_by("pk")[0], score=-2)
    factories.adjudicate(second, score=2)
    (pair,) = ranking([campaign]).pairs
    assert (pair.met, pair.points) == (7, 4)


def test_variants_that_never_met_have_no_common_scale(campaign: Campaign, variants: list[Variant]) -> None:
    one, two, three = variants
    for scores in ([2, -2], [2, 2], [-2, 2]):
        match(campaign, one, two, scores, [A, B])
    match(campaign, three, one, [-2, -2], [A, B])
    found = ranking([campaign])
    assert [ranked.variant for ranked in found.ranked] == [two, one]
    assert (found.apart, found.judgments) == ([three], 6)


def test_a_winner_that_never_lost_has_no_strength(campaign: Campaign, variants: list[Variant]) -> None:
    match(campaign, variants[0], variants[1], [2, 2], [A, B])
    found = ranking([campaign])
    assert (found.ranked, found.pairs) == ([], [])
    assert found.note.startswith("No variant has both won and lost yet")


def test_one_dialogue_alone_has_a_sentence(campaign: Campaign, variants: list[Variant]) -> None:
    match(campaign, variants[0], variants[1], [2, -2], [A, B])
    found = ranking([campaign])
    assert (found.ranked, found.note) == (
        [],
        "All comparisons come from one cluster, so the precision of the strengths is unknown.",
    )


def test_a_side_that_decides_everything_cannot_be_adjusted_for(campaign: Campaign, variants: list[Variant]) -> None:
    for _ in range(3):
        match(campaign, variants[0], variants[1], [-2, 2], [A, B], text_a="same 1", text_b="same 2")
    found = ranking([campaign])
    assert found.note.startswith("Not adjusted for side and length: ") and found.left is None
    assert [one.adjusted for one in found.ranked] == [one.plain for one in found.ranked]


def test_nothing_compared_is_nothing_and_a_variant_beside_itself_says_nothing(
    campaign: Campaign, variants: list[Variant]
) -> None:
    match(campaign, variants[0], variants[0], [2, 2], [A, B])
    empty = Ranking(0, 0, [], [], None, None, [], "No two variants have been compared yet.")
    assert ranking([campaign]) == ranking([]) == empty


def test_several_campaigns_are_one_ranking(campaign: Campaign, variants: list[Variant]) -> None:
    other = factories.campaign(raters_per_item=2)
    for where in (campaign, other):
        match(where, variants[0], variants[1], [2, -2], [A, B])
        match(where, variants[0], variants[1], [2, 2], [A, B])
    assert [ranking(of).judgments for of in ([campaign], [campaign, other])] == [4, 8]


def test_the_number_of_queries_does_not_grow(campaign: Campaign, variants: list[Variant]) -> None:
    collected(campaign, variants)
    with CaptureQueriesContext(connection) as asked:
        ranking([campaign])
    assert len(asked) <= 6


def test_a_variants_wins_are_counted_in_the_comparisons_that_were_opened_in_a_time(
    campaign: Campaign, variants: list[Variant]
) -> None:
    one, two, three = variants
    early = timezone.now()
    match(campaign, one, two, [-2, -2], [A, B])
    middle = timezone.now()
    match(campaign, two, one, [-2, -1], [A, B])
    match(campaign, one, two, [3, -3], [A, B])
    match(campaign, two, three, [-2, -2], [A, B])
    match(campaign, one, three, [-2, -2], [A, B])
    found = won_by(two, campaign, since=middle, until=None)
    assert (found.judgments, found.dialogues, found.rate.value) == (6, 3, pytest.approx(5 / 6))
    assert found.rate.low is not None and found.rate.low < 5 / 6
    before = won_by(two, campaign, since=early, until=middle)
    assert (before.judgments, before.rate.value, before.rate.low) == (2, 0.0, None)
    assert won_by(two, factories.campaign(), since=early, until=None).rate.value is None
