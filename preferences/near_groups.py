"""Which of many texts meet, by their MinHash keys (preferences.near_duplicates): without comparing each with each.

Work is linear in the keys while few share one. Where more than `CROWD` texts do, as prompts of one pattern ("Write a
poem about ...") do, their pairs are counted by their keys before any is listed. Where more than `THRONG` share one,
they are taken as near unseen: a group that is too large splits no worse, one that is too small may leak.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from preferences.near_duplicates import Keys

CROWD = 64
THRONG = 2048  # whose keys are compared in a tenth of a second
# Keys that two texts must share to be compared. At a similarity of 0.8 they do in 999 of 1,000 cases; of those at 0.3,
# which are by far the most that share one, in one of 600.
LEAST = 2
ROWS_AT_ONCE = 100_000

Places = NDArray[np.intp]
# Places of two texts that have a key in common, and whether the key is a throng's.
Meetings = tuple[Places, Places, NDArray[np.bool_]]


class Sketches:
    """The keys of so many texts, in order: a row for each."""

    def __init__(self, keys: Keys) -> None:
        self._rows = keys
        flat = keys.ravel()
        order = np.argsort(flat, kind="stable")
        self._owners: Places = order // max(1, keys.shape[1])
        self._keys, self._starts, self._counts = np.unique(flat[order], return_index=True, return_counts=True)

    def among_themselves(self) -> Meetings:
        """Each pair once or more; of a throng everyone with the first."""
        found: list[Meetings] = []
        for count in range(2, CROWD + 1):
            starts = self._starts[self._counts == count]
            one, other = np.triu_indices(count, k=1)
            a, b = (self._owners[(starts[:, None] + places).ravel()] for places in (one, other))
            found.append(_seen(a, b))
        for run in np.flatnonzero((self._counts > CROWD) & (self._counts <= THRONG)):
            crowd = self._owners[self._starts[run] : self._starts[run] + self._counts[run]]
            one, other = _alike(self._rows[crowd], self._rows[crowd], self._keys[run])
            found.append(_seen(crowd[one[one < other]], crowd[other[one < other]]))
        throngs = self._counts > THRONG
        starts, counts = self._starts[throngs], self._counts[throngs]
        first = self._owners[np.repeat(starts, counts)]
        found.append((first, self._members(starts, counts), np.ones(len(first), dtype=np.bool_)))
        once = _once(*(np.concatenate(parts) for parts in zip(*found, strict=True)))
        return _likely(once, self._rows, self._rows)

    def with_others(self, others: Keys) -> Meetings:
        """Pairs of one of these and one of the others; of a throng each with the first of the other side."""
        flat = others.ravel()
        order = np.argsort(flat, kind="stable")
        places = np.searchsorted(self._keys, flat[order])
        places[places == len(self._keys)] = 0
        hits = self._keys[places] == flat[order] if len(self._keys) else np.zeros(len(flat), dtype=np.bool_)
        runs, rows = places[hits], order[hits] // max(1, others.shape[1])
        shared, firsts, met = np.unique(runs, return_index=True, return_counts=True)
        pairs = self._counts[shared] * met
        crowds = (pairs > CROWD * CROWD) & (pairs <= THRONG * THRONG)
        found = [
            self._alike(run, others, rows[first : first + count])
            for run, first, count in zip(shared[crowds], firsts[crowds], met[crowds], strict=True)
        ]
        unseen = np.repeat(pairs > THRONG * THRONG, met)
        rest = np.repeat(~crowds, met)
        whole = rest & ~unseen
        whole[firsts[~crowds]] = True  # of a throng the first of the others meets all of these,
        times = self._counts[runs[whole]]
        rest &= ~whole  # and the rest of the others the first of these
        found.append(
            (
                np.concatenate(
                    [self._members(self._starts[runs[whole]], times), self._owners[self._starts[runs[rest]]]]
                ),
                np.concatenate([np.repeat(rows[whole], times), rows[rest]]),
                np.concatenate([np.repeat(unseen[whole], times), unseen[rest]]),
            )
        )
        once = _once(*(np.concatenate(parts) for parts in zip(*found, strict=True)))
        return _likely(once, self._rows, others)

    def _alike(self, run: int, others: Keys, rows: Places) -> Meetings:
        """Of a crowd with the key at `run`: these and those of the others' `rows`."""
        crowd = self._owners[self._starts[run] : self._starts[run] + self._counts[run]]
        one, other = _alike(self._rows[crowd], others[rows], self._keys[run])
        return _seen(crowd[one], rows[other])

    def _members(self, starts: Places, counts: Places) -> Places:
        """The texts that share a key, of one key after the other."""
        before = np.cumsum(counts) - counts
        members: Places = self._owners[np.arange(counts.sum()) - np.repeat(before - starts, counts)]
        return members


def _seen(a: Places, b: Places) -> Meetings:
    return a, b, np.zeros(len(a), dtype=np.bool_)


def _alike(some: Keys, others: Keys, key: np.int64) -> tuple[Places, Places]:
    """Pairs that share `LEAST` keys, of texts that all have `key`: those of which it is the first that they share."""
    shared = np.zeros((len(some), len(others)), dtype=np.uint8)
    met_before = np.zeros(shared.shape, dtype=np.bool_)
    own = int(np.flatnonzero(some[0] == key)[0])
    for band in range(some.shape[1]):
        equal = some[:, band, None] == others[None, :, band]
        shared += equal
        if band < own:
            met_before |= equal
    one, other = np.nonzero((shared >= LEAST) & ~met_before)
    return one, other


def _likely(meetings: Meetings, keys: Keys, others: Keys) -> Meetings:
    """Without the pairs that share fewer than LEAST keys, if no throng's is among them."""
    a, b, crowd = meetings
    kept = crowd.copy()
    for start in range(0, len(a), ROWS_AT_ONCE):
        some = slice(start, start + ROWS_AT_ONCE)
        kept[some] |= (keys[a[some]] == others[b[some]]).sum(axis=1) >= LEAST
    return a[kept], b[kept], crowd[kept]


def _once(a: Places, b: Places, crowd: NDArray[np.bool_]) -> Meetings:
    """Without pairs that are there already, those of throngs first: they need no comparison."""
    order = np.lexsort((~crowd, b, a))
    a, b, crowd = a[order], b[order], crowd[order]
    new = np.ones(len(a), dtype=np.bool_)
    new[1:] = (a[1:] != a[:-1]) | (b[1:] != b[:-1])
    by_crowd = np.argsort(~crowd[new], kind="stable")
    return a[new][by_crowd], b[new][by_crowd], crowd[new][by_crowd]


class Groups:
    """Sets that grow together (union-find)."""

    def __init__(self, count: int) -> None:
        self._above = list(range(count))

    def of(self, one: int) -> int:
        """The number that stands for the group."""
        above = self._above
        while above[one] != one:
            above[one] = above[above[one]]
            one = above[one]
        return one

    def join(self, one: int, other: int) -> None:
        self._above[self.of(one)] = self.of(other)

    def join_near(self, meetings: Meetings, is_near: Callable[[int, int], bool]) -> None:
        """Joins those that are near; who is together already is not compared."""
        for one, other, crowd in listed(meetings):
            if self.of(one) != self.of(other) and (crowd or is_near(one, other)):
                self.join(one, other)


def listed(meetings: Meetings) -> Iterator[tuple[int, int, bool]]:
    a, b, crowd = meetings
    yield from zip(a.tolist(), b.tolist(), crowd.tolist(), strict=True)
