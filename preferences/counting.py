"""One statement that counts the ratings of each comparison of a scope, and the comparisons that have the same counts.

The rows are read along indexes that hold all that is asked for, in the order of the comparisons, and merged: a hash
table of a million comparisons costs several times as much. Each campaign is read in two halves, which two processes of
PostgreSQL take where it is large.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext as _

from preferences.choices import JudgmentRole, Purpose
from preferences.errors import InvalidInput
from preferences.models import Batch, Campaign
from preferences.planner import BY_HASH
from preferences.scales import Scale
from preferences.stats.arrays import IntArray

Key = Any  # what PostgreSQL names a part by: a number, a word, a day; None for what is in no part
Row = tuple[Any, ...]

PLAN = f"""
    SET LOCAL enable_hashjoin = off; SET LOCAL jit = off; SET LOCAL random_page_cost = 1.1;
    SET LOCAL work_mem = '128MB';
    SET LOCAL min_parallel_table_scan_size = '1TB'; SET LOCAL min_parallel_index_scan_size = '1TB';
    {BY_HASH}
"""
COLUMNS = ", ".join(
    f"comparison.{name}" for name in ("id", "campaign_id", "turn_id", "response_a_id", "response_b_id", "finished_at")
)


@dataclass(frozen=True)
class Scope:
    """Whose ratings: the collected comparisons of some campaigns on one scale, all of them or those of some batches.

    InvalidInput where the campaigns have different scales: their places are not the same verdicts.
    """

    campaigns: tuple[Campaign, ...]
    batches: tuple[Batch, ...] = ()

    def __post_init__(self) -> None:
        if len({campaign.scale for campaign in self.campaigns}) > 1:
            raise InvalidInput(
                _("These campaigns have different scales, so that they have no agreement in common. Choose one.")
            )

    @property
    def scale(self) -> Scale:
        return self.campaigns[0].the_scale if self.campaigns else Scale.EIGHT_POINT


def by_scale(campaigns: Iterable[Campaign], batches: tuple[Batch, ...] = ()) -> list[Scope]:
    """A scope for each scale that the campaigns have, in the order of the first campaign of each."""
    found: dict[str, list[Campaign]] = defaultdict(list)
    for campaign in campaigns:
        found[campaign.scale].append(campaign)
    return [Scope(tuple(group), batches) for group in found.values()]


@dataclass(frozen=True)
class Source:
    """Where the parts of a cut stand, in SQL: `unit` is a comparison, `unit.part` its part, `j` a judgment."""

    keys: tuple[str, ...]
    joins: str = ""
    rating_key: str = ""  # what parts the ratings of one comparison, each part then being rated for itself
    rating_joins: str = ""


def counted(scope: Scope, source: Source, columns: list[str]) -> list[Row]:
    """Rows of the keys, the columns counted over each comparison's ratings, and how many comparisons have these.

    What counts are ratings on the scale of collected comparisons: “neither is valid” has no score; gold and repeats are
    judged to learn about their annotators, and reviewers say something of ratings.
    """
    names = [*(f"k{place}" for place in range(len(source.keys))), *(f"n{place}" for place in range(len(columns)))]
    same = ", ".join(names)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(PLAN)
        branches = " UNION ALL ".join(
            _branch(source, columns, names, campaign, half, scope) for campaign, half in halves(cursor, scope)
        )
        if not branches:
            return []
        cursor.execute(
            f"SELECT {same}, sum(comparisons)::bigint FROM ({branches}) AS branch GROUP BY {same}",
            parameters(scope),
        )
        rows: list[Row] = cursor.fetchall()
        return rows


def one_by_one(scope: Scope, source: Source, columns: list[str]) -> IntArray:
    """Arrays of the keys and of the columns, whole numbers, with a place for each comparison that has a rating.

    Each half of an array comes as one value of eight bytes a number: row by row they would take several times as long.
    The comparisons are in the same order in all of them, which is any.
    """
    names = [*(f"k{place}" for place in range(len(source.keys))), *(f"n{place}" for place in range(len(columns)))]
    packed = ", ".join(f"string_agg(int8send({name}), '')" for name in names)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(PLAN)
        branches = " UNION ALL ".join(
            f"SELECT {packed} FROM ({_units(source, columns, names, campaign, half, scope)}) one"
            for campaign, half in halves(cursor, scope)
        )
        found = []
        if branches:
            cursor.execute(branches, parameters(scope))
            found = [row for row in cursor.fetchall() if row[0] is not None]
    columns_of = [np.frombuffer(b"".join(values), dtype=">i8") for values in zip(*found, strict=True)]
    return np.array(columns_of, dtype=np.int64).reshape(len(names), -1)


def halves(cursor: CursorWrapper, scope: Scope) -> list[tuple[int, tuple[int, int]]]:
    """Each campaign twice, with the numbers of the comparisons of its older and its newer half."""
    end = f"FROM preferences_comparison WHERE campaign_id = c.id AND purpose = '{Purpose.COLLECTION}'"
    cursor.execute(
        f"SELECT c.id, (SELECT min(id) {end}), (SELECT max(id) {end}) FROM preferences_campaign c"
        " WHERE c.id = ANY(%s) ORDER BY c.id",
        [[campaign.pk for campaign in scope.campaigns]],
    )
    return [
        (campaign, half)
        for campaign, first, last in cursor.fetchall()
        if first is not None
        for half in ((first, (first + last) // 2), ((first + last) // 2 + 1, last))
    ]


def _branch(
    source: Source, columns: list[str], names: list[str], campaign: int, half: tuple[int, int], scope: Scope
) -> str:
    same = ", ".join(names)
    return f"""
        SELECT {same}, count(*) AS comparisons
          FROM ({_units(source, columns, names, campaign, half, scope)}) one GROUP BY {same}"""


def _units(
    source: Source, columns: list[str], names: list[str], campaign: int, half: tuple[int, int], scope: Scope
) -> str:
    """The keys of each comparison, and the columns over its ratings, by their names."""
    keys = len(source.keys)
    taken = [COLUMNS, *([f"{source.rating_key} AS part"] if source.rating_key else [])]
    taken += [f"{column} AS {name}" for column, name in zip(columns, names[keys:], strict=True)]
    shown = [*(f"{key} AS {name}" for key, name in zip(source.keys, names, strict=False)), *names[keys:]]
    return f"""
        SELECT {", ".join(shown)}
          FROM (
            SELECT {", ".join(taken)} {_rated(source, _half(campaign, half), bool(scope.batches))}
             GROUP BY comparison.id {", " + source.rating_key if source.rating_key else ""}
          ) unit {source.joins}"""


def rated(scope: Scope, source: Source) -> str:
    """From which rows, in SQL with `parameters`: the scope's comparisons and, as `j`, their ratings on the scale."""
    # Of one campaign the index has the comparisons in their order; of any of several it has not.
    one = f"= {scope.campaigns[0].pk}" if len(scope.campaigns) == 1 else "= ANY(%(campaigns)s)"
    return _rated(source, f"comparison.campaign_id {one}", bool(scope.batches))


