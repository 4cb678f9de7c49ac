"""How the people of a campaign work: a line for each, what is unusual named by a word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from annotation import concerns, memberships, permissions
from annotation.models import Concern, SignalName
from annotation.quality import words
from annotation.quality.measures import measure
from annotation.quality.rows import read
from annotation.quality.work import Signal, Work
from preferences.models import Campaign
from webapp.accounts.models import User
from webapp.pages.quality_windows import looked_at
from webapp.pages.requests import campaign_or_404, number_of, person


@dataclass(frozen=True)
class Figure:
    """One signal as it stands in the table."""

    text: str
    unusual: bool
    value: float


@dataclass(frozen=True)
class Line:
    pseudonym: str
    judged: int
    unusual: int
    open_concerns: int
    figures: dict[SignalName, Figure]

    def cells(self, names: list[SignalName]) -> list[Figure | None]:
        return [self.figures.get(name) for name in names]


@dataclass(frozen=True)
class Column:
    """A heading that sorts: the word it puts into the address, and how the table is sorted by it now, if it is."""

    title: str
    sort: str
    order: str


@require_GET
@login_required
def people(request: HttpRequest, slug: str) -> HttpResponse:
    campaign, user = campaign_or_404(slug), person(request)
    permissions.check_can_manage(user, campaign)
    looked = looked_at(request, campaign)
    sort = request.GET.get("sort", "-unusual")
    lines = _lines(campaign, read(campaign, looked.window))
    names = [name for name in SignalName if any(name in line.figures for line in lines)]
    context = {
        "campaign": campaign,
        "looked": looked,
        "lines": [(line, line.cells(names)) for line in _sorted(lines, sort)],
        "columns": _columns(names, sort),
        "paused_people": memberships.paused(campaign),
        "manages": True,
        "opened": number_of(request.GET.get("opened", "")),
        "is_manager": permissions.is_manager(user),
    }
    return render(request, "quality.html", context)


@require_POST
@login_required
def propose(request: HttpRequest, slug: str) -> HttpResponse:
    """Looks now for what the daily look would find."""
    campaign = campaign_or_404(slug)
    opened = concerns.propose(campaign=campaign, by=person(request))
    return redirect(reverse("quality", args=[campaign.slug]) + f"?opened={len(opened)}")


def _lines(campaign: Campaign, work: Work) -> list[Line]:
    found = measure(work)
    names = User.objects.in_bulk(found)
    judged = Counter(work.verdicts.person[work.verdicts.inside].tolist())
    waiting = Counter(Concern.objects.filter(campaign=campaign, decision="").values_list("person", flat=True))
    return [
        Line(names[pk].pseudonym, judged[pk], sum(one.unusual for one in own), waiting[pk], _figures(own))
        for pk, own in found.items()
    ]


def _figures(signals: Iterable[Signal]) -> dict[SignalName, Figure]:
    return {
        signal.name: Figure(words.figure(signal), signal.unusual, signal.value)
        for signal in signals
        if signal.value is not None
    }


def _columns(names: list[SignalName], sort: str) -> list[Column]:
    titles = {"person": _("Person"), "judged": _("Judged"), "unusual": _("Unusual")}
    titles |= {name.value: str(name.label) for name in names}
    return [_column(title, word, sort) for word, title in titles.items()]


def _column(title: str, word: str, sort: str) -> Column:
    """The largest first, and the smallest first where the column is sorted so already."""
    order = {f"-{word}": "descending", word: "ascending"}.get(sort, "")
    return Column(title, word if order == "descending" else f"-{word}", order)


def _sorted(lines: list[Line], sort: str) -> list[Line]:
    """By the column, then by name; who has no figure in it comes last."""
    word, descending = sort.removeprefix("-"), sort.startswith("-")
    by_name = sorted(lines, key=lambda line: line.pseudonym, reverse=descending and word == "person")
    if word == "person":
        return by_name
    keyed = [(_key(line, word), line) for line in by_name]
    known = [(key, line) for key, line in keyed if key is not None]
    ordered = sorted(known, key=lambda pair: -pair[0] if descending else pair[0])
    return [line for _key_, line in ordered] + [line for key, line in keyed if key is None]


def _key(line: Line, word: str) -> float | None:
    if word in SignalName.values:
        figure = line.figures.get(SignalName(word))
        return figure.value if figure else None
    return line.judged if word == "judged" else line.unusual
