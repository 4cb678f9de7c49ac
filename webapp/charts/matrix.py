"""A table of pairs, coloured by value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.charts.axes import Axis

SHADES = 8


@dataclass(frozen=True)
class Cell:
    """What a pair has: its value, the word written, and a sentence."""

    value: float
    text: str
    said: str = ""


@dataclass(frozen=True)
class DrawnCell:
    cell: Cell
    shade: int  # 0 to SHADES, from the low end of the axis


@dataclass(frozen=True, kw_only=True)
class Matrix:
    title: str
    names: Sequence[str]
    rows: Sequence[tuple[str, Sequence[DrawnCell | None]]]
    csv: str
    note: str


def matrix(
    *,
    title: str,
    names: Sequence[str],
    cells: Sequence[Sequence[Cell | None]],
    axis: Axis,
    csv: str = "",
    note: str = "",
) -> Matrix:
    """Cells by row and column of `names`; None where a pair has no number."""
    return Matrix(
        title=title,
        names=names,
        rows=[(name, [_drawn(cell, axis) for cell in row]) for name, row in zip(names, cells, strict=True)],
        csv=csv,
        note=note,
    )


def _drawn(cell: Cell | None, axis: Axis) -> DrawnCell | None:
    return None if cell is None else DrawnCell(cell, round(axis.share(cell.value) * SHADES / 100))