def rated_half(scope: Scope, campaign: int, half: tuple[int, int]) -> str:
    """The same of one of the `halves`."""
    return _rated(Source(()), _half(campaign, half), bool(scope.batches))


def _half(campaign: int, half: tuple[int, int]) -> str:
    return f"""comparison.campaign_id = {campaign} AND comparison.id BETWEEN {half[0]} AND {half[1]}
        AND j.comparison_id BETWEEN {half[0]} AND {half[1]}"""


def parameters(scope: Scope) -> dict[str, list[Any]]:
    return {
        "campaigns": [campaign.pk for campaign in scope.campaigns],
        "batches": [batch.pk for batch in scope.batches],
    }


def _rated(source: Source, which: str, of_batches: bool) -> str:
    return f"""FROM preferences_comparison comparison
              JOIN preferences_judgment j ON j.comparison_id = comparison.id {source.rating_joins}
             WHERE {which} AND comparison.purpose = '{Purpose.COLLECTION}'
               AND j.role = '{JudgmentRole.RATING}' AND j.score IS NOT NULL {_OF_BATCHES if of_batches else ""}"""


_OF_BATCHES = """AND EXISTS (SELECT 1 FROM preferences_batchitem item
    WHERE item.comparison_id = comparison.id AND item.batch_id = ANY(%(batches)s::uuid[]))"""
