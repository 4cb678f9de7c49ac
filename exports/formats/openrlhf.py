"""OpenRLHF's reward-model and DPO form; its margin loss reads the column `margin`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from exports.formats.files import answer, pairs, splits_as_lines, spoken
from exports.formats.sinks import Made
from exports.formats.trl import margin_of
from exports.selections import Selection
from exports.verdicts import Aggregate
from preferences.margins import by_degree
from preferences.rows import Row


def write(selection: Selection, out: Path, *, margin: str, excluded: Counter[str]) -> dict[str, int]:
    margins = by_degree(margin)

    def rows(row: Row, verdict: Aggregate) -> Iterator[Made]:
        chosen, rejected = answer(row, verdict.chosen), answer(row, verdict.chosen.other)
        made = {"prompt": spoken(row), "chosen": chosen, "rejected": rejected}
        yield made | ({"margin": margin_of(verdict, margins)} if margins is not None else {})

    return splits_as_lines(out, pairs(selection, excluded, rows))
