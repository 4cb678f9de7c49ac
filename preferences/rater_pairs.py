"""How well each two raters agree with each other."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from django.db import connection, transaction

from preferences.agreement import WEIGHTS
from preferences.counting import PLAN, Scope, Source, halves, parameters, rated, rated_half
from preferences.stats.agreement import Agreement
from preferences.stats.gwet import ac2
from preferences.stats.tables import RatingPatterns
from preferences.stats.weights import WeightScheme

MOST = 20  # raters that a page has room for
ANYBODY = Source(())


@dataclass(frozen=True)
class RaterPair:
    """Two people, by number, the lower first, and what they agree on; `agreement.units` are their comparisons."""

    first: int
    second: int
    agreement: Agreement


Counted = dict[tuple[int, int], dict[tuple[int, int], int]]


def busiest(scope: Scope, *, most: int | None = MOST) -> dict[int, int]:
    """How many ratings each has given, the most first; at most so many people."""
    limit = "" if most is None else f"LIMIT {most}"
    with connection.cursor() as cursor:
        branches = " UNION ALL ".join(
            f"SELECT j.annotator_id, count(*) AS ratings {rated_half(scope, campaign, half)} GROUP BY 1"
            for campaign, half in halves(cursor, scope)
        )
    if not branches:
        return {}
    sql = f"SELECT annotator_id, sum(ratings)::bigint FROM ({branches}) half GROUP BY 1 ORDER BY 2 DESC, 1 {limit}"
    return {person: ratings for person, ratings in _ask(scope, sql)}


def count_pairs(scope: Scope, people: list[int]) -> Counted:
    """By two people: how often they gave one comparison these two scores, the lower person's first."""
    found: Counted = defaultdict(dict)
    for first, second, score, other, comparisons in _ask(
        scope,
        f"""WITH own AS MATERIALIZED (
                SELECT j.comparison_id, j.annotator_id, j.score {rated(scope, ANYBODY)}
                   AND j.annotator_id = ANY(%(people)s)
            )
            SELECT a.annotator_id, b.annotator_id, a.score, b.score, count(*)
              FROM own a JOIN own b ON b.comparison_id = a.comparison_id AND a.annotator_id < b.annotator_id
             GROUP BY 1, 2, 3, 4""",
        people=people,
    ):
        found[first, second][score, other] = comparisons
    return dict(found)


def pairs_of(scope: Scope, counted: Counted, *, weights: WeightScheme = WEIGHTS) -> list[RaterPair]:
    """Gwet's AC2 of each two over the comparisons that both rated."""
    place = {score: number for number, score in enumerate(scope.scale.scores)}
    unit = np.eye(len(place), dtype=np.int64)
    return [
        RaterPair(first, second, ac2(RatingPatterns(
            np.array([unit[place[one]] + unit[place[other]] for one, other in scores]),
            np.array(list(scores.values())),
        ), weights))
        for (first, second), scores in counted.items()
    ]  # fmt: skip


def _ask(scope: Scope, sql: str, **more: list[int]) -> list[tuple[int, ...]]:
    if not scope.campaigns:
        return []
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(PLAN)
        cursor.execute(sql, {**parameters(scope), **more})
        found: list[tuple[int, ...]] = cursor.fetchall()
        return found
