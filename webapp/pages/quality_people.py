"""How one person works: each signal in words and as a picture, the judgments behind it, the concerns it has raised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from annotation import concerns, permissions
from annotation.models import Concern, Decision, SignalName
from annotation.quality import words
from annotation.quality.behind import behind
from annotation.quality.measures import measure
from annotation.quality.rows import read
from annotation.quality.windows import Window
from annotation.quality.work import Signal, Work
from preferences.errors import DomainError, NotAllowed
from preferences.models import Campaign, Judgment, Prompt
from webapp.accounts.models import User
from webapp.errors import status_of
from webapp.pages.quality_windows import looked_at
from webapp.pages.requests import campaign_or_404, person, text_of

WIDTH = 200  # of the picture of an interval
COPIES_SHOWN = 6
_NO_FIGURES: dict[str, Any] = {"value": None, "low": None, "high": None, "n": 0}
_FIGURES = _NO_FIGURES.keys()


@dataclass(frozen=True)
class Picture:
    """Where things stand on a line from 0 to WIDTH: the usual range, the interval, the value."""

    usual: float
    usual_width: float
    low: float
    high: float
    value: float


@dataclass(frozen=True)
class Shown:
    """A signal as its reader meets it."""

    signal: Signal
    title: str
    says: str
    interval: str
    usual: str
    meaning: str
    picture: Picture | None
    judgments: list[Judgment]
    copies: list[Prompt]


@require_GET
@login_required
def person_page(request: HttpRequest, slug: str, pseudonym: str) -> HttpResponse:
    campaign = campaign_or_404(slug)
    about = get_object_or_404(User, pseudonym=pseudonym.replace("\x00", " "))
    return _page(request, campaign, about)


@require_POST
@login_required
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    concern = get_object_or_404(Concern.objects.select_related("campaign", "person"), pk=pk)
    decision, note = request.POST.get("decision", ""), text_of(request, "note")
    permissions.check_can_manage(person(request), concern.campaign)
    try:
        concerns.decide(concern=concern, decision=decision, note=note, by=person(request))
    except DomainError as error:
        typed = {"concern": pk, "decision": decision, "note": note}
        return _page(request, concern.campaign, concern.person, error, typed)
    return redirect(reverse("quality_person", args=[concern.campaign.slug, concern.person.pseudonym]) + "#concerns")


def check_may_look_at(user: User, campaign: Campaign, about: User) -> None:
    """Who looks at their own work would learn which of their pairs have a known verdict."""
    permissions.check_can_manage(user, campaign)
    if about.pk == user.pk:
        raise NotAllowed(_("Your own work is looked at by somebody else."))


def _page(
    request: HttpRequest,
    campaign: Campaign,
    about: User,
    error: DomainError | None = None,
    typed: Mapping[str, Any] | None = None,
) -> HttpResponse:
    user = person(request)
    check_may_look_at(user, campaign, about)
    looked = looked_at(request, campaign)
    work = read(campaign, looked.window)
    raised = _raised(campaign, about)
    signals = sorted(measure(work).get(about.pk, []), key=lambda signal: not signal.unusual)
    context = {
        "campaign": campaign,
        "about": about,
        "looked": looked,
        "signals": [_shown(campaign, looked.window, work, about, signal) for signal in signals],
        "waiting": [(concern, _then(concern)) for concern in raised if not concern.decision],
        "decided": [concern for concern in raised if concern.decision],
        "decisions": Decision.choices,
        "is_manager": permissions.is_manager(user),
        "width": WIDTH,
        "error": error,
        "typed": typed,
    }
    return render(request, "quality_person.html", context, status=status_of(error) if error else 200)


def _raised(campaign: Campaign, about: User) -> QuerySet[Concern]:
    found = Concern.objects.filter(campaign=campaign, person=about).select_related("decided_by")
    return found.order_by("-opened_at", "-pk")


def _then(concern: Concern) -> str:
    """The figure by which it was opened."""
    known = {name: value for name, value in concern.evidence.items() if name in _FIGURES}
    return words.interval(Signal(**{**_NO_FIGURES, **known, "name": SignalName(concern.signal)}))


def _shown(campaign: Campaign, window: Window, work: Work, about: User, signal: Signal) -> Shown:
    copied = signal.name is SignalName.COPIED
    ids = behind(work, about.pk, signal.name)
    found = {} if copied else Judgment.objects.in_bulk(ids)
    copies = window.prompts(campaign).filter(pk__in=ids).select_related("near") if copied else Prompt.objects.none()
    return Shown(
        signal=signal,
        title=str(signal.name.label),
        says=words.sentence(signal),
        interval=words.interval(signal),
        usual=words.usual(signal),
        meaning=str(words.MEANINGS[signal.name]),
        picture=_picture(signal),
        judgments=[found[pk] for pk in ids if pk in found],
        copies=list(copies.order_by("-pk")[:COPIES_SHOWN]),
    )


def _picture(signal: Signal) -> Picture | None:
    if signal.value is None or signal.low is None or signal.high is None:
        return None
    least = -1.0 if signal.name is SignalName.AGREEMENT else 0.0

    def at(value: float) -> float:
        return round(WIDTH * (value - least) / (1 - least), 1)

    begins = least if signal.at_least is None else signal.at_least
    ends = 1.0 if signal.at_most is None else signal.at_most
    is_known = (signal.at_least, signal.at_most) != (None, None)
    return Picture(
        usual=at(begins), usual_width=at(ends) - at(begins) if is_known else 0.0,
        low=at(max(least, signal.low)), high=at(signal.high), value=at(max(least, signal.value)),
    )  # fmt: skip
