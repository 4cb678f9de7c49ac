"""Geometry of charts, and that what they draw stands in their page."""

from __future__ import annotations

import math
from typing import Any

import pytest
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from webapp.charts import (
    Axis,
    Cell,
    Gate,
    Interval,
    IntervalRow,
    Line,
    Point,
    StackRow,
    Table,
    interval_chart,
    line_chart,
    matrix,
    nice_axis,
    stack,
)

NUMBERS = st.floats(-1e6, 1e6, allow_nan=False).map(lambda number: round(number, 3))
TABLE = Table(["Week", "AC2"], [["W48", "0.51"]])


@given(NUMBERS, NUMBERS)
def test_a_nice_axis_holds_both_numbers_between_round_ticks(one: float, other: float) -> None:
    low, high = sorted([one, other])
    axis = nice_axis(low, high)
    assert axis.low <= low + 1e-6 and high - 1e-6 <= axis.high
    assert 2 <= len(axis.ticks) <= 8
    steps = {round(after - before, 6) for before, after in zip(axis.ticks, axis.ticks[1:], strict=False)}
    assert max(steps) - min(steps) < 1e-5 * max(steps) + 1e-9


def test_an_axis_refuses_what_is_no_stretch() -> None:
    with pytest.raises(ValueError, match="from nan to 1"):
        nice_axis(math.nan, 1)
    with pytest.raises(ValueError, match="from 2 to 1"):
        nice_axis(2, 1)


def test_a_place_beyond_the_axis_is_put_at_its_end() -> None:
    axis = Axis(0, 10)
    assert [axis.share(value) for value in (-5, 0, 2.5, 10, 12)] == [0, 0, 25, 100, 100]


def _lines(points: list[Point], **settings: Any) -> Any:
    lines = [Line(name="AC2", points=points)]
    chart = {"title": "Agreement", "said": "AC2 by week", "ticks": [(0, "W47"), (4, "W48")], "table": TABLE}
    return line_chart(lines=lines, y=Axis(0, 1, (0, 1)), **{**chart, **settings})


def test_a_line_breaks_where_there_is_no_number_and_a_lone_interval_stays_visible() -> None:
    points = [
        Point(x=0, y=0.5, low=0.4, high=0.6),
        Point(x=1, y=0.25, low=0.2, high=0.3),
        Point(x=2, y=None),
        Point(x=4, y=0.75, low=0.5, high=1.0, said="W48: 0.75"),
    ]
    (line,) = _lines(points).lines
    assert line.path == "M0.00 50.00L25.00 75.00"
    assert line.band == "M0.00 40.00L25.00 70.00L25.00 80.00L0.00 60.00Z"
    assert [(reach.x, reach.y1, reach.y2) for reach in line.reaches] == [("100.00%", "0.00%", "50.00%")]
    assert [dot.x for dot in line.dots] == ["0.00%", "25.00%", "100.00%"]


def test_a_chart_of_nothing_is_drawn_without_a_number() -> None:
    (line,) = _lines([], ticks=[]).lines
    assert (line.path, line.band, line.dots) == ("", "", [])


def test_ticks_give_way_where_there_is_little_room_but_not_the_last() -> None:
    ticks = [(float(place), f"W{place}") for place in range(14)]
    drawn = _lines([], ticks=ticks).x_ticks
    assert [tick.label for tick in drawn] == ["W1", "W3", "W5", "W7", "W9", "W11", "W13"]
    assert [tick.label for tick in drawn if not tick.minor] == ["W1", "W5", "W9", "W13"]


def test_line_charts_show_gate_table_and_file() -> None:
    chart = _lines([Point(x=4, y=0.75, said="W48: 0.75")], gate=Gate(0.5, "gate 0.50"), csv="/agreement.csv")
    page = render_to_string("charts/lines.html", {"chart": chart})
    assert 'aria-label="AC2 by week"' in page
    assert "<title>W48: 0.75</title>" in page
    assert "gate 0.50" in page and "0.51" in page and 'href="/agreement.csv"' in page


def test_interval_rows_stand_on_one_axis() -> None:
    rows = [
        IntervalRow(label="Factual", interval=Interval(value=0.5, low=0.25, high=0.75), figures=["0.5"], mark="weak"),
        IntervalRow(
            label="Dialogue", interval=Interval(value=None, low=None, high=None), figures=["–"], note="No pair."
        ),
    ]
    chart = interval_chart(
        title="By category", heads=["Category", "AC2", ""], rows=rows, axis=Axis(0, 1), reference=0.4
    )
    assert [(row.value, row.low, row.high) for row in chart.rows] == [("50.00%", "25.00%", "75.00%"), ("", "", "")]
    page = render_to_string("charts/intervals.html", {"chart": chart})
    assert page.count("<circle") == 1 and page.count('class="reach"') == 1
    assert page.count('class="reference" x1="40.00%"') == 2
    assert "No pair." in page and "weak" in page


def test_interval_rows_refuse_another_number_of_figures_than_of_heads() -> None:
    row = IntervalRow(label="Factual", interval=Interval(value=None, low=None, high=None))
    with pytest.raises(ValueError, match="0 figures for 1 columns"):
        interval_chart(title="", heads=["", "", ""], rows=[row], axis=Axis(0, 1))


def test_stacked_shares_follow_each_other_and_small_ones_have_no_word_on_them() -> None:
    rows = [StackRow(label="W48", counts=[50, 0, 45, 5]), StackRow(label="W49", counts=[0, 0, 0, 0])]
    chart = stack(title="Mix", head="Week", names=["a", "b", "c", "d"], rows=rows, palette="degrees")
    first, empty = chart.rows
    assert [(part.tone, part.x, part.width, part.percent) for part in first.parts] == [
        (1, "0.00%", "50.00%", "50%"),
        (3, "50.00%", "45.00%", "45%"),
        (4, "95.00%", "5.00%", ""),
    ]
    assert empty.parts == [] and empty.total == "0"
    assert "c: 45 (45.0%)" in render_to_string("charts/stack.html", {"chart": chart})


def test_a_matrix_shades_its_cells_by_value() -> None:
    cells = [[None, Cell(1.0, "1.0", "n = 3")], [Cell(0.0, "0.0"), None]]
    chart = matrix(title="Raters", names=["ann", "bob"], cells=cells, axis=Axis(0, 1))
    page = render_to_string("charts/matrix.html", {"chart": chart})
    assert 'class="heat-8" title="n = 3">1.0' in page and 'class="heat-0" >0.0' in page
    assert page.count('class="none"') == 2
