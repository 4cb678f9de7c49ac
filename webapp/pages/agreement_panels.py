"""The parts of the page of a campaign's agreement: what each of them shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from preferences import degrees
from preferences.agreement import pairs_of
from preferences.cuts import Cut
from preferences.models import Campaign
from preferences.rater_pairs import MOST, RaterPair
from preferences.rater_pairs import pairs_of as pairs_of_raters
from preferences.splits import with_ratings
from preferences.stats import Agreement, RatingPatterns, fleiss, krippendorff
from preferences.stats.gwet import ac1, ac2
from preferences.stats.sides import same_side
from preferences.stats.weights import matrix as weight_matrix
from webapp.accounts.models import User
from webapp.charts import Axis, matrix
from webapp.charts.matrix import Cell
from webapp.pages import agreement_charts as charts
from webapp.pages import figures
from webapp.pages.agreement_counts import Counts
from webapp.pages.agreement_pace import pace
from webapp.pages.verdict_strips import strip

BREAKDOWNS = (
    Cut.CATEGORY,
    Cut.RISK_CATEGORY,
    Cut.ATTACK_VECTOR,
    Cut.GUIDELINE,
    Cut.TURN,
    Cut.POOL,
    Cut.VARIANTS,
)
EMPTY: dict[str, Any] = {}
SPLITS_SHOWN = 10  # the file has more
weak_note = charts.weak_note


def belongs(name: str, campaign: Campaign) -> bool:
    """Prompts for safety have a risk category and an attack vector, all others a category."""
    of_safety = {Cut.RISK_CATEGORY.value: True, Cut.ATTACK_VECTOR.value: True, Cut.CATEGORY.value: False}
    return of_safety.get(name, campaign.is_safety) == campaign.is_safety


def headline(counts: Counts) -> dict[str, Any]:
    campaign, known = counts.campaign, counts.precision().value
    patterns = known.patterns
    return {
        "campaign": campaign,
        "agreement": figures.translated(known.plain),
        "known": known,
        "by_dialogues": figures.translated(known.by_dialogues) if known.by_dialogues else None,
        "others": _others(patterns),
        "side": same_side(patterns, degrees.sides(campaign.the_scale)),
        "pairs": pairs_of(patterns),
        "gate": _gate(campaign.agreement_gate, known.held.low, known.held.high),
    }  # fmt: skip


def _others(patterns: RatingPatterns) -> list[tuple[str, Agreement]]:
    """What reviewers ask for; docs/statistics.md says when each misleads."""
    quadratic = weight_matrix("quadratic", range(1, patterns.q + 1))
    return [
        (_("Gwet's AC1: only the same place counts"), ac1(patterns)),
        (_("AC2 with linear weights"), ac2(patterns, "linear")),
        (_("AC2 with ordinal weights"), ac2(patterns, "ordinal")),
        (_("Krippendorff's alpha, interval"), krippendorff(patterns, "interval")),
        (_("Fleiss' kappa, quadratic weights"), fleiss(patterns, quadratic)),
    ]


def _gate(gate: float | None, low: float | None, high: float | None) -> str:
    """Where the interval stands to the gate: above, below or across."""
    if gate is None or low is None or high is None:
        return ""
    return "above" if low >= gate else "below" if high < gate else "across"


def over_time(counts: Counts) -> dict[str, Any]:
    drawn = [charts.over_time(counts.campaign, cut, counts.lines(cut)) for cut in charts.OVER_TIME]
    shown = [chart for chart in drawn if chart is not None]
    return {"charts": shown} if shown else EMPTY


def mix(counts: Counts) -> dict[str, Any]:
    chart = charts.mix(counts.campaign, counts.lines(Cut.BATCH))
    return {"chart": chart} if chart else EMPTY


def by_degree(counts: Counts) -> dict[str, Any]:
    chart = charts.by_degree(counts.campaign, counts.whole().value)
    return {"chart": chart} if chart else EMPTY


def throughput(counts: Counts) -> dict[str, Any]:
    return {"pace": pace(counts.campaign, counts.days().value)}


def breakdown(cut: Cut) -> Callable[[Counts], dict[str, Any]]:
    def contents(counts: Counts) -> dict[str, Any]:
        whole = ac2(counts.whole().value, charts.WEIGHTS)
        chart = charts.breakdown(counts.campaign, cut, counts.lines(cut), whole)
        return {"chart": chart} if chart else EMPTY

    return contents


def matrix_of_raters(counts: Counts) -> dict[str, Any]:
    """Of those who rated most; the file has everybody."""
    ratings, counted = counts.pairs().value
    found = pairs_of_raters(counts.scope, counted)
    if not found:
        return EMPTY
    together = {pk for pair in found for pk in (pair.first, pair.second)}
    names = dict(User.objects.filter(pk__in=together).values_list("pk", "pseudonym"))
    people = [pk for pk in ratings if pk in names]
    cells = {(pair.first, pair.second): _cell(pair, names) for pair in found}
    drawn = matrix(
        title=_("Rater by rater"),
        names=[names[pk] for pk in people],
        cells=[[cells.get((min(one, other), max(one, other))) for other in people] for one in people],
        axis=Axis(0.0, 1.0),
        csv=charts.file_of(counts.campaign, "pairs"),
        note=_(
            "AC2 of each two people over the comparisons that both rated; the number beside it says how many. "
            "Shown are the %(most)d who rated most, at most; the file has everybody."
        )
        % {"most": MOST},
    )
    return {"chart": drawn}


def _cell(pair: RaterPair, names: dict[int, str]) -> Cell | None:
    one = pair.agreement
    if one.value is None:
        return None
    words = {"one": names[pair.first], "other": names[pair.second], "ac2": figures.decimal(one), "count": one.units}
    said = _("%(one)s and %(other)s: AC2 %(ac2)s, %(count)d comparisons") % words
    return Cell(one.value, f"{one.value:.2f} · {one.units}", said)


def splits(counts: Counts) -> dict[str, Any]:
    scale = counts.campaign.the_scale
    found = with_ratings(counts.splits().value, scale)
    if not found:
        return EMPTY
    return {
        "campaign": counts.campaign,
        "splits": [(one, strip(scale, one.scores)) for one in found[:SPLITS_SHOWN]],
        "csv": charts.file_of(counts.campaign, "splits"),
    }
