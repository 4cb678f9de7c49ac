"""Axolotl's `chat_template.default` of preference data: messages, and a message on each side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from exports.formats.files import answer, pairs, splits_as_lines, spoken
from exports.formats.sinks import Made
from exports.selections import Selection
from exports.verdicts import Aggregate
from preferences.rows import Row


def write(selection: Selection, out: Path, *, margin: str, excluded: Counter[str]) -> dict[str, int]:
    return splits_as_lines(out, pairs(selection, excluded, _rows))


def _rows(row: Row, verdict: Aggregate) -> Iterator[Made]:
    [chosen], [rejected] = answer(row, verdict.chosen), answer(row, verdict.chosen.other)
    yield {"messages": spoken(row), "chosen": chosen, "rejected": rejected}
