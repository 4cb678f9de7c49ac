"""Sealed items -> preference rows, with what is left out and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache

import orjson

from exports import exclusions
from exports.verdicts import Aggregate, adjudicated, aggregate
from preferences.choices import Split
from preferences.models import Batch
from preferences.rows import Row, counted
from preferences.scales import HIGHEST_VIOLATION, Scale
from preferences.sealed_rows import Part, parts

Pair = tuple[Row, Aggregate]

NEITHER_VALID = "most votes call neither response valid"
NO_MAJORITY = "as many votes for either response"
ONE_RESPONSE = "one response, rated and not compared"
UNSAFE_PREFERRED = "an unsafe response preferred over a safe one"
NEAR_BOTH_SIDES = "a prompt near a held-out one and another near one that is trained on"


def preference_rows(batch: Batch, split: Split, excluded: Counter[str]) -> Iterator[Pair]:
    """Streams one side of a batch, in the batch's order; counts in `excluded` what has no verdict."""
    return with_verdict(sealed_rows(batch, split), exclusions.left_out(batch), excluded)


def with_verdict(rows: Iterable[Row], marked: Mapping[str, str], excluded: Counter[str]) -> Iterator[Pair]:
    """Rows with their verdicts; `marked` are the reasons why others are left out, by comparison."""
    for row in rows:
        if row["response_b"] is None:
            excluded[ONE_RESPONSE] += 1
            continue
        if reason := marked.get(row["comparison"]):
            excluded[reason] += 1
            continue
        verdict = verdict_of(row)
        if calls_neither_valid(row):
            excluded[NEITHER_VALID] += 1
        elif verdict is None:
            excluded[NO_MAJORITY] += 1
        elif prefers_violation(row, verdict):
            excluded[UNSAFE_PREFERRED] += 1
        else:
            yield row, verdict


def sealed_rows(batch: Batch, split: Split) -> Iterator[Row]:
    """Streams everything on one side of a batch, in the batch's order."""
    for part in parts(batch, split):
        yield from rows_of(part)


def rows_of(part: Part) -> Iterator[Row]:
    return map(orjson.loads, part.lines())


def on_neither_side(batch: Batch) -> int:
    """How many comparisons of a batch no file has: neither side could without a prompt of the other one."""
    return batch.items.filter(group=None).count()


def verdict_of(row: Row) -> Aggregate | None:
    """The adjudicator's verdict, else that of the votes as they count."""
    degrees = _has_degree(row["scale"])
    rated = [vote["score"] for vote in counted(row) if vote["score"] is not None]
    if "adjudication" in row:
        return adjudicated(row["adjudication"]["score"], rated, degrees=degrees)
    return aggregate(rated, degrees=degrees)


@cache
def _has_degree(scale: str) -> bool:
    return Scale(scale).has_degree


def calls_neither_valid(row: Row) -> bool:
    decisive = [row["adjudication"]] if "adjudication" in row else counted(row)
    return 2 * sum(vote["score"] is not None for vote in decisive) < len(decisive)


def prefers_violation(row: Row, verdict: Aggregate) -> bool:
    """Whether the raters' mean scores call the chosen response a violation and the other one safe.

    No single judgment may say so, but a majority of one kind and a mean of another can (Llama 2, section 3.2.1, leaves
    such pairs out).
    """
    scores = safety_scores(row)
    chosen, other = scores[verdict.chosen], scores[verdict.chosen.other]
    if chosen is None or other is None:
        return False
    return chosen <= HIGHEST_VIOLATION < other


def safety_scores(row: Row) -> dict[str, float | None]:
    """Mean safety score of each response over its raters, or the adjudicator's; None off the safety track."""
    decisive = [row["adjudication"]] if "adjudication" in row else counted(row)
    return {
        "a": _mean(tuple([vote["safety_a"] for vote in decisive])),
        "b": _mean(tuple([vote["safety_b"] for vote in decisive])),
    }


@lru_cache(maxsize=10_000)  # a few hundred different ones are all that a million comparisons have
def _mean(scores: tuple[int | None, ...]) -> float | None:
    """None where somebody gave none."""
    given = [score for score in scores if score is not None]
    return sum(given) / len(given) if given and len(given) == len(scores) else None
