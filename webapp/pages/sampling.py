"""A campaign's sampling plan: which two models answer, at which temperatures, and how often."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from preferences.actions import sampling_plans
from preferences.actions.sampling_plans import Terms
from preferences.choices import Kind
from preferences.errors import DomainError, InvalidInput
from preferences.models import Campaign, SamplingPair, Variant
from webapp.accounts.models import User
from webapp.errors import status_of
from webapp.pages.acting import acted
from webapp.pages.plan_fields import decimal_of
from webapp.pages.requests import managed_or_404, number_of, person, text_of
from workers import health, plans

NUMBERS = ("first_temperature", "second_temperature", "top_p", "weight")
NEW_LINE = {"first_temperature": "1", "second_temperature": "1", "top_p": "1", "weight": "1", "tuned": "on"}


@dataclass(frozen=True)
class Shown:
    """A line with its form; `share` is in percent."""

    line: plans.Line
    typed: Mapping[str, str]
    place: str

    @property
    def percent(self) -> float:
        return 100 * self.line.share

    @property
    def seen(self) -> str:
        """The temperatures that are there, by which a form tells that others were written meanwhile."""
        return f"{self.line.pair.first_temperature!r} {self.line.pair.second_temperature!r}"


@require_GET
@login_required
def sampling(request: HttpRequest, slug: str) -> HttpResponse:
    return _page(request, _managed(request, slug))


@require_POST
@login_required
def add(request: HttpRequest, slug: str) -> HttpResponse:
    def act(campaign: Campaign, by: User) -> None:
        first, second = (_chosen(request, name) for name in ("first", "second"))
        plans.add(campaign=campaign, first=first, second=second, terms=_terms(request), by=by, anyway=_anyway(request))

    return _done(request, slug, act, "add")


@require_POST
@login_required
def add_new(request: HttpRequest, slug: str) -> HttpResponse:
    def act(campaign: Campaign, by: User) -> None:
        plans.add_new(campaign=campaign, new=_chosen(request, "new"), by=by, anyway=_anyway(request))

    return _done(request, slug, act, "new")


@require_POST
@login_required
def spread(request: HttpRequest, slug: str) -> HttpResponse:
    def act(campaign: Campaign, by: User) -> None:
        sampling_plans.spread(campaign=campaign, temperature_spread=_number(request, "temperature_spread"), by=by)

    return _done(request, slug, act, "spread")


@require_POST
@login_required
def change(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    def act(pair: SamplingPair, by: User) -> None:
        sampling_plans.change(pair=pair, terms=_terms(request), seen=_seen(request), by=by)

    return _on_line(request, slug, pk, act)


@require_POST
@login_required
def pause(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    return _on_line(request, slug, pk, lambda pair, by: sampling_plans.pause(pair=pair, by=by))


@require_POST
@login_required
def resume(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    return _on_line(request, slug, pk, lambda pair, by: sampling_plans.resume(pair=pair, by=by))


@require_POST
@login_required
def remove(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """A line that is gone already is no error: the plan is as it was wanted."""
    campaign = _managed(request, slug)
    for pair in campaign.sampling_plan.filter(pk=pk):
        sampling_plans.remove(pair=pair, by=person(request))
    return redirect("sampling", slug)


def _managed(request: HttpRequest, slug: str) -> Campaign:
    campaign = managed_or_404(request, slug)
    if campaign.kind == Kind.DEMONSTRATION:  # no model answers there
        raise Http404
    return campaign


def _on_line(request: HttpRequest, slug: str, pk: int, act: Callable[[SamplingPair, User], object]) -> HttpResponse:
    pair = get_object_or_404(SamplingPair.objects.select_related("campaign"), pk=pk, campaign__slug=slug)
    return _done(request, slug, lambda _campaign, by: act(pair, by), f"line-{pk}")


def _done(request: HttpRequest, slug: str, act: Callable[[Campaign, User], object], place: str) -> HttpResponse:
    campaign = _managed(request, slug)
    return acted(request, campaign, act, page=_page, name="sampling", place=place)


def _page(
    request: HttpRequest,
    campaign: Campaign,
    *,
    typed: Mapping[str, Any] | None = None,
    error: DomainError | None = None,
    place: str = "",
) -> HttpResponse:
    told, shares = typed or {}, plans.shares(campaign)
    checks = health.latest_of(variant for variant, _share in shares)
    context = {
        "campaign": campaign,
        "lines": [_shown(line, told, place) for line in plans.lines(campaign)],
        "shares": [(variant, 100 * share, checks.get(variant.pk)) for variant, share in shares],
        "variants": [(str(one.pk), one) for one in plans.sampled_here()],
        "added": told if place == "add" else NEW_LINE,
        "new": told.get("new", ""),
        "spread": told.get("temperature_spread", "") if place == "spread" else f"{campaign.temperature_spread:.15g}",
        "kept": bool(error and error.field == "anyway"),
        "error": error,
        "place": place,
        "is_manager": True,
    }
    return render(request, "sampling.html", context, status=status_of(error) if error else 200)


def _shown(line: plans.Line, typed: Mapping[str, Any], place: str) -> Shown:
    own = f"line-{line.pair.pk}"
    if place == own and "weight" in typed:
        return Shown(line, typed, own)
    stored = {name: f"{getattr(line.pair, name):.15g}" for name in NUMBERS}
    return Shown(line, {**stored, "tuned": "on" if line.pair.tuned else ""}, own)


def _chosen(request: HttpRequest, name: str) -> Variant:
    found = Variant.objects.filter(pk=number_of(request.POST.get(name, "")) or 0).first()
    if found is None:
        raise InvalidInput(_("Choose one of the variants."), field=name)
    return found


def _terms(request: HttpRequest) -> Terms:
    numbers = {name: _number(request, name) for name in NUMBERS}
    return Terms(**numbers, tuned="tuned" in request.POST)


def _seen(request: HttpRequest) -> list[float] | None:
    """None where the form does not say."""
    try:
        return [float(number) for number in request.POST["seen"].split()]
    except (KeyError, ValueError):
        return None


def _number(request: HttpRequest, name: str) -> float:
    number = decimal_of({name: text_of(request, name)}, name)
    if number is None:
        raise InvalidInput(_("Write a number."), field=name)
    return number


def _anyway(request: HttpRequest) -> bool:
    return "anyway" in request.POST
