"""Charts drawn on the server as SVG: geometry here, drawing in templates/charts/, colours in charts.css.

Every place is a share of the plot in percent, so that a drawing is as wide as its page while its words keep their size.
Each chart carries the table of its numbers and, where there is one, the address of its file.
"""

from webapp.charts.axes import Axis, Tick, nice_axis
from webapp.charts.lines import Gate, Line, LineChart, Mark, Point, line_chart
from webapp.charts.matrix import Cell, Matrix, matrix
from webapp.charts.rows import Interval, IntervalChart, IntervalRow, Stack, StackRow, interval_chart, stack
from webapp.charts.tables import Table

__all__ = [
    "Axis",
    "Cell",
    "Gate",
    "Interval",
    "IntervalChart",
    "IntervalRow",
    "Line",
    "LineChart",
    "Mark",
    "Matrix",
    "Point",
    "Stack",
    "StackRow",
    "Table",
    "Tick",
    "interval_chart",
    "line_chart",
    "matrix",
    "nice_axis",
    "stack",
]
