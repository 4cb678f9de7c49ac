"""A campaign's plan: what a precision costs, and what the campaign is to finish, by when and how well agreed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from annotation import permissions
from preferences import planning
from preferences.actions import campaigns
from preferences.choices import Kind, VerdictRule
from preferences.errors import InvalidInput
from preferences.models import Campaign
from preferences.planning import Bought, Cost, Expected
from preferences.stats.agreement import Agreement
from webapp.charts import Interval, IntervalChart, IntervalRow, interval_chart, nice_axis
from webapp.errors import STATUS
from webapp.pages import figures
from webapp.pages.plan_fields import asked, day_of, decimal_of, first_guess, goal_fields, goal_of, whole_of
from webapp.pages.requests import person

KINDS = (Kind.PREFERENCE, Kind.EVALUATION, Kind.SAFETY_RATING)


@require_http_methods(["GET", "POST"])
@login_required
def plan(request: HttpRequest, slug: str) -> HttpResponse:
    campaign = get_object_or_404(Campaign, slug=slug.replace("\x00", " "), kind__in=KINDS)
    permissions.check_can_manage(person(request), campaign)
    typed, error = goal_of(campaign), None
    if request.method == "POST":
        typed = {name: request.POST.get(name, "") for name in typed}
        try:
            campaigns.plan(
                campaign=campaign,
                comparisons=whole_of(typed, "planned_comparisons"),
                until=day_of(typed, "planned_until"),
                agreement_gate=decimal_of(typed, "agreement_gate"),
                verdict_rule=typed["verdict_rule"] or campaign.verdict_rule,
                by=person(request),
            )
        except InvalidInput as refused:
            error = refused
        else:
            query = request.GET.copy()
            query["saved"] = "1"
            return redirect(f"{request.path}?{query.urlencode()}#goal")
    calculator, goal = _calculator(campaign, request.GET), goal_fields(typed, error)
    context = {
        **calculator,
        "campaign": campaign,
        "goal": goal,
        "rules": VerdictRule.choices if campaign.kind == Kind.EVALUATION else None,
        "rule": typed["verdict_rule"],
        "error": None if any(field.refused for field in goal) else error,
        "saved": "saved" in request.GET,
        "is_manager": True,
    }
    is_refused = error is not None or any(field.refused for field in calculator["fields"])
    return render(request, "plan.html", context, status=STATUS[InvalidInput] if is_refused else 200)


def _calculator(campaign: Campaign, typed: Mapping[str, str]) -> dict[str, Any]:
    pilot, seconds = planning.pilot(campaign), planning.measured_seconds(campaign)
    guess = first_guess(campaign, seconds, pilot.value)
    expected, fields = asked(campaign, {name: typed.get(name, value) for name, value in guess.items()})
    found: dict[str, Any] = {"fields": fields, "measured": seconds, "pilot": pilot}
    if expected is None:
        return found
    share = planning.cost_of_share(campaign, expected)
    bought = planning.bought(campaign, expected, share.judgments)
    return found | {
        "is_alone": expected.raters == 1,
        "costs": [cost for cost in _costs(campaign, expected, share, pilot) if cost],
        "chart": _chart(campaign, expected, bought, share.judgments) if bought else None,
    }


def _costs(campaign: Campaign, expected: Expected, share: Cost, pilot: Agreement) -> Iterator[dict[str, Any]]:
    """Each with the precision that it is for."""
    rating = campaign.kind == Kind.SAFETY_RATING
    reach = {"reach": f"{100 * expected.reach:g}"}
    title = _("Violations to within %(reach)s points") if rating else _("Win rate to within %(reach)s points")
    yield {"title": title % reach, "cost": share}
    reach = {"reach": f"{expected.agreement_reach:g}"}
    if agreement := planning.cost_of_agreement(campaign, expected):
        yield {"title": _("AC2 to within %(reach)s, as expected") % reach, "cost": agreement}
    if after := planning.cost_after_pilot(campaign, pilot, expected):
        yield {"title": _("AC2 to within %(reach)s, as judged so far") % reach, "cost": after}


def _chart(campaign: Campaign, expected: Expected, bought: list[Bought], judgments: int) -> IntervalChart:
    rating = campaign.kind == Kind.SAFETY_RATING
    truth = expected.share + expected.ties / 2
    rows = [
        IntervalRow(
            label=ngettext("%(raters)d rater", "%(raters)d raters", one.raters) % {"raters": one.raters},
            interval=Interval(value=one.rate, low=max(one.rate - one.reach, 0), high=min(one.rate + one.reach, 1)),
            figures=[
                f"{one.prompts:,}",
                figures.percent(one.right),
                f"{figures.percent(one.rate)} ± {100 * one.reach:.1f}",
                figures.NONE if one.agreement_reach is None else f"± {one.agreement_reach:.3f}",
            ],
        )
        for one in bought
    ]
    ends = [truth, *(limit for row in rows for limit in (row.interval.low, row.interval.high) if limit is not None)]
    return interval_chart(
        title=_("The price of another rater: what %(judgments)s judgments buy") % {"judgments": f"{judgments:,}"},
        heads=[
            _("For each prompt"),
            _("Violation rate that will be shown") if rating else _("Win rate that will be shown"),
            _("Prompts"),
            _("Violations found") if rating else _("Verdict right"),
            _("Shown"),
            _("AC2"),
        ],
        rows=rows,
        axis=nice_axis(min(ends), max(ends), label=lambda share: f"{100 * share:g}%"),
        reference=truth,
    )
