from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """The numbers behind a chart, as words; the first column heads its row."""

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
