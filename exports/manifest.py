"""manifest.json: what the directory holds, by hash. Written last, so that a half-written directory has none."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path
from typing import Any

import orjson

from exports.verdicts import RULE
from preferences.margins import CUSTOM, MARGINS, by_degree
from preferences.models import Batch
from preferences.versions import code_version

SCHEMA_VERSION = 1
NAME = "manifest.json"


def manifest(
    batch: Batch, out: Path, *, format: str, margin: str, rows: dict[str, int], excluded: Counter[str]
) -> dict[str, Any]:
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
        "format": format,
        "margin": {
            "name": margin if margin in MARGINS else CUSTOM,
            "by_degree": {str(degree): value for degree, value in (by_degree(margin) or {}).items()},
        },
        "verdict_rule": RULE,
        "split_seed": batch.seed,
        "excluded": dict(sorted(excluded.items())),
        **contents(out, rows),
    }


def contents(out: Path, rows: dict[str, int]) -> dict[str, Any]:
    """What every manifest has: the files by hash, and what wrote them."""
    files = sorted(path for path in out.rglob("*") if path.is_file())
    return {
        "schema_version": SCHEMA_VERSION,
        "code_version": code_version(),
        "files": {
            str(path.relative_to(out)): {
                "sha256": file_hash(path),
                "bytes": path.stat().st_size,
                **({"rows": rows[name]} if (name := str(path.relative_to(out))) in rows else {}),
            }
            for path in files
        },
    }


def write(out: Path, content: dict[str, Any]) -> None:
    data = orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
    (out / NAME).write_bytes(data)


def rows(out: Path) -> int:
    """All rows of a finished export."""
    return sum(file.get("rows", 0) for file in _read(out)["files"].values())


def file_hash(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def file_names(out: Path) -> list[str]:
    """The files of a finished export, the manifest among them."""
    return [*_read(out)["files"], NAME]


def _read(out: Path) -> dict[str, Any]:
    content: dict[str, Any] = orjson.loads((out / NAME).read_bytes())
    return content
