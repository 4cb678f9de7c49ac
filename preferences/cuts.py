"""Ratings of a scope counted for each of its parts: the batches, the categories, the turns of a dialogue, and so on.

PostgreSQL counts each comparison's ratings by place into one number, then counts the comparisons that have the same;
what comes to Python are a few hundred rows for each part, whatever the number of comparisons.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy

from preferences.counting import Key, Scope, Source, counted
from preferences.scales import Scale
from preferences.stats.tables import RatingPatterns

# A comparison's ratings at each place of the scale, four bits each: with eight places the largest is still an int4, of
# which PostgreSQL makes quick sums. What has more ratings than fit is counted by columns.
BITS = 4
MOST = 2**BITS - 1


class Cut(TextChoices):
    """By what a scope is cut into parts."""

    CAMPAIGN = "campaign", gettext_lazy("Campaign")
    TRACK = "track", gettext_lazy("Track")
    BATCH = "batch", gettext_lazy("Batch")
    WEEK = "week", gettext_lazy("Week")
    GUIDELINE = "guideline", gettext_lazy("Guideline version")
    CATEGORY = "category", gettext_lazy("Category")
    RISK_CATEGORY = "risk_category", gettext_lazy("Risk category")
    ATTACK_VECTOR = "attack_vector", gettext_lazy("Attack vector")
    TURN = "turn", gettext_lazy("Turn of the dialogue")
    POOL = "pool", gettext_lazy("Pool")
    VARIANTS = "variants", gettext_lazy("Pair of variants")


TURN = "JOIN preferences_turn t ON t.id = unit.turn_id"
_PROMPT = f"{TURN} JOIN preferences_prompt p ON p.id = t.prompt_id"
_CAMPAIGN = "JOIN preferences_campaign c ON c.id = unit.campaign_id"
# Each comparison in its batch's newest version: an erasure makes versions, and most batches have one (an empty array).
_ITEMS = """LEFT JOIN preferences_batchitem i ON i.comparison_id = unit.id AND i.batch_id <> ALL (ARRAY(
    SELECT old.id FROM preferences_batch old JOIN preferences_batch later USING (name)
     WHERE later.version > old.version))"""
_SAID_BEFORE = """CASE WHEN d.context = '[]' THEN 0
    ELSE jsonb_array_length(jsonb_path_query_array(d.context, '$[*] ? (@.role == "user")')) END"""

SOURCES: dict[Cut, Source] = {
    Cut.CAMPAIGN: Source(("unit.campaign_id",)),
    Cut.TRACK: Source(("c.track",), _CAMPAIGN),
    Cut.BATCH: Source(("i.batch_id",), _ITEMS),
    Cut.WEEK: Source(("date_trunc('week', unit.finished_at AT TIME ZONE c.time_zone)::date",), _CAMPAIGN),
    Cut.GUIDELINE: Source(("unit.part",), rating_key="j.guideline_id"),
    Cut.CATEGORY: Source(("p.category", "NULLIF(p.second_category, '')"), _PROMPT),
    Cut.RISK_CATEGORY: Source(("p.risk_category",), _PROMPT),
    Cut.ATTACK_VECTOR: Source(("p.attack_vector",), _PROMPT),
    Cut.TURN: Source((f"t.index + 1 + {_SAID_BEFORE}",), f"{TURN} JOIN preferences_dialogue d ON d.id = t.dialogue_id"),
    Cut.POOL: Source(
        ("unit.part",),
        rating_key="s.pool_id",
        rating_joins="LEFT JOIN preferences_slot s"
        " ON s.comparison_id = j.comparison_id AND s.id = j.slot_id AND s.pool_id IS NOT NULL",
    ),
    Cut.VARIANTS: Source(
        (
            "concat_ws(' ', LEAST(a.variant_id, b.variant_id),"
            " CASE WHEN b.id IS NOT NULL THEN GREATEST(a.variant_id, b.variant_id) END)",
        ),
        "JOIN preferences_response a ON a.id = unit.response_a_id"
        " LEFT JOIN preferences_response b ON b.id = unit.response_b_id",
    ),
}
WHOLE = Source(("1",))


def patterns_of(scope: Scope) -> RatingPatterns:
    """How many of the scope's comparisons show each pattern of counts; categories are the scale's places."""
    found = _patterns(scope, WHOLE)
    return found.get(1, RatingPatterns.from_counts(np.zeros((0, len(scope.scale.scores)), dtype=np.int64)))


def patterns_by(scope: Scope, cut: Cut) -> dict[Key, RatingPatterns]:
    """The same for each part of the scope that has ratings, by its key.

    A comparison with two categories counts in both, and one that several batches hold in each of them. Where people
    rated one comparison under two versions of the guideline, or from two pools, the ratings of each are a comparison of
    their own.
    """
    return _patterns(scope, SOURCES[cut])


def _patterns(scope: Scope, source: Source) -> dict[Key, RatingPatterns]:
    places = len(scope.scale.scores)
    rows: dict[Key, list[tuple[int, ...]]] = defaultdict(list)
    for keys, counts, comparisons in _counted(scope, source):
        for key in keys:
            rows[key].append((*counts, comparisons))
    tables = {key: np.array(own, dtype=np.int64) for key, own in rows.items()}
    return {key: RatingPatterns(table[:, :places], table[:, -1]) for key, table in tables.items()}


def _counted(scope: Scope, source: Source) -> Iterator[tuple[tuple[Key, ...], list[int], int]]:
    """The keys of each kind of comparison, its ratings at each place, and how many comparisons are of that kind."""
    if not scope.campaigns:
        return
    width, places = len(source.keys), range(len(scope.scale.scores))
    rows = counted(scope, source, [packed(scope.scale), "count(*)::int"])
    for row in rows:
        if row[-2] <= MOST:
            yield _keys(row[:width]), [row[width] >> BITS * place & MOST for place in places], row[-1]
    if any(row[-2] > MOST for row in rows):
        for row in counted(scope, source, by_column(scope.scale)):
            if sum(row[width:-1]) > MOST:
                yield _keys(row[:width]), list(row[width:-1]), row[-1]


def packed(scale: Scale) -> str:
    """A comparison's ratings at each place as one number, in SQL."""
    places = " ".join(f"WHEN {score} THEN {1 << BITS * place}" for place, score in enumerate(scale.scores))
    return f"sum(CASE j.score {places} END)"


def by_column(scale: Scale) -> list[str]:
    """The same with a column for each place, however many ratings there are."""
    return [f"count(*) FILTER (WHERE j.score = {score})" for score in scale.scores]


def _keys(found: tuple[Key, ...]) -> tuple[Key, ...]:
    """Every key there is; of several, those that are none are left out."""
    return tuple(key for key in found[1:] if key is not None) + found[:1]
