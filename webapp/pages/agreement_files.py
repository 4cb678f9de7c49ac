"""The files of a campaign's agreement: what the charts show, nothing rounded, and every pair of raters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from django.http import StreamingHttpResponse

from preferences import degrees
from preferences.agreement import Line
from preferences.cuts import Cut
from preferences.rater_pairs import busiest, count_pairs, pairs_of
from preferences.splits import with_ratings
from preferences.stats import Agreement
from preferences.throughput import throughput
from preferences.weak_parts import compared
from webapp.accounts.models import User
from webapp.pages.agreement_counts import Counts
from webapp.pages.files import Cell, csv_file

AC2 = ["ac2", "se", "low", "high", "confidence", "percent_agreement", "chance_agreement", "comparisons", "ratings"]


def _file(counts: Counts, name: str, heads: list[str], rows: Iterable[list[Cell]]) -> StreamingHttpResponse:
    return csv_file(f"agreement-{counts.campaign.slug}-{name}", heads, rows)


def _figures(one: Agreement) -> list[Cell]:
    shares = [one.percent_agreement, one.chance_agreement]
    return [one.value, one.se, one.low, one.high, one.confidence, *shares, one.units, one.ratings]


def _cut(cut: Cut) -> Callable[[Counts], StreamingHttpResponse]:
    def answer(counts: Counts) -> StreamingHttpResponse:
        rows: Iterator[list[Cell]] = (
            [part.line.label, *_figures(part.line.agreement), part.line.pairs, part.rest.value, part.p,
             "yes" if part.is_weak else "no"]
            for part in compared(counts.lines(cut))
        )  # fmt: skip
        return _file(counts, cut.value, [cut.value, *AC2, "rated_twice", "rest_ac2", "p", "below_the_rest"], rows)

    return answer


def _over_time(cut: Cut) -> Callable[[Counts], StreamingHttpResponse]:
    def answer(counts: Counts) -> StreamingHttpResponse:
        rows: Iterator[list[Cell]] = ([line.label, *_figures(line.agreement), line.pairs] for line in counts.lines(cut))
        return _file(counts, cut.value, [cut.value, *AC2, "rated_twice"], rows)

    return answer


def _mix(counts: Counts) -> StreamingHttpResponse:
    scale = counts.campaign.the_scale

    def row(line: Line) -> list[Cell]:
        return [line.label, *degrees.mix(line.patterns, scale)]

    heads = ["batch", *(group.word for group in degrees.groups(scale))]
    return _file(counts, "mix", heads, map(row, counts.lines(Cut.BATCH)))


def _degrees(counts: Counts) -> StreamingHttpResponse:
    found = degrees.by_degree(counts.whole().value, counts.campaign.the_scale)
    rows: Iterator[list[Cell]] = (
        [group.word, one.value, one.low, one.high, one.confidence, one.ratings, one.units] for group, one in found
    )
    return _file(counts, "degrees", ["said", "same_side", "low", "high", "confidence", "ratings", "comparisons"], rows)


def _days(counts: Counts) -> StreamingHttpResponse:
    daily = throughput(counts.campaign, counts.days().value).daily
    return _file(counts, "days", ["day", "finished"], ([day.isoformat(), count] for day, count in daily.items()))


def _pairs(counts: Counts) -> StreamingHttpResponse:
    """Everybody's, counted now."""
    people = list(busiest(counts.scope, most=None))
    names = dict(User.objects.filter(pk__in=people).values_list("pk", "pseudonym"))
    rows: Iterator[list[Cell]] = (
        [names[pair.first], names[pair.second], *_figures(pair.agreement)]
        for pair in pairs_of(counts.scope, count_pairs(counts.scope, people))
    )
    return _file(counts, "pairs", ["rater", "other", *AC2], rows)


def _splits(counts: Counts) -> StreamingHttpResponse:
    found = with_ratings(counts.splits().value, counts.campaign.the_scale)
    rows: Iterator[list[Cell]] = (
        [str(one.comparison.key), one.places, " ".join(map(str, one.scores)), one.comparison.turn.prompt.text]
        for one in found
    )
    return _file(counts, "splits", ["comparison", "places_apart", "scores", "prompt"], rows)


FILES: dict[str, Callable[[Counts], StreamingHttpResponse]] = {
    **{cut.value: _cut(cut) for cut in Cut},
    Cut.WEEK.value: _over_time(Cut.WEEK),
    Cut.BATCH.value: _over_time(Cut.BATCH),
    "mix": _mix,
    "degrees": _degrees,
    "days": _days,
    "pairs": _pairs,
    "splits": _splits,
}
