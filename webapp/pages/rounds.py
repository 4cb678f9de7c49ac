"""The rounds of a campaign's loop: what each tried, what came of it, and opening the next one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from annotation import permissions
from annotation.models import Role
from preferences.choices import CampaignStatus, Kind
from preferences.errors import DomainError, InvalidInput
from preferences.models import Batch, Campaign, Variant
from webapp.charts import IntervalChart, IntervalRow, interval_chart
from webapp.errors import status_of
from webapp.pages import batch_sight, figures
from webapp.pages.plan_fields import decimal_of
from webapp.pages.requests import number_of, person, text_of
from workers import plans
from workers import rounds as actions
from workers.models import TemperatureSweep
from workers.round_history import Passed, history


@dataclass(frozen=True)
class Offered:
    """A variant that the new one may be compared with, as the form has it."""

    variant: Variant
    chosen: bool
    weight: str


@require_http_methods(["GET", "POST"])
@login_required
def rounds(request: HttpRequest, slug: str) -> HttpResponse:
    with_models = Campaign.objects.exclude(kind=Kind.DEMONSTRATION)
    campaign, user = get_object_or_404(with_models, slug=slug.replace("\x00", " ")), person(request)
    permissions.check_can_manage(user, campaign)
    error = None
    if request.method == "POST":
        try:
            actions.open_round(
                campaign=campaign,
                new=_new(request),
                against=_against(request),
                by=user,
                anyway="anyway" in request.POST,
            )
            return redirect("rounds", slug)
        except DomainError as refused:
            error = refused
    passed = history(campaign)
    context = {
        "campaign": campaign,
        "passed": [_shown(one, batch_sight.visible(user)) for one in passed],
        "chart": _chart(passed) if any(one.won.judgments for one in passed) else None,
        "form": None if campaign.status == CampaignStatus.CLOSED else _form(request.POST or None),
        "kept": bool(error and error.field == "anyway"),
        "also_judges": permissions.at_work(user, campaign, Role.ANNOTATOR).exists(),
        "error": error,
        "is_manager": True,
    }
    return render(request, "rounds.html", context, status=status_of(error) if error else 200)


def _new(request: HttpRequest) -> Variant:
    found = Variant.objects.filter(pk=number_of(request.POST.get("new", "")) or 0).first()
    if found is None:
        raise InvalidInput(_("Choose one of the variants."), field="new")
    return found


def _against(request: HttpRequest) -> dict[Variant, float]:
    keys = [key for word in request.POST.getlist("against") if (key := number_of(word)) is not None]
    found = Variant.objects.in_bulk(keys)
    weights = {key: decimal_of({"against": text_of(request, f"weight-{key}")}, "against") for key in found}
    return {found[key]: 1.0 if weight is None else weight for key, weight in weights.items()}


def _form(typed: QueryDict | None) -> dict[str, Any]:
    """The newest variant against those before it, unless something was typed."""
    found = plans.sampled_here()
    if typed is None:
        chosen = {str(one.pk) for one in plans.before(found[0])} if found else set()
    else:
        chosen = set(typed.getlist("against"))
    told: Mapping[str, Any] = typed or {}
    return {
        "new": told.get("new", str(found[0].pk) if found else ""),
        "variants": [(str(one.pk), one) for one in found],
        "others": [Offered(one, str(one.pk) in chosen, str(told.get(f"weight-{one.pk}", "1"))) for one in found],
    }


def _shown(passed: Passed, visible: QuerySet[Batch]) -> dict[str, Any]:
    """The batches that the reader may open are links."""
    mine = set(visible.filter(pk__in=[batch.pk for batch in passed.batches]).values_list("pk", flat=True))
    return {
        "passed": passed,
        "batches": [(batch, batch.pk in mine) for batch in passed.batches],
        "rate": figures.share(passed.won.rate),
        "then": _temperature(passed.then),
        "now": _temperature(passed.now),
    }


def _temperature(sweep: TemperatureSweep | None) -> str:
    """T* with its interval."""
    if sweep is None or sweep.temperature is None:
        return figures.NONE
    return figures.decimal(figures.Between(sweep.temperature, sweep.low, sweep.high))


def _chart(passed: list[Passed]) -> IntervalChart:
    met = [one for one in passed if one.won.judgments]
    return interval_chart(
        title=_("Each round's new variant against the others it met"),
        heads=[_("Round"), _("Chance that the new one is preferred"), _("New variant"), _("Judgments"), _("Dialogues")],
        rows=[
            IntervalRow(
                label=str(one.round.number),
                interval=figures.drawn(one.won.rate),
                figures=[
                    one.round.new.name, f"{one.won.judgments:,}", f"{one.won.dialogues:,}"
                ],
            )
            for one in met
        ],
        axis=figures.win_rate_axis(one.won.rate for one in met),
        reference=figures.EQUAL,
        note=_("A tie counts half. Judgments of one dialogue depend on each other, so that they count for fewer."),
    )  # fmt: skip
