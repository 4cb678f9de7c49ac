"""Content hashes: canonical JSON, SHA-256, and a Merkle root, so that one row of a batch can be proven."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import orjson


def canonical(row: Mapping[str, Any]) -> bytes:
    """One byte string for equal rows: UTF-8 JSON without white space, keys sorted."""
    return orjson.dumps(row, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z)


def row_hash(row: Mapping[str, Any]) -> str:
    return hashlib.sha256(b"\x00" + canonical(row)).hexdigest()


def merkle_root(hashes: Sequence[str]) -> str:
    """The root of the binary tree over row hashes, in order; an odd node moves up as it is.

    Leaves and inner nodes are hashed with different prefixes, as in RFC 6962, so that neither can pass for the other.
    """
    if not hashes:
        raise ValueError("A tree needs at least one row.")
    level = [bytes.fromhex(leaf) for leaf in hashes]
    while len(level) > 1:
        pairs = [hashlib.sha256(b"\x01" + level[i] + level[i + 1]).digest() for i in range(0, len(level) - 1, 2)]
        level = pairs + level[len(level) - len(level) % 2 :]
    return level[0].hex()
