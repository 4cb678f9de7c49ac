"""The charts of a campaign's agreement, from what was counted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from preferences import degrees
from preferences.agreement import WEIGHTS as WEIGHTS
from preferences.agreement import Line
from preferences.cuts import Cut
from preferences.models import Campaign
from preferences.scales import Scale
from preferences.stats import Agreement
from preferences.stats.tables import RatingPatterns
from preferences.weak_parts import LEAST_PAIRS, Part, compared
from webapp.charts import (
    Axis,
    Gate,
    IntervalChart,
    IntervalRow,
    LineChart,
    Point,
    Stack,
    StackRow,
    Table,
    interval_chart,
    line_chart,
    nice_axis,
    stack,
)
from webapp.charts import Line as Drawn
from webapp.pages import figures
from webapp.pages.pairs import SAFETY_POINTS

OVER_TIME = (Cut.WEEK, Cut.BATCH)
LONGEST_TICK = 10  # characters, as many as stand beside each other


def file_of(campaign: Campaign, name: str) -> str:
    return reverse("agreement_file", args=[campaign.slug, name])


def over_time(campaign: Campaign, cut: Cut, lines: Sequence[Line]) -> LineChart | None:
    """AC2 of each week, or each batch, with its interval; None where there is no number yet."""
    placed = [(_place(cut, number, line), line) for number, line in enumerate(lines) if line.key]
    known = [line.agreement for _x, line in placed if line.agreement.value is not None]
    if not known:
        return None
    last = known[-1]
    return line_chart(
        title=_("Agreement by week") if cut is Cut.WEEK else _("Agreement by batch"),
        said=_("AC2 in %(count)d points of time, from %(first)s to %(last)s.")
        % {"count": len(known), "first": _decimal(known[0].value), "last": _decimal(last.value)},
        lines=[Drawn(name=_("AC2"), points=_points(cut, placed))],
        ticks=[(x, Truncator(figures.batch_label(line.label, campaign)).chars(LONGEST_TICK)) for x, line in placed],
        y=_axis(known, campaign.agreement_gate),
        gate=None if campaign.agreement_gate is None else Gate(campaign.agreement_gate, _("Gate")),
        table=Table(
            [str(cut.label), _("AC2"), _("Percent agreement"), _("By chance"), _("Comparisons"), _("With two ratings")],
            [_row(line) for line in lines],
        ),
        csv=file_of(campaign, cut),
        note=_("A comparison counts in the week in which its last judgment came in.") if cut is Cut.WEEK else "",
    )


def _place(cut: Cut, number: int, line: Line) -> float:
    return date.fromisoformat(line.key).toordinal() / 7 if cut is Cut.WEEK else float(number)


def _points(cut: Cut, placed: Sequence[tuple[float, Line]]) -> list[Point]:
    """A week without any is a gap."""
    points: list[Point] = []
    for x, line in placed:
        if cut is Cut.WEEK and points and x - points[-1].x > 1:
            points.append(Point(x=points[-1].x + 1, y=None))
        one = line.agreement
        points.append(Point(x=x, y=one.value, low=one.low, high=one.high, said=f"{line.label}: {_ac2(one)}"))
    return points


def _axis(known: Sequence[Agreement], gate: float | None = None, *, count: int = 5) -> Axis:
    numbers = [number for one in known for number in (one.low, one.high, one.value) if number is not None]
    numbers += [] if gate is None else [gate]
    return nice_axis(min(numbers), max(numbers), label=lambda number: f"{number:.2f}", count=count)


def _row(line: Line) -> list[str]:
    one = line.agreement
    shares = (one.percent_agreement, one.chance_agreement)
    return [
        line.label,
        _ac2(one),
        *(figures.NONE if share is None else figures.percent(share) for share in shares),
        f"{one.units:,}",
        f"{line.pairs:,}",
    ]


def _ac2(one: Agreement) -> str:
    return figures.decimal(one)


def _decimal(value: float | None) -> str:
    return figures.NONE if value is None else f"{value:.2f}"


def mix(campaign: Campaign, lines: Sequence[Line]) -> Stack | None:
    """Which share of the ratings of each batch had each degree (Llama 2, Figure 25)."""
    scale = campaign.the_scale
    groups = degrees.groups(scale)
    if len(groups) < 2 or not lines:
        return None
    return stack(
        title=_("Ratings by batch") if scale.rates_one else _("Degrees by batch"),
        head=_("Batch"),
        names=[group_label(scale, group) for group in groups],
        rows=[
            StackRow(label=figures.batch_label(line.label, campaign), counts=degrees.mix(line.patterns, scale))
            for line in lines
        ],
        palette="scale" if scale.rates_one else "degrees",
        csv=file_of(campaign, "mix"),
    )


def group_label(scale: Scale, group: degrees.Group) -> str:
    if not scale.rates_one:
        return group.label
    words = {str(points): words for points, words, _long in SAFETY_POINTS}
    return f"{group.word} · {words[group.word]}"


def by_degree(campaign: Campaign, whole: RatingPatterns) -> IntervalChart | None:
    """How often another rater is on the same side, given what one said."""
    scale = campaign.the_scale
    found = [(group, one) for group, one in degrees.by_degree(whole, scale) if one.value is not None]
    if not found:
        return None
    return interval_chart(
        title=_("Agreement by degree") if not scale.rates_one else _("Agreement by rating"),
        heads=[
            _("One rater said"), _("Another is on the same side"), _("Same side"), _("Ratings")
        ],
        rows=[
            IntervalRow(
                label=group_label(scale, group),
                interval=figures.drawn(one),
                figures=[figures.share(one), f"{one.ratings:,}"],
            )
            for group, one in found
        ],
        axis=Axis(0.0, 1.0, (0, 0.25, 0.5, 0.75, 1), lambda share: f"{100 * share:g}%"),
        csv=file_of(campaign, "degrees"),
        note=_("The sides are a violation (1 or 2) and none.") if scale.rates_one
        else _("The sides are A, B and, where the scale has it, neither. The interval knows that the ratings of one "
               "comparison belong together."),
    )  # fmt: skip


def breakdown(campaign: Campaign, cut: Cut, lines: Sequence[Line], whole: Agreement) -> IntervalChart | None:
    """Where agreement breaks down: the parts of a cut, the weakest first; None where there are no two parts."""
    if len(lines) < 2:
        return None
    parts = compared(lines)
    known = [part.line.agreement for part in parts if part.line.agreement.value is not None]
    return interval_chart(
        title=str(cut.label),
        heads=[str(cut.label), _("AC2"), _("With interval"), _("Comparisons")],
        rows=[_part(part) for part in parts],
        axis=_axis(known, count=3) if known else Axis(0.0, 1.0, (0, 0.5, 1)),
        reference=whole.value,
        csv=file_of(campaign, cut),
    )


def _part(part: Part) -> IntervalRow:
    one = part.line.agreement
    return IntervalRow(
        label=part.line.label,
        interval=figures.drawn(one),
        figures=[_ac2(one), f"{one.units:,}"],
        mark=_("below the rest") if part.is_weak else "",
    )


def weak_note() -> str:
    return _(
        "A part is called below the rest where its AC2 is lower than that of all other parts together by more than "
        "chance: one-sided at 5%% for all lines of a table together (Holm), and never with fewer than %(least)d "
        "comparisons that two people rated. The dashed line is the whole campaign."
    ) % {"least": LEAST_PAIRS}
