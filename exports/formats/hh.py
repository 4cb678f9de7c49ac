"""The form of Anthropic's HH (arXiv 2204.05862): two whole transcripts a line, “chosen” and “rejected”."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from exports.formats.files import pairs, splits_as_lines
from exports.formats.sinks import Made
from exports.selections import Selection
from exports.sources.hh import join
from exports.verdicts import Aggregate
from preferences.rows import Row

SYSTEM_MESSAGE = "a system message, for which the transcripts have no place"


def write(selection: Selection, out: Path, *, margin: str, excluded: Counter[str]) -> dict[str, int]:
    def rows(row: Row, verdict: Aggregate) -> Iterator[Made]:
        if row["messages"][0]["role"] == "system":
            excluded[SYSTEM_MESSAGE] += 1
            return
        texts = {position: row[f"response_{position}"]["text"] for position in ("a", "b")}
        yield {
            "chosen": join(row["messages"], texts[verdict.chosen]),
            "rejected": join(row["messages"], texts[verdict.chosen.other]),
        }

    return splits_as_lines(out, pairs(selection, excluded, rows))
