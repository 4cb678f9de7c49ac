"""A variant's temperatures: what was measured, what is being measured, and measuring anew."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Count, QuerySet, prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from kombu.exceptions import OperationalError

from annotation import permissions
from annotation.models import Role
from preferences.choices import SweepStatus
from preferences.errors import DomainError, InvalidInput, NotAllowed
from preferences.models import Campaign, Variant
from preferences.stats import Optimum
from webapp.accounts.models import User
from webapp.charts import LineChart
from webapp.errors import status_of
from webapp.pages import temperature_charts
from webapp.pages.requests import is_htmx, number_of, person
from webapp.pages.temperature_files import FILES
from workers.models import TemperatureSweep
from workers.temperature import actions, questions, results, tasks
from workers.temperature.results import Measured


@dataclass(frozen=True)
class Standing:
    """A variant's temperature in one campaign."""

    campaign: Campaign
    planned: list[float]  # of the plan's lines that have the variant
    sweep: TemperatureSweep | None  # the newest that is done
    is_used: bool  # whether the plan has what it found
    has_reward_model: bool


@require_http_methods(["GET", "POST"])
@login_required
def temperatures(request: HttpRequest, pk: int) -> HttpResponse:
    user, variant, error = _manager(request), get_object_or_404(Variant, pk=pk), None
    if request.method == "POST":
        try:
            _call(_requested(request, user, variant))
            return redirect("temperatures", variant.pk)
        except DomainError as refused:
            error = refused
    sweeps = list(_sweeps(user, variant))
    unfinished = [sweep for sweep in sweeps if sweep.status in actions.UNFINISHED]
    context = {
        "variant": variant,
        "standings": standings(user, variant),
        "unfinished": [_progress(sweep) for sweep in unfinished],
        "failed": sweeps[0] if sweeps and sweeps[0].status == SweepStatus.FAILED else None,
        "sweeps": sweeps,
        "campaigns": _campaigns(user, variant),
        "typed": request.POST,
        "answers": actions.ANSWERS,
        "prompts": actions.PROMPTS,
        "error": error,
        "is_manager": True,
        # Charts are not drawn for who watches: every few seconds that would be work for nothing.
        **_shown([] if is_htmx(request) else sweeps, request.GET.get("sweep", "")),
    }
    response = render(request, "temperatures.html", context, status=status_of(error) if error else 200)
    if is_htmx(request) and not unfinished:
        response["HX-Refresh"] = "true"  # what was watched is over: its charts are there
    return response


@require_POST
@login_required
def retry(request: HttpRequest, pk: int, sweep: int) -> HttpResponse:
    user = _manager(request)
    failed = get_object_or_404(_sweeps(user, get_object_or_404(Variant, pk=pk)), pk=sweep)
    actions.retry(sweep=failed, by=user)
    _call(failed)
    return redirect("temperatures", pk)


@require_GET
@login_required
def temperature_file(request: HttpRequest, pk: int, sweep: int, name: str) -> StreamingHttpResponse:
    user = _manager(request)
    found = get_object_or_404(_sweeps(user, get_object_or_404(Variant, pk=pk)), pk=sweep, status=SweepStatus.DONE)
    if name not in FILES:
        raise Http404
    return FILES[name](found)


def summary(user: User, variant: Variant) -> dict[str, Any]:
    """What the variant's own page shows: its temperature in each campaign, and the chart of the newest measurement."""
    newest = _sweeps(user, variant).filter(status=SweepStatus.DONE).first()
    return {
        "standings": standings(user, variant),
        "temperature_chart": _best_by_temperature(newest) if newest else None,
    }


def _best_by_temperature(sweep: TemperatureSweep) -> LineChart:
    prefetch_related_objects([sweep], "swept")
    found = results.measured(sweep)
    return temperature_charts.best_by_temperature(sweep, found, results.best(sweep, found))


def standings(user: User, variant: Variant) -> list[Standing]:
    """The variant's temperature in each campaign of the person's whose plan has it."""
    return [_standing(campaign, variant) for campaign in _campaigns(user, variant)]


def _standing(campaign: Campaign, variant: Variant) -> Standing:
    lines = [line for line in campaign.sampling_plan.all() if variant.pk in (line.first_id, line.second_id)]
    done = variant.temperature_sweeps.filter(campaign=campaign, status=SweepStatus.DONE)
    sweep = done.select_related("reward_model").first()
    planned = {line.first_temperature if line.first_id == variant.pk else line.second_temperature for line in lines}
    return Standing(
        campaign=campaign,
        planned=sorted(planned),
        sweep=sweep,
        is_used=sweep is not None and planned == {sweep.temperature},
        has_reward_model=actions.reward_model_of(campaign) is not None,
    )


