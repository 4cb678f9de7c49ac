from __future__ import annotations

from collections import Counter, defaultdict
from itertools import combinations

import numpy as np
import pytest

from preferences.counting import Scope
from preferences.rater_pairs import busiest, count_pairs, pairs_of
from preferences.stats.gwet import ac2
from preferences.stats.tables import RatingPatterns
from tests import factories
from tests.preferences.counted_by_hand import rated, record

pytestmark = pytest.mark.django_db


def test_each_two_people_agree_as_counted_by_hand() -> None:
    scope = Scope(tuple(record()))
    given: Counter[int] = Counter()
    of_pair: dict[int, dict[int, int]] = defaultdict(dict)
    for judgment, comparison in rated(scope):
        given[judgment.annotator_id] += 1
        of_pair[comparison.pk][judgment.annotator_id] = scope.scale.scores.index(judgment.score)
    ratings: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for own in of_pair.values():
        for one, other in combinations(sorted(own), 2):
            ratings[one, other].append((own[one], own[other]))
    assert busiest(scope, most=None) == dict(given)
    found = {(pair.first, pair.second): pair.agreement for pair in pairs_of(scope, count_pairs(scope, list(given)))}
    assert found.keys() == ratings.keys()
    for pair, table in ratings.items():
        wanted = ac2(RatingPatterns.from_ratings(np.array(table), q=8))
        assert found[pair].value == pytest.approx(wanted.value) and found[pair].units == len(table)


def test_only_those_asked_for_are_paired_and_the_busiest_come_first() -> None:
    campaign = factories.campaign(raters_per_item=2)
    ann, ben, eve = (factories.annotator(campaign) for _ in range(3))
    for people in ([ann, ben], [ann, ben], [ben, eve], [ben, eve]):
        factories.judged_comparison(campaign, by=people)
    scope = Scope((campaign,))
    assert list(busiest(scope, most=2)) == [ben.pk, ann.pk]
    assert set(count_pairs(scope, [ann.pk, ben.pk])) == {(ann.pk, ben.pk)}
    assert busiest(Scope(())) == {} and pairs_of(Scope(()), {}) == []
