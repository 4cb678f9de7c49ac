"""The finished comparisons whose raters are furthest apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection, transaction

from preferences.choices import JudgmentRole
from preferences.counting import PLAN, Scope, halves, parameters, rated_half
from preferences.models import Comparison, Judgment
from preferences.scales import Scale

MOST = 20


@dataclass(frozen=True)
class Split:
    """A comparison and its ratings' scores in order; `places` is how many places of the scale lie between them."""

    comparison: Comparison
    scores: list[int]
    places: int


def widest(scope: Scope, *, most: int = MOST) -> list[int]:
    """The numbers of those whose lowest and highest ratings are most places apart, the newest first among equals.

    What is unfinished is left out: somebody who looks at it may still judge it.
    """
    if not scope.campaigns:
        return []
    places = f"ARRAY[{', '.join(map(str, scope.scale.scores))}]::smallint[]"
    ordered = f"ORDER BY apart DESC, at DESC, id DESC LIMIT {most}"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(PLAN)
        branches = " UNION ALL ".join(
            f"""(SELECT id, array_position({places}, high) - array_position({places}, low) AS apart, at
                   FROM (SELECT comparison.id, comparison.finished_at AS at, min(j.score) AS low, max(j.score) AS high
                           {rated_half(scope, *half)} AND comparison.finished_at IS NOT NULL
                          GROUP BY comparison.id) unit
                  WHERE low < high {ordered})"""
            for half in halves(cursor, scope)
        )
        if not branches:
            return []
        cursor.execute(f"SELECT id FROM ({branches}) unit {ordered}", parameters(scope))
        return [pk for (pk,) in cursor.fetchall()]


def with_ratings(found: Sequence[int], scale: Scale) -> list[Split]:
    """The comparisons themselves, with their prompts and ratings, in the order given."""
    comparisons = Comparison.objects.select_related("turn__prompt").in_bulk(found)
    scores: dict[int, list[int]] = defaultdict(list)
    ratings = Judgment.objects.filter(comparison__in=found, role=JudgmentRole.RATING, score__isnull=False)
    for pk, score in ratings.order_by("score", "pk").values_list("comparison", "score"):
        scores[pk].append(score or 0)
    places = {pk: scale.scores.index(own[-1]) - scale.scores.index(own[0]) for pk, own in scores.items()}
    return [Split(comparisons[pk], scores[pk], places[pk]) for pk in found if pk in places]
