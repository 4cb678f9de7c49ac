"""Which of many texts meet, by their MinHash keys (preferences.near_duplicates): without comparing each with each.

Key by key, in pieces, so that memory is bounded whatever the texts are. Work is linear in the keys while few share
one. Where more than `CROWD` texts do, as prompts of one pattern ("Write a poem about ...") do, their pairs are counted
by their keys before any is listed. Where more than `THRONG` share one, they are taken as near unseen: a group that is
too large splits no worse, one that is too small may leak.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from preferences.near_duplicates import Keys

CROWD = 64
THRONG = 2048  # whose keys are compared in a tenth of a second
# Keys that two texts must share to be compared. At a similarity of 0.8 they do in 999 of 1,000 cases; of those at 0.3,
# which are by far the most that share one, in one of 600.
LEAST = 2
PAIRS_AT_ONCE = 200_000

Places = NDArray[np.intp]
# Places of pairs of texts that share `LEAST` keys, each pair once; or, where True, of a throng's, whatever they share.
Meeting = tuple[Places, Places, bool]


class _Filter:
    """Tells of most keys that are not among some that they are not: a bit for each of 16 places a key."""

    def __init__(self, keys: Keys) -> None:
        self._mask = np.int64((1 << (16 * len(keys)).bit_length()) - 1)
        taken = np.zeros(self._mask + 1, dtype=np.bool_)
        taken[keys & self._mask] = True
        self._bits = np.packbits(taken, bitorder="little")

    def may_have(self, keys: Keys) -> NDArray[np.bool_]:
        places = keys & self._mask
        found: NDArray[np.bool_] = (self._bits[places >> 3] >> (places & 7).astype(np.uint8)) & 1 != 0
        return found


class Sketches:
    """The keys of so many texts, in order: a row for each. In memory they take 336 bytes a text at most."""

    def __init__(self, keys: Keys) -> None:
        self._columns = np.ascontiguousarray(keys.T)
        self._orders = np.empty(self._columns.shape, dtype=np.int32)
        self._filters = [_Filter(column) for column in self._columns]
        for band, column in enumerate(self._columns):
            self._orders[band] = np.argsort(column, kind="stable")

    def keys(self, place: int) -> Keys:
        return self._columns[:, place]

    def among_themselves(self) -> Iterator[Meeting]:
        """Pairs of these; of a throng everyone with the first."""
        unmeasured = np.zeros(self._columns.shape, dtype=np.bool_)
        for band, order in enumerate(self._orders):
            starts, counts = _runs(self._columns[band][order])
            for count in np.unique(counts[(counts > 1) & (counts <= CROWD)]):
                one, other = np.triu_indices(count, k=1)
                alike = starts[counts == count]
                for some in np.array_split(alike, 1 + len(alike) * len(one) // PAIRS_AT_ONCE):
                    a, b = (order[(some[:, None] + places).ravel()] for places in (one, other))
                    yield self._told_once(a, b, self._columns, unmeasured[:band])
            for run in np.flatnonzero(counts > CROWD):
                members: Places = order[starts[run] : starts[run] + counts[run]].astype(np.intp)
                if len(members) > THRONG:
                    unmeasured[band, members] = True
                    yield np.full(len(members), members[0]), members, True
                else:
                    own = self._columns[:, members]
                    one, other = _alike(own, own, unmeasured[:band, members])
                    yield members[one[one < other]], members[other[one < other]], False

    def with_others(self, others: Keys) -> Iterator[Meeting]:
        """Pairs of one of these and one of the others; of a throng each with the first of the other side."""
        columns = np.ascontiguousarray(others.T)
        unmeasured = np.zeros(self._columns.shape, dtype=np.bool_)
        for band, order in enumerate(self._orders):
            rows, starts, counts = self._found(columns[band], band)
            firsts, met = _runs(starts)
            pairs = counts[firsts] * met
            few = np.repeat(pairs <= CROWD * CROWD, met)
            for some in _pieces(counts[few]):
                a = order[_members(starts[few][some], counts[few][some])]
                yield self._told_once(a, np.repeat(rows[few][some], counts[few][some]), columns, unmeasured[:band])
            for run in np.flatnonzero(pairs > CROWD * CROWD):
                first = firsts[run]
                these: Places = order[starts[first] : starts[first] + counts[first]].astype(np.intp)
                those = rows[first : first + met[run]]
                if pairs[run] > THRONG * THRONG:
                    unmeasured[band, these] = True
                    yield these, np.full(len(these), those[0]), True
                    yield np.full(len(those), these[0]), those, True
                else:
                    one, other = _alike(self._columns[:, these], columns[:, those], unmeasured[:band, these])
                    yield these[one], those[other], False

    def _found(self, keys: Keys, band: int) -> tuple[Places, Places, Places]:
        """The places of those keys that these have, sorted by them; where the first stands in our order, how many."""
        rows = np.flatnonzero(self._filters[band].may_have(keys))
        rows = rows[np.argsort(keys[rows], kind="stable")]
        column, order = self._columns[band], self._orders[band].astype(np.intp)
        starts = np.searchsorted(column, keys[rows], sorter=order)
        hits = starts < len(column)
        hits[hits] = column[order[starts[hits]]] == keys[rows[hits]]
        rows, starts = rows[hits], starts[hits]
        return rows, starts, np.searchsorted(column, keys[rows], side="right", sorter=order) - starts

    def _told_once(self, a: Places, b: Places, others: Keys, unmeasured: NDArray[np.bool_]) -> Meeting:
        """The pairs that share enough keys, but for those that share one of an earlier band whose pairs were told."""
        shared = self._columns[:, a] == others[:, b]
        kept = shared.sum(axis=0) >= LEAST
        kept &= ~(shared[: len(unmeasured)] & ~unmeasured[:, a]).any(axis=0)
        return a[kept], b[kept], False


def _runs(values: NDArray[np.generic]) -> tuple[Places, Places]:
    """Where runs of equal values start in what is sorted, and their lengths."""
    starts = np.flatnonzero(np.concatenate([np.ones(min(1, len(values)), dtype=np.bool_), values[1:] != values[:-1]]))
    return starts, np.diff(starts, append=len(values))


def _pieces(counts: Places) -> Iterator[slice]:
    """Slices of so many pairs, about."""
    number = np.cumsum(counts) // PAIRS_AT_ONCE
    starts, lengths = _runs(number)
    yield from map(slice, starts, starts + lengths)


def _members(starts: Places, counts: Places) -> Places:
    """The places from each start on, of one after the other."""
    before = np.cumsum(counts) - counts
    members: Places = np.arange(counts.sum()) - np.repeat(before - starts, counts)
    return members


def _alike(some: Keys, others: Keys, unmeasured: NDArray[np.bool_]) -> tuple[Places, Places]:
    """The same of each of some with each of the others, a column a text."""
    shared = np.zeros((some.shape[1], others.shape[1]), dtype=np.uint8)
    told = np.zeros(shared.shape, dtype=np.bool_)
    for band, (own, other) in enumerate(zip(some, others, strict=True)):
        equal = own[:, None] == other
        shared += equal
        if band < len(unmeasured):
            told |= equal & ~unmeasured[band][:, None]
    one, the_other = np.nonzero((shared >= LEAST) & ~told)
    return one, the_other


class Groups:
    """Sets that grow together (union-find)."""

    def __init__(self, count: int) -> None:
        self._above = array("q", range(count))

    def of(self, one: int) -> int:
        """The number that stands for the group."""
        above = self._above
        while above[one] != one:
            above[one] = above[above[one]]
            one = above[one]
        return one

    def join(self, one: int, other: int) -> None:
        self._above[self.of(one)] = self.of(other)

    def join_near(self, pairs: Iterable[tuple[int, int, bool]], is_near: Callable[[int, int], bool]) -> None:
        """Joins those that are near or of a throng; who is together already is not compared."""
        for one, other, unseen in pairs:
            if self.of(one) != self.of(other) and (unseen or is_near(one, other)):
                self.join(one, other)


def listed(meetings: Iterable[Meeting]) -> Iterator[tuple[int, int, bool]]:
    for a, b, unseen in meetings:
        for one, other in zip(a.tolist(), b.tolist(), strict=True):
            yield one, other, unseen
