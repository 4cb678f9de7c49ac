"""verl's prompts for PPO and GRPO: each dialogue that was to be answered, once."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import orjson
import pyarrow as pa

from exports.formats.files import MESSAGES, Stream, splits_as_parquet
from exports.formats.sinks import Made
from exports.selections import Selection
from preferences.choices import Split

ASKED_BEFORE = "a prompt that the file has already"
SCHEMA = pa.schema(
    [
        ("data_source", pa.string()),
        ("prompt", MESSAGES),
        ("ability", pa.string()),
        ("reward_model", pa.struct([("style", pa.string()), ("ground_truth", pa.string())])),
        ("extra_info", pa.struct([("split", pa.string()), ("index", pa.int64()), ("comparison", pa.string())])),
    ]
)


def write(selection: Selection, out: Path, *, margin: str, excluded: Counter[str]) -> dict[str, int]:
    return splits_as_parquet(out, Stream(selection, lambda split: _rows(selection, split, excluded)), SCHEMA)


def _rows(selection: Selection, split: Split, excluded: Counter[str]) -> Iterator[Made]:
    seen: set[bytes] = set()
    for row in selection.rows(split):
        key = hashlib.sha256(orjson.dumps(row["messages"])).digest()
        if key in seen:
            excluded[ASKED_BEFORE] += 1
            continue
        seen.add(key)
        yield {
            "data_source": f"margin/{row['track']}",
            "prompt": row["messages"],
            "ability": row["category"] or "chat",
            "reward_model": {"style": "model", "ground_truth": ""},
            "extra_info": {"split": str(split), "index": len(seen) - 1, "comparison": row["comparison"]},
        }
