"""The manager's ledger of a campaign: hours and items of each person, by week or batch; the file alone has names."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from annotation import payroll, permissions
from annotation.ledger import Grouping, Line, Tally, Work, ledger
from webapp.pages.requests import campaign_or_404, person

TITLES = {
    Work.JUDGED: gettext_lazy("Judged"),
    Work.RETURNED: gettext_lazy("Returned"),
    Work.WRITTEN: gettext_lazy("Prompts written"),
    Work.GIVEN_BACK: gettext_lazy("Given back"),
    Work.LAPSED: gettext_lazy("Ran out of time"),
    Work.APPROVED: gettext_lazy("Approved"),
    Work.IN_REVIEW: gettext_lazy("In review"),
    Work.REPORTED: gettext_lazy("Dialogues reported"),
}


@require_GET
@login_required
def show(request: HttpRequest, slug: str) -> HttpResponse:
    campaign = campaign_or_404(slug)
    permissions.check_can_manage(person(request), campaign)
    grouping = _grouping(request.GET.get("by", ""))
    lines = ledger(campaign, grouping)
    columns = [work for work in Work if any(work in line.work for line in lines)]
    context = {
        "campaign": campaign,
        "grouping": str(grouping),
        "by_week": grouping is Grouping.WEEK,
        "titles": [TITLES[work] for work in columns],
        "rows": [_row(line, columns) for line in lines],
        "total": _total(lines, columns),
    }
    return render(request, "ledger.html", context)


@require_POST
@login_required
def export(request: HttpRequest, slug: str) -> HttpResponse:
    """By POST, since it leaves an event."""
    campaign, grouping = campaign_or_404(slug), _grouping(request.POST.get("by", ""))
    text = payroll.export(campaign=campaign, grouping=grouping, by=person(request))
    name = f"ledger-{campaign.slug}-by-{grouping}.csv"
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(text, content_type="text/csv; charset=utf-8", headers=disposition)


def _grouping(word: str) -> Grouping:
    return Grouping.BATCH if word == Grouping.BATCH else Grouping.WEEK


def _row(line: Line, columns: list[Work]) -> dict[str, Any]:
    return {
        "period": line.period,
        "pseudonym": line.person.pseudonym,
        "vendor": line.person.vendor,
        "tallies": [line.work.get(work, Tally()) for work in columns],
        "seconds": line.seconds,
        "session_seconds": line.session_seconds,
    }


def _total(lines: list[Line], columns: list[Work]) -> dict[str, Any]:
    found = {work: [line.work[work] for line in lines if work in line.work] for work in columns}
    return {
        "tallies": [
            Tally(sum(tally.items for tally in tallies), sum(tally.seconds for tally in tallies))
            for tallies in found.values()
        ],
        "seconds": sum(line.seconds for line in lines),
        "session_seconds": sum(line.session_seconds for line in lines),
    }
