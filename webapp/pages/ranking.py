"""How strong the models are by what a campaign collects, or all of its track: the manager's page and files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from annotation import permissions
from annotation.models import Role
from preferences.choices import Kind
from preferences.models import Campaign
from preferences.ranking import Pair, Ranked, Ranking, ranking
from webapp.accounts.models import User
from webapp.charts import IntervalChart, IntervalRow, interval_chart
from webapp.pages import figures
from webapp.pages.files import Cell, csv_file
from webapp.pages.requests import person


@require_GET
@login_required
def show(request: HttpRequest, slug: str) -> HttpResponse:
    campaign, user = _campaign(request, slug), person(request)
    others = _of_track(user, campaign)
    whole_track = "track" in request.GET
    found = ranking(others if whole_track else [campaign])
    query = "?track" if whole_track else ""
    context = {
        "campaign": campaign,
        "whole_track": whole_track,
        "others": len(others) - 1,
        "also_judges": permissions.at_work(user, campaign, Role.ANNOTATOR).exists(),
        "is_manager": True,
        "found": found,
        "strengths": _strengths(found, _file(campaign, "strengths", query)) if found.ranked else None,
        "pairs": _pairs(found.pairs, _file(campaign, "pairs", query)) if found.pairs else None,
    }
    return render(request, "ranking.html", context)


@require_GET
@login_required
def file(request: HttpRequest, slug: str, table: str) -> StreamingHttpResponse:
    campaign = _campaign(request, slug)
    if table not in FILES:
        raise Http404
    found = ranking(_of_track(person(request), campaign) if "track" in request.GET else [campaign])
    heads, rows = FILES[table](found)
    return csv_file(f"{campaign.slug}-{table}", heads, rows)


def _campaign(request: HttpRequest, slug: str) -> Campaign:
    """Of those that collect preferences: an evaluation has results, and its rows are not ordinary work."""
    campaign = get_object_or_404(Campaign, slug=slug.replace("\x00", " "), kind=Kind.PREFERENCE)
    permissions.check_can_manage(person(request), campaign)
    return campaign


def _of_track(user: User, campaign: Campaign) -> list[Campaign]:
    """The campaign and the others of its track that the user manages."""
    return list(permissions.managed_by(user).filter(kind=Kind.PREFERENCE, track=campaign.track))


def _file(campaign: Campaign, table: str, query: str) -> str:
    return reverse("ranking_file", args=[campaign.slug, table]) + query


def _strengths(found: Ranking, csv: str) -> IntervalChart:
    return interval_chart(
        title=_("Strength of each model"),
        heads=[
            _("Model"), _("Log-odds against the mean of all"), _("Adjusted"), _("Not adjusted"), _("Iteration"),
            _("Judgments"),
        ],
        rows=[
            IntervalRow(
                label=one.variant.name,
                interval=figures.drawn(one.adjusted),
                figures=[
                    figures.decimal(one.adjusted), figures.decimal(one.plain), one.variant.iteration or figures.NONE,
                    f"{one.judgments:,}",
                ],
            )
            for one in found.ranked
        ],
        axis=figures.axis_around(0.0, (one.adjusted for one in found.ranked), label="{:g}".format),
        reference=0.0,
        csv=csv,
        note=_("A difference of 1 means that the stronger is preferred 2.7 times as often as the weaker."),
    )  # fmt: skip


def _pairs(found: Sequence[Pair], csv: str) -> IntervalChart:
    return interval_chart(
        title=_("Each model against the one before it"),
        heads=[
            _("Models"), _("Chance that the newer is preferred"), _("Adjusted"), _("Not adjusted"),
            _("Judgments between the two"), _("For the newer"),
        ],
        rows=[
            IntervalRow(
                label=_("%(system)s against %(against)s") % {"system": pair.variant, "against": pair.against},
                interval=figures.drawn(pair.adjusted),
                figures=[
                    figures.share(pair.adjusted), figures.share(pair.plain), f"{pair.met:,}",
                    figures.percent(pair.points / pair.met) if pair.met else figures.NONE,
                ],
            )
            for pair in found
        ],
        axis=figures.win_rate_axis(pair.adjusted for pair in found),
        reference=figures.EQUAL,
        csv=csv,
        note=_("Before is in the order of registration. Where two never met, judgments of third models join them."),
    )  # fmt: skip


Table = tuple[Sequence[str], Iterable[Sequence[Cell]]]
_ENDS = ("", "_low", "_high")


def _strength_rows(found: Ranking) -> Table:
    def rows(ranked: Sequence[Ranked]) -> Iterator[list[Cell]]:
        for one in ranked:
            limits = (limit for fit in (one.adjusted, one.plain) for limit in (fit.value, fit.low, fit.high))
            yield [one.variant.name, one.variant.iteration, one.judgments, *limits, one.adjusted.confidence]

    figures_of = [f"{fit}{end}" for fit in ("adjusted", "plain") for end in _ENDS]
    return ["model", "iteration", "judgments", *figures_of, "confidence"], rows(found.ranked)


def _pair_rows(found: Ranking) -> Table:
    def rows(pairs: Sequence[Pair]) -> Iterator[list[Cell]]:
        for pair in pairs:
            limits = (limit for fit in (pair.adjusted, pair.plain) for limit in (fit.value, fit.low, fit.high))
            yield [pair.variant.name, pair.against.name, *limits, pair.met, pair.points, pair.adjusted.confidence]

    figures_of = [f"{fit}{end}" for fit in ("adjusted", "plain") for end in _ENDS]
    return ["model", "against", *figures_of, "judgments_between", "points", "confidence"], rows(found.pairs)


FILES: dict[str, Callable[[Ranking], Table]] = {"strengths": _strength_rows, "pairs": _pair_rows}
