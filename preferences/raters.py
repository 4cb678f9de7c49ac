"""How many people gave a scope's ratings, or those of each part of a cut."""

from __future__ import annotations

from django.db import connection

from preferences.counting import COLUMNS, Scope, Source, parameters, rated
from preferences.cuts import SOURCES, WHOLE, Cut


def raters_of(scope: Scope) -> int:
    return _raters(scope, WHOLE).get("1", 0)


def raters_by(scope: Scope, cut: Cut) -> dict[str, int]:
    """By the key of each part, "" for what is in no part, as `preferences.agreement.agreement_by` has them."""
    return _raters(scope, SOURCES[cut])


def _raters(scope: Scope, source: Source) -> dict[str, int]:
    part = f", {source.rating_key} AS part" if source.rating_key else ""
    keys = ", ".join(f"({key})::text" for key in source.keys)
    # A comparison counts in the part of its first key, also where that is none, and in those of its further keys.
    sql = f"""
        SELECT COALESCE(named.key, ''), count(DISTINCT unit.annotator_id)
          FROM (SELECT {COLUMNS}{part}, j.annotator_id {rated(scope, source)}) unit {source.joins}
         CROSS JOIN unnest(ARRAY[{keys}]) WITH ORDINALITY AS named(key, place)
         WHERE named.place = 1 OR named.key IS NOT NULL
         GROUP BY 1"""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters(scope))
        return dict(cursor.fetchall())
