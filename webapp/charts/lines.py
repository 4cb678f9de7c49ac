"""Lines over time, each with the band of its interval, beside a gate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from webapp.charts.axes import Axis, Tick, at, thinned
from webapp.charts.tables import Table

MOST_TICKS, FEWER_TICKS = 8, 5  # on a wide screen and on a narrow one
Tone = Literal["accent", "left", "right", "soft"]


@dataclass(frozen=True, kw_only=True)
class Point:
    """A measured point; None where there is no number, which leaves a gap. `said` is its sentence."""

    x: float
    y: float | None
    low: float | None = None
    high: float | None = None
    said: str = ""


@dataclass(frozen=True, kw_only=True)
class Line:
    name: str
    points: Sequence[Point]
    tone: Tone = "accent"
    dashed: bool = False
    dots: bool = True


@dataclass(frozen=True)
class Gate:
    """A level to be reached, and its word."""

    y: float
    label: str


@dataclass(frozen=True)
class Mark:
    """A place on the x axis that stands out, its word, and the stretch that it may lie in."""

    x: float
    label: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Dot:
    x: str
    y: str
    said: str


@dataclass(frozen=True)
class Reach:
    """The interval of a point that has no neighbour to draw a band with."""

    x: str
    y1: str
    y2: str


@dataclass(frozen=True)
class DrawnLine:
    name: str
    tone: Tone
    dashed: bool
    path: str
    band: str
    reaches: Sequence[Reach]
    dots: Sequence[Dot]


@dataclass(frozen=True)
class DrawnGate:
    y: str
    label: str


@dataclass(frozen=True)
class DrawnMark:
    x: str
    low: str
    width: str  # of the stretch
    label: str
    anchor: str  # where the word stands beside the line, so that it stays on the plot


@dataclass(frozen=True, kw_only=True)
class LineChart:
    title: str
    said: str  # what the drawing shows, for who cannot see it
    lines: Sequence[DrawnLine]
    y_ticks: Sequence[Tick]
    x_ticks: Sequence[Tick]
    gate: DrawnGate | None
    mark: DrawnMark | None
    table: Table
    csv: str
    note: str
    legend: bool = field(default=False)


def line_chart(
    *,
    title: str,
    said: str,
    lines: Sequence[Line],
    ticks: Sequence[tuple[float, str]],
    y: Axis,
    table: Table,
    gate: Gate | None = None,
    mark: Mark | None = None,
    csv: str = "",
    note: str = "",
) -> LineChart:
    """The geometry of `lines` over the stretch of the x axis that the points and `ticks` take up."""
    across = [point.x for line in lines for point in line.points] + [value for value, _ in ticks]
    x = Axis(min(across, default=0.0), max(across, default=1.0))
    return LineChart(
        title=title,
        said=said,
        lines=[_drawn(line, x, y) for line in lines],
        y_ticks=y.drawn(from_top=True),
        x_ticks=thinned(ticks, x, most=MOST_TICKS, fewer=FEWER_TICKS),
        gate=DrawnGate(at(100 - y.share(gate.y)), gate.label) if gate else None,
        mark=_drawn_mark(mark, x) if mark else None,
        table=table,
        csv=csv,
        note=note,
        legend=len(lines) > 1,
    )


def _drawn(line: Line, x: Axis, y: Axis) -> DrawnLine:
    known = [(point, point.y) for point in line.points if point.y is not None]
    runs, bands = list(_runs(line.points)), list(_runs(line.points, banded=True))
    return DrawnLine(
        name=line.name,
        tone=line.tone,
        dashed=line.dashed,
        path=" ".join(_path(run, x, y) for run in runs if len(run) > 1),
        band=" ".join(_band(run, x, y) for run in bands if len(run) > 1),
        reaches=[_reach(run[0], x, y) for run in bands if len(run) == 1],
        dots=[Dot(at(x.share(point.x)), at(100 - y.share(value)), point.said) for point, value in known]
        if line.dots
        else [],
    )


def _drawn_mark(mark: Mark, x: Axis) -> DrawnMark:
    place = x.share(mark.x)
    low, high = (place if end is None else x.share(end) for end in (mark.low, mark.high))
    return DrawnMark(at(place), at(low), at(high - low), mark.label, "end" if place > 50 else "start")


def _runs(points: Sequence[Point], *, banded: bool = False) -> Iterator[list[Point]]:
    """Stretches of neighbouring points that have a number, or an interval."""
    run: list[Point] = []
    for point in points:
        if (point.low is None or point.high is None) if banded else point.y is None:
            if run:
                yield run
            run = []
        else:
            run.append(point)
    if run:
        yield run


def _path(run: Sequence[Point], x: Axis, y: Axis) -> str:
    return "M" + "L".join(_pair(point.x, point.y or 0.0, x, y) for point in run)


def _band(run: Sequence[Point], x: Axis, y: Axis) -> str:
    above = [_pair(point.x, point.high or 0.0, x, y) for point in run]
    below = [_pair(point.x, point.low or 0.0, x, y) for point in reversed(run)]
    return "M" + "L".join(above + below) + "Z"


def _reach(point: Point, x: Axis, y: Axis) -> Reach:
    return Reach(at(x.share(point.x)), at(100 - y.share(point.high or 0.0)), at(100 - y.share(point.low or 0.0)))


def _pair(across: float, up: float, x: Axis, y: Axis) -> str:
    return f"{x.share(across):.2f} {100 - y.share(up):.2f}"
