from __future__ import annotations

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preferences.hashing import canonical, merkle_root, row_hash

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=3),
    max_leaves=8,
)
ROWS = st.dictionaries(st.text("abcdef", min_size=1, max_size=4), VALUES, max_size=5)
HASHES = [hashlib.sha256(bytes([n])).hexdigest() for n in range(9)]


@given(ROWS)
def test_the_order_of_the_keys_does_not_matter(row: dict[str, Any]) -> None:
    assert row_hash(dict(reversed(row.items()))) == row_hash(row)


@given(ROWS, VALUES)
def test_a_changed_field_changes_the_hash(row: dict[str, Any], value: Any) -> None:
    changed = {**row, "a": value}
    assert (row_hash(changed) == row_hash(row)) == (canonical(changed) == canonical(row))


def test_canonical_json_has_no_white_space_and_keeps_letters() -> None:
    assert canonical({"b": [1, None], "a": "é"}) == '{"a":"é","b":[1,null]}'.encode()


def test_the_root_of_one_row_is_its_hash() -> None:
    assert merkle_root(HASHES[:1]) == HASHES[0]


def test_the_root_of_three_is_made_by_hand() -> None:
    one, two, three = (bytes.fromhex(leaf) for leaf in HASHES[:3])
    pair = hashlib.sha256(b"\x01" + one + two).digest()
    assert merkle_root(HASHES[:3]) == hashlib.sha256(b"\x01" + pair + three).hexdigest()


@pytest.mark.parametrize("count", range(1, 10))
def test_every_row_its_order_and_its_absence_show_in_the_root(count: int) -> None:
    leaves = HASHES[:count]
    root = merkle_root(leaves)
    for place in range(count):
        changed = [*leaves]
        changed[place] = "ab" * 32
        assert merkle_root(changed) != root
        if count > 1:
            assert merkle_root(leaves[:place] + leaves[place + 1 :]) != root
    if count > 1:
        assert merkle_root(leaves[::-1]) != root


def test_a_row_repeated_at_the_end_shows_in_the_root() -> None:
    assert merkle_root([*HASHES[:3], HASHES[2]]) != merkle_root(HASHES[:3])


def test_a_leaf_does_not_pass_for_an_inner_node() -> None:
    assert row_hash({}) == hashlib.sha256(b"\x00{}").hexdigest()


def test_nothing_has_no_root() -> None:
    with pytest.raises(ValueError, match="at least one row"):
        merkle_root([])
