from __future__ import annotations

import hashlib
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from preferences.hashing import canonical, merkle_proof, merkle_root, row_hash, verify_proof

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


TREES = st.integers(1, 70).flatmap(lambda size: st.tuples(st.just(leaves(size)), st.integers(0, size - 1)))


def leaves(size: int) -> list[str]:
    return [hashlib.sha256(size.to_bytes(2) + bytes([n])).hexdigest() for n in range(size)]


def flipped(digest: str, bit: int) -> str:
    return f"{int(digest, 16) ^ (1 << bit):064x}"


@pytest.mark.parametrize("size", [*range(1, 20), 33])
def test_every_row_of_a_tree_is_proven_at_its_place_and_at_no_other(size: int) -> None:
    hashes = leaves(size)
    root = merkle_root(hashes)
    for place in range(size):
        path = merkle_proof(hashes, place)
        held = [at for at in range(-1, size + 1) if verify_proof(hashes[place], path, root, place=at, size=size)]
        assert held == [place]
        assert len(path) <= (size - 1).bit_length()


@given(TREES, st.data())
def test_one_bit_anywhere_is_no_proof(tree: tuple[list[str], int], data: st.DataObject) -> None:
    hashes, place = tree
    parts = [hashes[place], merkle_root(hashes), *merkle_proof(hashes, place)]
    which = data.draw(st.integers(0, len(parts) - 1))
    parts[which] = flipped(parts[which], data.draw(st.integers(0, 255)))
    row, root, *path = parts
    assert not verify_proof(row, path, root, place=place, size=len(hashes))


@given(TREES, st.data())
def test_a_path_that_is_shorter_longer_or_in_another_order_is_no_proof(
    tree: tuple[list[str], int], data: st.DataObject
) -> None:
    hashes, place = tree
    path, root = merkle_proof(hashes, place), merkle_root(hashes)
    others = [[*path, root], [root, *path], *(path[:at] + path[at + 1 :] for at in range(len(path)))]
    others += [path[::-1]] if path != path[::-1] else []
    other = data.draw(st.sampled_from(others))
    assert not verify_proof(hashes[place], other, root, place=place, size=len(hashes))


@given(TREES)
def test_another_row_of_the_tree_is_not_proven_by_it(tree: tuple[list[str], int]) -> None:
    hashes, place = tree
    path, root = merkle_proof(hashes, place), merkle_root(hashes)
    proven = {row for row in hashes if verify_proof(row, path, root, place=place, size=len(hashes))}
    assert proven == {hashes[place]}


@given(ROWS)
def test_a_row_that_went_through_a_file_has_its_hash(row: dict[str, Any]) -> None:
    assert row_hash(orjson.loads(canonical(row))) == row_hash(row)


@pytest.mark.parametrize("place", [-1, 3])
def test_there_is_no_proof_of_no_row(place: int) -> None:
    with pytest.raises(ValueError, match="no row at this place"):
        merkle_proof(HASHES[:3], place)