def _campaigns(user: User, variant: Variant) -> QuerySet[Campaign]:
    mine = permissions.campaigns_of(user, Role.MANAGER)
    return mine.filter(pk__in=actions.campaigns_of(variant).values("pk")).prefetch_related("sampling_plan")


def _sweeps(user: User, variant: Variant) -> QuerySet[TemperatureSweep]:
    """The variant's sweeps on prompts of the person's campaigns, the newest first."""
    mine = permissions.campaigns_of(user, Role.MANAGER).values("pk")
    found = TemperatureSweep.objects.filter(variant=variant, campaign__in=mine)
    related = found.select_related("variant", "campaign", "reward_model", "round")
    return related.annotate(done=Count("swept")).order_by("-pk")


def _manager(request: HttpRequest) -> User:
    user = person(request)
    if not permissions.is_manager(user):
        raise NotAllowed(_("Temperatures are for managers."))
    return user


def _requested(request: HttpRequest, user: User, variant: Variant) -> TemperatureSweep:
    campaign = _campaigns(user, variant).filter(slug=request.POST.get("campaign", "").replace("\x00", " ")).first()
    if campaign is None:
        raise InvalidInput(_("Choose the campaign whose prompts are answered."), field="campaign")
    permissions.check_can_manage(user, campaign)
    sizes = {name: number_of(request.POST.get(name, "").strip()) for name in ("answers", "prompts")}
    return actions.request(
        variant=variant, campaign=campaign, by=user, answers=sizes["answers"] or 0, prompts=sizes["prompts"] or 0
    )


def _call(sweep: TemperatureSweep) -> None:
    """Tells a worker now; where the broker is away, the beat finds the sweep later."""
    with contextlib.suppress(OperationalError):
        tasks.tune.apply_async((sweep.pk,), expires=tasks.EXPIRES)


def _progress(sweep: TemperatureSweep) -> dict[str, Any]:
    few = min(sweep.answers, questions.MOST_ANSWERS) * sum(map(len, questions.QUESTIONS.values()))
    each = sweep.answers * len(sweep.prompts) + few
    seconds = list(sweep.swept.values_list("seconds", flat=True))
    done, answered = len(seconds), each * len(seconds) + sweep.answered
    pace = sum(seconds) / (each * done) if done else None  # seconds an answer
    return {
        "sweep": sweep,
        "done": done,
        "each": each,
        "answers": each * len(sweep.grid),
        "answered": answered,
        "left": None if pace is None else pace * (each * len(sweep.grid) - answered),
    }


def _shown(sweeps: list[TemperatureSweep], wanted: str) -> dict[str, Any]:
    """The sweep that was asked for, else the newest that is done, with its charts."""
    done = [sweep for sweep in sweeps if sweep.status == SweepStatus.DONE]
    chosen = next((sweep for sweep in done if str(sweep.pk) == wanted), done[0] if done else None)
    if chosen is None:
        return {"sweep": None}
    prefetch_related_objects([chosen], "swept")  # once: it is megabytes
    found = results.measured(chosen)
    best = results.best(chosen, found)
    swept = list(chosen.swept.all())
    return {
        "sweep": chosen,
        "prompts_used": found.rewards.shape[1],
        "left_out": found.left_out,
        "alike": [f"{point:g}" for point in _alike(found, best)],
        "share": float(best.shares[best.place]),
        "cut_off": sum(one.cut_off for one in swept),
        "remarks": list(dict.fromkeys(remark for one in swept for remark in one.remarks)),
        "weights_hash": swept[0].weights_hash,
        "engine_version": swept[0].engine_version,
        "seconds": sum(one.seconds for one in swept),
        "main_chart": temperature_charts.best_by_temperature(chosen, found, best),
        "charts": [
            temperature_charts.best_by_answers(chosen, found, best),
            temperature_charts.by_answers(chosen, found, best),
        ],
        "self_bleu": temperature_charts.self_bleu(chosen, found, best),
        "is_at_the_end": best.place in (0, len(found.grid) - 1),
    }


def _alike(found: Measured, best: Optimum) -> list[float]:
    """The temperatures that the data cannot tell from T*."""
    places = range(len(found.grid))
    return [float(found.grid[place]) for place in places if best.alike[place] and place != best.place]
