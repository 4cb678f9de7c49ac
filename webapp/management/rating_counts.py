"""Ratings -> distinct count patterns, exactly and in bounded memory, whatever their order and number."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass

import numpy as np

from preferences.stats.tables import RatingPatterns
from webapp.management.rating_rows import Rating, RatingFileError, quoted

CACHE_KIB = 64 * 1024
# Patterns times categories: the statistics hold some tables of this many numbers of eight bytes.
MOST_CELLS = 20_000_000
# Nothing of a temporary file needs to outlive a crash.
SETTINGS = ("journal_mode = OFF", "synchronous = OFF", "temp_store = FILE", f"cache_size = -{CACHE_KIB}")


@dataclass(frozen=True)
class Counted:
    """What agreement is computed from; `missing` are the rows without a rating."""

    patterns: RatingPatterns
    raters: int
    missing: int


def count(ratings: Iterable[Rating], q: int) -> Counted:
    """The patterns of these ratings in `q` categories; RatingFileError where there is none
    or where one rater rated a unit twice.

    The rows wait, and are sorted, in a temporary SQLite file that is gone when its connection is closed.
    """
    with closing(sqlite3.connect("", isolation_level=None)) as rows:
        try:
            _keep(rows, ratings)
            patterns = _patterns(rows, q)
            (missing,) = rows.execute("SELECT count(*) FROM rating WHERE place IS NULL").fetchone()
            (raters,) = rows.execute("SELECT count(DISTINCT rater) FROM rating WHERE place IS NOT NULL").fetchone()
        except sqlite3.OperationalError as error:
            raise RatingFileError(
                f"the ratings could not be sorted: {error}. They need about twice the size of the file in the folder "
                "for temporary files; TMPDIR names another one."
            ) from None
    if not patterns.units:
        raise RatingFileError(f"none of the {missing:,} rows has a rating." if missing else "there are no rows.")
    return Counted(patterns, raters, missing)


def _keep(rows: sqlite3.Connection, ratings: Iterable[Rating]) -> None:
    for setting in SETTINGS:
        rows.execute(f"PRAGMA {setting}")
    rows.execute("CREATE TABLE rating (unit TEXT, rater TEXT, place INTEGER, line INTEGER)")
    rows.execute("BEGIN")
    rows.executemany("INSERT INTO rating VALUES (?, ?, ?, ?)", ratings)
    rows.execute("COMMIT")


def _patterns(rows: sqlite3.Connection, q: int) -> RatingPatterns:
    """Many units show few patterns, of which each is kept as the bytes of its places."""
    patterns = Counter(bytes(sorted(places)) for places in _units(rows))
    if len(patterns) * q > MOST_CELLS:
        raise RatingFileError(
            f"{len(patterns):,} different patterns of ratings in {q} categories need too much memory. "
            "Put the ratings in fewer categories."
        )
    counts = np.zeros((len(patterns), q), dtype=np.int64)
    for row, places in enumerate(patterns):
        counts[row] = np.bincount(np.frombuffer(places, dtype=np.uint8), minlength=q)
    return RatingPatterns(counts, np.array(list(patterns.values()), dtype=np.int64))


def _units(rows: sqlite3.Connection) -> Iterator[list[int]]:
    """The places that each unit was put in."""
    sorted_rows = rows.execute("SELECT unit, rater, place FROM rating WHERE place IS NOT NULL ORDER BY unit, rater")
    places: list[int] = []
    unit_before = rater_before = None
    for unit, rater, place in sorted_rows:
        if unit != unit_before:
            if places:
                yield places
            places = []
        elif rater == rater_before:
            raise _twice(rows)
        places.append(place)
        unit_before, rater_before = unit, rater
    if places:
        yield places


def _twice(rows: sqlite3.Connection) -> RatingFileError:
    """Names the first line that rates again what its rater has rated."""
    unit, rater, line, first = rows.execute(
        "SELECT unit, rater, line, first FROM (SELECT *, min(line) OVER (PARTITION BY unit, rater) AS first FROM rating"
        " WHERE place IS NOT NULL) WHERE line > first ORDER BY line LIMIT 1"
    ).fetchone()
    return RatingFileError(
        f"{quoted(rater)} rated {quoted(unit)} a second time, after line {first}. "
        "Keep one rating of each unit by each rater.",
        line,
    )
