"""Which texts meet by their keys: every pair that shares one, in time linear in the keys."""

from __future__ import annotations

import random
import string
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from preferences import near_groups
from preferences.near_duplicates import Keys, sketches
from preferences.near_groups import Groups, Sketches, listed

CROWD, THRONG = 4, 7

# Few different keys, so that many are shared, also by crowds.
ROWS = st.lists(st.integers(0, 999).map(lambda number: [int(digit) for digit in f"{number:03}"]), max_size=20)


@pytest.fixture(autouse=True, scope="module")
def small_crowds() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(near_groups, "CROWD", CROWD)
        patch.setattr(near_groups, "THRONG", THRONG)
        patch.setattr(near_groups, "LEAST", 1)
        yield


def keys(rows: list[list[int]]) -> Keys:
    """As of sketches: a key belongs to its place."""
    return np.array([[100 * place + key for place, key in enumerate(row)] for row in rows], dtype=np.int64).reshape(
        -1, 3
    )


def share(one: list[int], other: list[int]) -> bool:
    return any(a == b for a, b in zip(one, other, strict=True))


@given(rows=ROWS)
def test_who_shares_a_key_meets_or_is_in_one_throng(rows: list[list[int]]) -> None:
    found = list(listed(Sketches(keys(rows)).among_themselves()))
    groups = Groups(len(rows))
    groups.join_near(found, lambda one, other: False)  # throngs are together unseen
    met = {frozenset(pair) for *pair, _ in found}
    measured = [pair for *pair, unseen in found if not unseen]
    assert len(measured) == len({frozenset(pair) for pair in measured})
    for one in range(len(rows)):
        for other in range(one):
            if share(rows[one], rows[other]):
                assert {one, other} in met or groups.of(one) == groups.of(other)
    assert all(share(rows[one], rows[other]) for one, other, unseen in found)
    assert all(is_throng(rows, one, other) for one, other, unseen in found if unseen)


def is_throng(rows: list[list[int]], one: int, other: int) -> bool:
    columns = [place for place in range(3) if rows[one][place] == rows[other][place]]
    return any(sum(row[place] == rows[one][place] for row in rows) > THRONG for place in columns)


@given(rows=ROWS, others=ROWS)
def test_who_shares_a_key_with_another_is_told_of_at_least_one(rows: list[list[int]], others: list[list[int]]) -> None:
    found = list(listed(Sketches(keys(rows)).with_others(keys(others))))
    measured = [pair for *pair, unseen in found if not unseen]
    assert len(measured) == len(set(map(tuple, measured)))
    pairs = {(one, other) for one, other, _ in found}
    thronged = {pair[:2] for pair in found if pair[2]}
    assert all(share(rows[one], others[other]) for one, other in pairs)
    for one, row in enumerate(rows):
        for other, with_it in enumerate(others):
            if share(row, with_it) and (one, other) not in pairs:
                # Both are of a throng, and either is known to be near somebody of the other side.
                assert one in {a for a, _ in thronged} and other in {b for _, b in thronged}


def test_who_is_together_already_is_not_compared() -> None:
    meetings = listed(Sketches(keys([[1, 1, 1]] * 4)).among_themselves())
    compared: list[tuple[int, int]] = []
    groups = Groups(4)
    groups.join_near(meetings, lambda one, other: compared.append((one, other)) or True)
    assert len({groups.of(one) for one in range(4)}) == 1
    assert len(compared) == 3


def test_nothing_meets_nothing() -> None:
    assert list(listed(Sketches(keys([])).among_themselves())) == []
    assert list(listed(Sketches(keys([])).with_others(keys([[1, 2, 3]])))) == []
    assert list(listed(Sketches(keys([[1, 2, 3]])).with_others(keys([])))) == []


def test_who_shares_too_few_keys_is_not_worth_comparing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(near_groups, "LEAST", 2)
    rows = keys([[1, 2, 3], [1, 2, 4], [5, 6, 4]])
    assert [pair[:2] for pair in listed(Sketches(rows).among_themselves())] == [(0, 1)]
    assert [pair[:2] for pair in listed(Sketches(rows).with_others(keys([[1, 2, 9], [5, 8, 9]])))] == [(0, 0), (1, 0)]


def test_prompts_that_only_begin_alike_are_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, size in {"CROWD": 64, "THRONG": 2048, "LEAST": 2}.items():
        monkeypatch.setattr(near_groups, name, size)
    monkeypatch.setattr(near_groups, "PAIRS_AT_ONCE", 10_000)
    draw = random.Random(1)
    poems = [f"Write a poem about {''.join(draw.choices(string.ascii_lowercase, k=9))}" for _ in range(1000)]
    found = Sketches(sketches(poems))
    assert not any(unseen for *_, unseen in listed(found.among_themselves()))
    to_others = list(listed(found.with_others(sketches(poems[:500]))))
    assert not any(unseen for *_, unseen in to_others)
    assert {(place, place) for place in range(500)} <= {pair[:2] for pair in to_others}
