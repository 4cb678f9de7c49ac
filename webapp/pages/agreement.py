"""Agreement of a campaign as its managers watch it: over time, by degree, where it breaks down, who with whom.

Of a large campaign each part that is not kept is counted by a request of its own, so that the page is there at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET, require_POST

from annotation import permissions
from annotation.models import Role
from preferences.choices import Kind
from preferences.cuts import Cut
from preferences.models import Campaign
from webapp.counted import SECONDS
from webapp.pages import agreement_panels as panels
from webapp.pages.agreement_counts import DAYS, PAIRS, PRECISION, SPLITS, WHOLE, Counts
from webapp.pages.agreement_files import FILES
from webapp.pages.requests import campaign_or_404, person

Contents = Callable[[Counts], dict[str, Any]]


@dataclass(frozen=True)
class Panel:
    """A part of the page: its template, what it is made of, and the counts that this takes."""

    name: str
    template: str
    contents: Contents
    counts: tuple[str, ...]
    is_half: bool = False  # stands beside another where there is room


PANELS = [
    Panel("figures", "agreement_figures.html", panels.headline, (PRECISION,)),
    Panel("time", "agreement_time.html", panels.over_time, (Cut.WEEK, Cut.BATCH)),
    Panel("mix", "charts/stack.html", panels.mix, (Cut.BATCH,), is_half=True),
    Panel("degrees", "charts/intervals.html", panels.by_degree, (WHOLE,), is_half=True),
    Panel("pace", "agreement_pace.html", panels.throughput, (DAYS,)),
    *(
        Panel(cut.value, "charts/intervals.html", panels.breakdown(cut), (WHOLE, cut), is_half=True)
        for cut in panels.BREAKDOWNS
    ),
    Panel("pairs", "charts/matrix.html", panels.matrix_of_raters, (PAIRS,)),
    Panel("splits", "agreement_splits.html", panels.splits, (SPLITS,)),
]


@require_GET
@login_required
def agreement(request: HttpRequest, slug: str) -> HttpResponse:
    campaign, user = _campaign(slug), person(request)
    permissions.check_can_manage(user, campaign)
    counts = Counts(campaign)
    at_once = counts.is_small()
    own = [panel for panel in PANELS if panels.belongs(panel.name, campaign)]
    ready = [panel for panel in own if at_once or counts.is_known(*panel.counts)]
    drawn = {panel: _drawn(request, panel, counts) for panel in ready}
    context = {
        "campaign": campaign,
        "panels": [(panel, drawn.get(panel)) for panel in own if drawn.get(panel) != ""],
        "at": counts.oldest([name for panel in ready for name in panel.counts]),
        "minutes": SECONDS // 60,
        "weak": panels.weak_note(),
        "also_judges": permissions.at_work(user, campaign, Role.ANNOTATOR).exists(),
        "is_manager": True,
    }
    return render(request, "agreement.html", context)


@require_GET
@login_required
def part(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """One part of the page, counted now where nobody has; nothing where there is nothing to show."""
    campaign = _campaign(slug)
    permissions.check_can_manage(person(request), campaign)
    for panel in PANELS:
        if panel.name == name and panels.belongs(name, campaign):
            return HttpResponse(_drawn(request, panel, Counts(campaign)))
    raise Http404


@require_POST
@login_required
def anew(request: HttpRequest, slug: str) -> HttpResponse:
    """Whatever is kept is counted anew as the page is shown."""
    campaign = _campaign(slug)
    permissions.check_can_manage(person(request), campaign)
    Counts(campaign).forget()
    return redirect("agreement", slug=campaign.slug)


@require_GET
@login_required
def file(request: HttpRequest, slug: str, name: str) -> StreamingHttpResponse:
    """The numbers of one chart as CSV, nothing rounded."""
    campaign = _campaign(slug)
    permissions.check_can_manage(person(request), campaign)
    if name not in FILES:
        raise Http404
    return FILES[name](Counts(campaign))


def _drawn(request: HttpRequest, panel: Panel, counts: Counts) -> str:
    """Nothing where there is nothing to show."""
    contents = panel.contents(counts)
    return render_to_string(panel.template, contents, request) if contents else ""


def _campaign(slug: str) -> Campaign:
    """One whose items are judged by several; demonstrations and red teaming have pages of their own."""
    campaign = campaign_or_404(slug)
    if campaign.kind in (Kind.DEMONSTRATION, Kind.RED_TEAM):
        raise Http404
    return campaign
