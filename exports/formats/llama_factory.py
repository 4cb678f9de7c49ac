"""LLaMA-Factory's sharegpt form with its dataset_info.json: the directory is a `dataset_dir` as it stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import orjson

from exports.formats import VOTES
from exports.formats.files import pairs, splits_as_lines
from exports.formats.sinks import Made
from exports.selections import Selection
from exports.verdicts import Aggregate
from preferences.rows import Row

INFO = "dataset_info.json"
_COLUMNS = {"messages": "conversations", "chosen": "chosen", "rejected": "rejected", "system": "system"}
_FROM = {"user": "human", "assistant": "gpt"}


def write(selection: Selection, out: Path, *, margin: str, excluded: Counter[str]) -> dict[str, int]:
    written = splits_as_lines(out, pairs(selection, excluded, _rows))
    info = {
        f"margin_{Path(name).stem}": {
            "file_name": name,
            "formatting": "sharegpt",
            "ranking": True,
            "columns": _COLUMNS,
        }
        for name in written
        if not name.startswith(f"{VOTES}/")
    }
    (out / INFO).write_bytes(orjson.dumps(info, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS))
    return written


def _rows(row: Row, verdict: Aggregate) -> Iterator[Made]:
    messages = row["messages"]
    system = messages[0]["content"] if messages[0]["role"] == "system" else ""
    yield {
        "conversations": [
            {"from": _FROM[message["role"]], "value": message["content"]}
            for message in messages
            if message["role"] != "system"
        ],
        "system": system,
        "chosen": {"from": "gpt", "value": row[f"response_{verdict.chosen}"]["text"]},
        "rejected": {"from": "gpt", "value": row[f"response_{verdict.chosen.other}"]["text"]},
    }
