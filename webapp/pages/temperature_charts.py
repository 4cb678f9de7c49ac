"""What is drawn of a sweep: the best of n answers by temperature, best and median by n, and how alike answers are."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from preferences.stats import Optimum
from webapp.charts import Axis, Line, LineChart, Mark, Point, Table, line_chart, nice_axis
from webapp.charts.lines import Tone
from webapp.pages import figures
from workers.models import TemperatureSweep
from workers.temperature import curves
from workers.temperature.curves import Curve
from workers.temperature.results import Measured

DIGITS = 3
OWN: Tone = "accent"  # of the number of answers that decides
# Of the others: the colour, and whether the line is dashed.
OTHERS: Sequence[tuple[Tone, bool]] = (
    ("soft", True),
    ("right", False),
    ("left", False),
    ("right", True),
    ("left", True),
)


def best_by_temperature(sweep: TemperatureSweep, found: Measured, best: Optimum) -> LineChart:
    """Figure 8 of Llama 2 with the temperature as its axis, and the smoothed curve that decides."""
    drawn = curves.best_by_temperature(sweep, found, curves.numbers(sweep))
    others = iter(OTHERS)
    styles = {n: (OWN, False) if n == sweep.best_of else next(others) for n in drawn}
    lines = [
        Line(name=_n(n), points=_points(curve, _n(n)), tone=styles[n][0], dashed=styles[n][1], dots=n == sweep.best_of)
        for n, curve in drawn.items()
    ]
    smoothed = [Point(x=x, y=y) for x, y in zip(found.grid.tolist(), best.fitted.tolist(), strict=True)]
    name = _("%(n)s, smoothed") % {"n": _n(sweep.best_of)}
    lines.append(Line(name=name, points=smoothed, tone=OWN, dashed=True, dots=False))
    return line_chart(
        title=_("Reward of the best answer by temperature"),
        said=_("The mean reward of the best of several answers at each temperature; it is largest at %(temperature)s.")
        % {"temperature": f"{found.grid[best.place]:g}"},
        lines=lines,
        ticks=[(x, f"{x:g}") for x in found.grid.tolist()],
        y=_axis(list(drawn.values())),
        mark=mark_of(found, best),
        table=_table_by_temperature(drawn, found, best),
        csv=_file(sweep, "best"),
        note=_(
            "Each line is the mean over the prompts of the best of so many answers, expected over all ways to pick "
            "them; the bands are 95% intervals by resampling prompts. All temperatures have the same prompts, so that "
            "they can differ where bands overlap."
        ),
    )


def mark_of(found: Measured, best: Optimum) -> Mark:
    return Mark(float(found.grid[best.place]), f"T* {found.grid[best.place]:g}", best.low, best.high)


def best_by_answers(sweep: TemperatureSweep, found: Measured, best: Optimum) -> LineChart:
    """Figure 8 of Llama 2, at some temperatures of the grid."""
    last = len(found.grid) - 1
    places = sorted({0, last // 3, 2 * last // 3, last, best.place})
    drawn = curves.best_by_answers(sweep, found, places)
    others = iter(OTHERS)
    styles = {place: (OWN, False) if place == best.place else next(others) for place in places}
    names = {
        place: f"T* {found.grid[place]:g}" if place == best.place else f"{found.grid[place]:g}" for place in places
    }
    title = _("Best answer by number of answers, at several temperatures")
    counts = drawn[best.place].x
    return line_chart(
        title=title,
        said=title,
        lines=[
            Line(
                name=names[place],
                points=_points(curve, names[place], banded=place == best.place),
                tone=styles[place][0],
                dashed=styles[place][1],
                dots=False,
            )
            for place, curve in drawn.items()
        ],
        ticks=[(n, f"{n:g}") for n in counts],
        y=_axis(list(drawn.values())),
        table=Table(
            heads=[_("Answers"), *names.values()],
            rows=[
                [f"{n:g}", *(figures.decimal(curve.means[row], DIGITS) for curve in drawn.values())]
                for row, n in enumerate(counts)
            ],
        ),
        csv=_file(sweep, "best"),
    )


def by_answers(sweep: TemperatureSweep, found: Measured, best: Optimum) -> LineChart:
    """Figure 7 of Llama 2, at the best temperature."""
    top, median, gain = curves.by_answers(sweep, found, best.place)
    names = (_("Best"), _("Median"))
    words = {"temperature": f"{found.grid[best.place]:g}", "answers": sweep.answers}
    title = _("Best and median answer by number of answers, at temperature %(temperature)s") % words
    return line_chart(
        title=title,
        said=title,
        lines=[
            Line(name=name, points=_points(curve, name), tone=tone, dots=sweep.answers <= 25)
            for name, curve, tone in zip(names, (top, median), (OWN, "right"), strict=True)
        ],
        ticks=[(n, f"{n:g}") for n in top.x],
        y=_axis([top, median]),
        table=Table(
            heads=[_("Answers"), *names, _("Gain")],
            rows=[
                [f"{n:g}", *(figures.decimal(curve.means[place], DIGITS) for curve in (top, median, gain))]
                for place, n in enumerate(top.x)
            ],
        ),
        csv=_file(sweep, "answers"),
        note=_("What picking the best of %(answers)s answers can gain over the median one: %(gain)s.")
        % {**words, "gain": figures.decimal(gain.means[-1], DIGITS)},
    )


def self_bleu(sweep: TemperatureSweep, found: Measured, best: Optimum) -> LineChart | None:
    """Figure 21 of Llama 2; None where nothing can be said of any question."""
    drawn = curves.self_bleu_by_temperature(sweep)
    if not drawn:
        return None
    names = {"creative": _("Creative questions"), "factual": _("Factual questions")}
    tones: dict[str, Tone] = {"creative": "left", "factual": "right"}
    grid = found.grid.tolist()
    return line_chart(
        title=_("How alike the answers are, by temperature"),
        said=_("Self-BLEU of the answers to creative and to factual questions at each temperature."),
        lines=[
            Line(name=names[kind], points=_points(curve, names[kind]), tone=tones[kind])
            for kind, curve in drawn.items()
        ],
        ticks=[(x, f"{x:g}") for x in grid],
        y=_axis(list(drawn.values())),
        mark=mark_of(found, best),
        table=Table(
            heads=[_("Temperature"), *(names[kind] for kind in drawn)],
            rows=[
                [f"{x:g}", *(figures.decimal(curve.means[place], DIGITS) for curve in drawn.values())]
                for place, x in enumerate(grid)
            ],
        ),
        csv=_file(sweep, "self-bleu"),
        note=_(
            "Self-BLEU: 1 where all answers to a question are the same, lower the more they differ; those shorter than "
            "four words stay below 1 even so. Mean over ten questions of each kind."
        ),
    )


def _table_by_temperature(drawn: dict[int, Curve], found: Measured, best: Optimum) -> Table:
    return Table(
        heads=[_("Temperature"), *map(_n, drawn), _("Best in"), _("Beside T*")],
        rows=[
            [
                f"{temperature:g}",
                *(figures.decimal(curve.means[place], DIGITS) for curve in drawn.values()),
                figures.percent(float(best.shares[place])),
                _beside(place, best),
            ]
            for place, temperature in enumerate(found.grid.tolist())
        ],
    )


def _beside(place: int, best: Optimum) -> str:
    if place == best.place:
        return "T*"
    return _("cannot be told apart") if best.alike[place] else _("worse")


def _n(n: int) -> str:
    return _("Best of %(n)s") % {"n": n} if n > 1 else _("Any answer")


def _points(curve: Curve, name: str, *, banded: bool = True) -> list[Point]:
    return [
        Point(
            x=x,
            y=mean.value,
            low=mean.low if banded else None,
            high=mean.high if banded else None,
            said=f"{name}, {x:g}: {figures.decimal(mean, DIGITS)}",
        )
        for x, mean in zip(curve.x, curve.means, strict=True)
    ]


def _axis(drawn: Sequence[Curve]) -> Axis:
    limits = [
        limit
        for curve in drawn
        for mean in curve.means
        for limit in (mean.value, mean.low, mean.high)
        if limit is not None
    ]
    return nice_axis(min(limits), max(limits))


def _file(sweep: TemperatureSweep, name: str) -> str:
    return reverse("temperature_file", args=[sweep.variant_id, sweep.pk, name])
