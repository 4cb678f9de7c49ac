"""Charts that are tables: a row for each line, with its interval or its shares drawn in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from webapp.charts.axes import Axis, Tick, at
from webapp.charts.tables import Table

Palette = Literal["degrees", "outcome", "scale"]
ROOM = 9.0  # percent of the bar that a percentage needs to be written on it


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A number with its limits; the limits are None where it has none."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, kw_only=True)
class IntervalRow:
    """`figures` are the further columns, as words; `mark` is a word beside the label for a row that stands out."""

    label: str
    interval: Interval
    figures: Sequence[str] = ()
    url: str = ""
    mark: str = ""
    note: str = ""


@dataclass(frozen=True)
class DrawnRow:
    row: IntervalRow
    value: str
    low: str
    high: str


@dataclass(frozen=True, kw_only=True)
class IntervalChart:
    title: str
    heads: Sequence[str]  # of the label, the drawing, then the figures
    rows: Sequence[DrawnRow]
    ticks: Sequence[Tick]
    reference: str
    csv: str
    note: str
    table: Table | None


def interval_chart(
    *,
    title: str,
    heads: Sequence[str],
    rows: Sequence[IntervalRow],
    axis: Axis,
    reference: float | None = None,
    csv: str = "",
    note: str = "",
    table: Table | None = None,
) -> IntervalChart:
    """Rows of points with their intervals on one axis; `reference` draws a line through all of them.

    `table` has what there is no room for beside the drawing.
    """
    for row in rows:
        if len(row.figures) + 2 != len(heads):
            raise ValueError(f"“{row.label}” has {len(row.figures)} figures for {len(heads) - 2} columns.")
    return IntervalChart(
        title=title,
        heads=heads,
        rows=[DrawnRow(row, *(_place(number, axis) for number in _numbers(row.interval))) for row in rows],
        ticks=axis.drawn(),
        reference="" if reference is None else at(axis.share(reference)),
        csv=csv,
        note=note,
        table=table,
    )


def _numbers(interval: Interval) -> tuple[float | None, float | None, float | None]:
    return interval.value, interval.low, interval.high


def _place(number: float | None, axis: Axis) -> str:
    return "" if number is None else at(axis.share(number))


@dataclass(frozen=True, kw_only=True)
class StackRow:
    """Counts of one row, in the order of the stack's names."""

    label: str
    counts: Sequence[int]
    url: str = ""


@dataclass(frozen=True)
class Part:
    tone: int  # from 1, the number of its colour
    x: str
    width: str
    middle: str
    percent: str  # written on it where there is room
    said: str


@dataclass(frozen=True)
class DrawnStack:
    row: StackRow
    parts: Sequence[Part]
    total: str


@dataclass(frozen=True, kw_only=True)
class Stack:
    title: str
    palette: Palette
    head: str
    names: Sequence[tuple[int, str]]  # the number of the colour, and its word
    rows: Sequence[DrawnStack]
    csv: str
    note: str


def stack(
    *,
    title: str,
    head: str,
    names: Sequence[str],
    rows: Sequence[StackRow],
    palette: Palette,
    csv: str = "",
    note: str = "",
) -> Stack:
    """Rows of shares that add up to all of the row; a row without counts is drawn empty."""
    return Stack(
        title=title,
        palette=palette,
        head=head,
        names=list(enumerate(names, start=1)),
        rows=[DrawnStack(row, _parts(row, names), f"{sum(row.counts):,}") for row in rows],
        csv=csv,
        note=note,
    )


def _parts(row: StackRow, names: Sequence[str]) -> list[Part]:
    total, parts, before = sum(row.counts), [], 0
    for tone, (count, name) in enumerate(zip(row.counts, names, strict=True), start=1):
        if count:
            start, width = 100 * before / total, 100 * count / total
            percent = f"{width:.0f}%" if width >= ROOM else ""
            said = f"{name}: {count:,} ({width:.1f}%)"
            parts.append(Part(tone, at(start), at(width), at(start + width / 2), percent, said))
        before += count
    return parts
