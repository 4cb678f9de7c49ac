"""Content hashes: canonical JSON, SHA-256, and a Merkle root, so that one row of a batch can be proven."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson


def canonical(row: Mapping[str, Any]) -> bytes:
    """One byte string for equal rows: UTF-8 JSON without white space, keys sorted."""
    return orjson.dumps(row, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z)


def row_hash(row: Mapping[str, Any]) -> str:
    return line_hash(canonical(row))


def line_hash(line: bytes) -> str:
    """Of a row in its canonical form."""
    return hashlib.sha256(b"\x00" + line).hexdigest()


def merkle_root(hashes: Iterable[str]) -> str:
    """The root of the binary tree over row hashes, in order; an odd node moves up as it is.

    Leaves and inner nodes are hashed with different prefixes, as in RFC 6962, so that neither can pass for the other.
    Hashes are taken one by one; of each level at most one node waits for its neighbour.
    """
    waiting: list[bytes] = []
    for place, leaf in enumerate(hashes):
        node = bytes.fromhex(leaf)
        while place & 1:
            node, place = _pair(waiting.pop(), node), place >> 1
        waiting.append(node)
    if not waiting:
        raise ValueError("A tree needs at least one row.")
    node = waiting.pop()
    while waiting:
        node = _pair(waiting.pop(), node)
    return node.hex()


def merkle_proof(hashes: Sequence[str], place: int) -> list[str]:
    """The hashes that lead from the row at `place` (from 0) up to the root: one of its neighbour on each level.

    This is the audit path of RFC 9162, section 2.1.3: a node that moves up as it is has no neighbour.
    """
    if not 0 <= place < len(hashes):
        raise ValueError("There is no row at this place.")
    level, path = [bytes.fromhex(leaf) for leaf in hashes], []
    while len(level) > 1:
        if place ^ 1 < len(level):
            path.append(level[place ^ 1].hex())
        level, place = _above(level), place // 2
    return path


def verify_proof(row: str, path: Sequence[str], root: str, *, place: int, size: int) -> bool:
    """Whether the path leads from the hash of a row at `place` in a tree of `size` rows to the root.

    The root alone does not tell the size: take both from whom you trust. ValueError where a hash is not one.
    """
    if not 0 <= place < size:
        return False
    node, last, rest = bytes.fromhex(row), size - 1, [bytes.fromhex(step) for step in path]
    while last:
        if place % 2 or place < last:
            if not rest:
                return False
            beside = rest.pop(0)
            node = _pair(beside, node) if place % 2 else _pair(node, beside)
        place, last = place // 2, last // 2
    return not rest and node == bytes.fromhex(root)


def _above(level: Sequence[bytes]) -> list[bytes]:
    pairs = [_pair(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
    return [*pairs, *level[len(level) - len(level) % 2 :]]


def _pair(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()
