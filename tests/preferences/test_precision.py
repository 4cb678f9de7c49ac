"""The interval of a campaign's agreement by dialogues, against a count by hand."""

from __future__ import annotations

from collections import defaultdict
from math import sqrt

import numpy as np
import pytest

from preferences.agreement import agreement_of
from preferences.counting import Scope
from preferences.models import Batch, Campaign
from preferences.precision import FEW, patterns_in_dialogues, precision_of
from preferences.stats.clusters import ClusteredPatterns
from preferences.stats.few_units import gwet_few_units
from preferences.stats.gwet import ac2, estimate
from preferences.stats.weights import matrix
from tests import factories
from tests.preferences.counted_by_hand import rated, record

pytestmark = pytest.mark.django_db


def dialogues_by_hand(scope: Scope) -> dict[int, list[list[int]]]:
    """The counts of each comparison, by its dialogue: row after row in Python."""
    counts: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0] * len(scope.scale.scores))
    for judgment, comparison in rated(scope):
        counts[comparison.turn.dialogue_id, comparison.pk][scope.scale.scores.index(judgment.score)] += 1
    found: dict[int, list[list[int]]] = defaultdict(list)
    for (dialogue, _pk), row in counts.items():
        found[dialogue].append(row)
    return found


def of_dialogues(campaign: Campaign, dialogues: list[list[list[int]]]) -> None:
    """Dialogues of turns of two scores: the author's, who goes on, and another's."""
    author, other = factories.annotator(campaign), factories.annotator(campaign)
    for dialogue in dialogues:
        of = factories.turn(campaign, by=author)
        for place, scores in enumerate(dialogue):
            pair = factories.comparison(of=of)
            for rater, score in zip((author, other), scores, strict=True):
                factories.judge(pair, by=rater, score=score)
            if place + 1 < len(dialogue):
                of = factories.continued_turn(pair, "And then?", by=author)


def test_each_comparison_is_in_its_dialogue_with_its_ratings() -> None:
    campaigns = record()
    for scope in (Scope((campaigns[0],)), Scope(tuple(campaigns)), Scope((campaigns[0],), (Batch.objects.get(),))):
        wanted = dialogues_by_hand(scope)
        labels = [dialogue for dialogue, rows in wanted.items() for _row in rows]
        by_hand = ClusteredPatterns.from_rows(labels, [row for rows in wanted.values() for row in rows])
        found = patterns_in_dialogues(scope)
        assert found.clusters == len(wanted) and found.patterns.units == len(labels)
        assert ac2(found) == ac2(by_hand)


def test_nothing_rated_is_nothing() -> None:
    found = precision_of(Scope((factories.campaign(),)))
    assert (found.dialogues, found.by_dialogues, found.few, found.plain.value) == (0, None, None, None)
    assert patterns_in_dialogues(Scope(())).clusters == 0


def test_the_standard_error_by_dialogues_is_that_of_their_sums() -> None:
    campaign = factories.campaign(raters_per_item=3, max_turns=3)
    of_dialogues(campaign, [[[-4, -3], [-4, -3]], [[4, -2], [3, -4], [2, -1]], [[1, 1]], [[2, 3]]])
    scope = Scope((campaign,))
    dialogues = dialogues_by_hand(scope)
    assert sorted(len(rows) for rows in dialogues.values()) == [1, 1, 2, 3]
    rows = np.array([row for own in dialogues.values() for row in own])
    hand = estimate(rows, np.full(7, 1 / 7), matrix("quadratic", range(1, 9)))
    sums, place = [], 0
    for own in dialogues.values():
        sums.append(hand.deviations[place : place + len(own)].sum())
        place += len(own)
    found = precision_of(scope)
    assert found.by_dialogues is not None and found.by_dialogues.se is not None and found.plain.se is not None
    assert found.by_dialogues.se == pytest.approx(sqrt(4 / 3 * sum(one**2 for one in sums)) / 7, rel=1e-12)
    assert found.by_dialogues.value == found.plain.value == pytest.approx(hand.value, rel=1e-12)
    assert found.by_dialogues.se > found.plain.se and found.dialogues == 4
    assert found.plain == agreement_of(scope)


def test_the_interval_for_few_units_is_there_for_few_and_is_held_against_the_gate() -> None:
    campaign = factories.campaign(raters_per_item=2)
    people = [factories.annotator(campaign) for _ in range(2)]
    for _ in range(FEW - 1):
        factories.judged_comparison(campaign, scores=[-4, -3], by=people)
    few = precision_of(Scope((campaign,)))
    assert few.by_dialogues is None
    wanted = gwet_few_units(patterns_in_dialogues(Scope((campaign,))), matrix("quadratic", range(1, 9)))
    assert few.held == few.few == wanted
    factories.judged_comparison(campaign, scores=[-4, -3], by=people)
    enough = precision_of(Scope((campaign,)))
    assert enough.few is None and enough.held == enough.plain


def test_more_ratings_than_fit_into_one_number_are_counted_all_the_same() -> None:
    campaign = factories.campaign(raters_per_item=40)
    votes = [
        [factories.vote(f"rater {n}", "a" if n < 17 else "b") for n in range(40)],
        [factories.vote("rater 1", "a")],
    ]
    factories.import_lines(campaign, [factories.line(votes=own) for own in votes])
    found = patterns_in_dialogues(Scope((campaign,)))
    assert (found.patterns.ratings, found.patterns.units, found.clusters) == (41, 2, 2)
