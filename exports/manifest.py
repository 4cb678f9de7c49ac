"""manifest.json: what the directory holds, by hash. Written last, so that a half-written directory has none."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from exports.verdicts import RULE
from preferences.batch_versions import diff
from preferences.margins import CUSTOM, MARGINS, by_degree
from preferences.models import Batch
from preferences.versions import code_version

SCHEMA_VERSION = 2
WITHOUT_OWN_HASH = 1  # the schema of exports before, and of sets that were made by models (workers.tuning)
NAME = "manifest.json"
OWN_HASH = "sha256_of_the_rest"


@dataclass(frozen=True)
class Listed:
    """A file of an export."""

    name: str
    bytes: int
    sha256: str
    rows: int | None = None


def manifest(
    batch: Batch,
    out: Path,
    *,
    format: str,
    margin: str,
    rows: dict[str, int],
    excluded: Counter[str],
    hashes: Mapping[str, str],
) -> dict[str, Any]:
    """`hashes` are those of its files that are known by now."""
    return {
        "batch": {
            "name": batch.name,
            "version": batch.version,
            "week": batch.week,
            "sha256": batch.sha256,
            "made_of": batch.made_of,
            "languages": batch.languages,
            "licences": batch.licences,
            "tokenizer": {"name": batch.tokenizer, "sha256": batch.tokenizer_sha256},
        },
        **({"erased_since": diff(batch)} if batch.version > 1 else {}),
        "format": format,
        "margin": {
            "name": margin if margin in MARGINS else CUSTOM,
            "by_degree": {str(degree): value for degree, value in (by_degree(margin) or {}).items()},
        },
        "verdict_rule": RULE,
        "split_seed": batch.seed,
        "excluded": dict(sorted(excluded.items())),
        **contents(out, rows, hashes),
    }


def hashes_of(out: Path, known: Mapping[str, str] | None = None) -> dict[str, str]:
    """SHA-256 of the files that lie there by now, by name; `known` are those of what was hashed as it was written."""
    names = [str(path.relative_to(out)) for path in sorted(path for path in out.rglob("*") if path.is_file())]
    return {name: (known or {}).get(name) or file_hash(out / name) for name in names}


def hash_of_all(hashes: Mapping[str, str]) -> str:
    """Of files by name and content.

    It stands in the card with each configuration: `datasets` knows what it loaded before by the directory's last name
    and the card's configurations, and gives that again for another directory in which both are the same.
    """
    return hashlib.sha256(orjson.dumps([[name, sha256] for name, sha256 in hashes.items()])).hexdigest()


def contents(out: Path, rows: dict[str, int], known: Mapping[str, str] | None = None) -> dict[str, Any]:
    """What every manifest has: the files by hash, and what wrote them."""
    return {
        "schema_version": SCHEMA_VERSION,
        "code_version": code_version(),
        "files": {
            name: {
                "sha256": sha256,
                "bytes": (out / name).stat().st_size,
                **({"rows": rows[name]} if name in rows else {}),
            }
            for name, sha256 in hashes_of(out, known).items()
        },
    }


def write(out: Path, content: dict[str, Any]) -> None:
    (out / NAME).write_bytes(_rendered(content))


def is_as_written(data: bytes) -> bool:
    """Whether a manifest agrees with itself, to the bit. Who changes it on purpose can make it: its own hash tells."""
    content = orjson.loads(data)
    if content.get("schema_version") == WITHOUT_OWN_HASH:
        return True
    content.pop(OWN_HASH, None)
    try:
        return _rendered(content) == data
    except orjson.JSONEncodeError:  # lists in lists, deeper than any that was written
        return False


def _rendered(content: dict[str, Any]) -> bytes:
    form = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS
    own = hashlib.sha256(orjson.dumps(content, option=form)).hexdigest()
    return orjson.dumps({**content, OWN_HASH: own}, option=form)


def file_hash(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def listed(text: str) -> list[Listed]:
    """The files that a manifest names, by name, and last the manifest itself."""
    files = orjson.loads(text)["files"]
    own = text.encode()
    return [
        *(Listed(name, about["bytes"], about["sha256"], about.get("rows")) for name, about in sorted(files.items())),
        Listed(NAME, len(own), hashlib.sha256(own).hexdigest()),
    ]
