"""Reward models: train one on exported batches, watch it, see how well it agrees with people and where it does not."""

from __future__ import annotations

import contextlib
import math
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from kombu.exceptions import OperationalError

from annotation import permissions
from annotation.models import Role
from exports import storage
from exports.models import Export
from preferences.choices import Degree, ExportStatus, JudgmentRole, RewardStatus, Track
from preferences.errors import DomainError, InvalidInput, NotAllowed
from preferences.margins import MARGINS, check_margin
from preferences.models import Batch, Judgment, Variant
from webapp.accounts.models import User
from webapp.errors import status_of
from webapp.pages import reward_charts
from webapp.pages.batch_sight import visible
from webapp.pages.requests import number_of, person
from workers.models import RewardModel
from workers.rewards import actions, alarms, tasks
from workers.rewards.recipe import PAIRS_AT_ONCE, PAIRS_PER_STEP, SEED

SHOWN = 20  # disagreements


@dataclass(frozen=True)
class Disagreement:
    """A held-out pair on which the model is sure of the other response."""

    degree: str
    percent: float  # the model's probability of people's choice
    votes_for: int
    votes_against: int
    batch: str
    judgment: Judgment | None  # None where the reader does not manage its campaign


@require_http_methods(["GET", "POST"])
@login_required
def rewards(request: HttpRequest) -> HttpResponse:
    user, error = _manager(request), None
    if request.method == "POST":
        try:
            return redirect("reward", _started(request, user).pk)
        except DomainError as refused:
            error = refused
    context = {
        "tracks": [_of_track(track) for track in Track],
        "unfinished": RewardModel.objects.exclude(status=RewardStatus.TRAINED),
        "exports": _exports(user),
        "bases": Variant.objects.exclude(location="").order_by("-created_at"),
        "margins": MARGINS,
        "choices": Track.choices,
        "typed": request.POST,
        "chosen": request.POST.getlist("dataset"),
        "pairs_per_step": PAIRS_PER_STEP,
        "seed": SEED,
        "is_manager": True,
        "error": error,
    }
    return render(request, "rewards.html", context, status=status_of(error) if error else 200)


@require_GET
@login_required
def reward(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    user = _manager(request)
    model = get_object_or_404(RewardModel.objects.prefetch_related("evaluations"), pk=pk)
    context = {
        "model": model,
        "left": _time_left(model),
        "sources": _sources(model),
        "recipe": sorted(model.recipe.items()),
        "alarms": [alarm] if (alarm := alarms.alarm_of(model)) else [],
        "is_manager": True,
        **_measured(model, user),
    }
    return render(request, "reward.html", context)


@require_POST
@login_required
def retry(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    user = _manager(request)
    model = get_object_or_404(RewardModel, pk=pk)
    actions.retry(model=model, by=user)
    _call(model)
    return redirect("reward", model.pk)


def _manager(request: HttpRequest) -> User:
    user = person(request)
    if not permissions.is_manager(user):
        raise NotAllowed(_("Reward models are for managers."))
    return user


def _of_track(track: Track) -> dict[str, Any]:
    models = alarms.newest_models(track)
    measured = [model for model in models if alarms.own(model)]
    return {
        "track": track,
        "alarms": alarms.alarms(models),
        "charts": [reward_charts.over_batches(measured, degree) for degree in (None, Degree.SIGNIFICANTLY_BETTER)]
        if measured
        else [],
        "table": reward_charts.newest_first(track, models) if models else None,
    }


def _started(request: HttpRequest, user: User) -> RewardModel:
    chosen = [export for export in _exports(user) if str(export.pk) in request.POST.getlist("dataset")]
    track, margin = request.POST.get("track", ""), request.POST.get("margin", "")
    check_margin(margin)
    if track not in Track.values:
        raise InvalidInput(_("Choose the track that the model is for."), field="track")
    pairs_per_step = _whole(request.POST, "pairs_per_step", PAIRS_PER_STEP, least=1)
    recipe = actions.recipe_of(
        track=track,
        margin=margin,
        epochs=_whole(request.POST, "epochs", 1, least=1),
        pairs_per_step=pairs_per_step,
        pairs_at_once=math.gcd(PAIRS_AT_ONCE, pairs_per_step),
        seed=_whole(request.POST, "seed", SEED),
        learning_rate=_rate(request.POST.get("learning_rate", "").strip()),
    )
    base = request.POST.get("base", "").replace("\x00", "")[:500]
    model = actions.request(base=base, datasets=[export.path for export in chosen], recipe=recipe, by=user)
    _call(model)
    return model


def _whole(typed: Mapping[str, str], name: str, otherwise: int, *, least: int = 0) -> int:
    value = typed.get(name, "").strip()
    number = number_of(value) if value else otherwise
    if number is None or number < least:
        raise InvalidInput(
            _("“%(value)s” is no whole number from %(least)d up.") % {"value": value, "least": least}, field=name
        )
    return number


def _rate(value: str) -> float | None:
    """None where nothing is typed: by the size of the model."""
    if not value:
        return None
    try:
        rate = float(value)
    except ValueError:
        rate = math.nan
    if not 0 < rate < 1:
        raise InvalidInput(_("A learning rate is a number between 0 and 1, such as 1e-5."), field="learning_rate")
    return rate


def _call(model: RewardModel) -> None:
    """Tells a trainer now; where the broker is away, the sweep finds the model later."""
    with contextlib.suppress(OperationalError):
        tasks.train.apply_async((str(model.pk),), expires=tasks.EXPIRES)


def _exports(user: User) -> QuerySet[Export]:
    """The newest ready export of each batch that the person may see; the degree is in it, whatever its margin.

    A training reads its files from a directory: what lies in a bucket is not offered.
    """
    ready = Export.objects.filter(format="trl", status=ExportStatus.READY, batch__in=visible(user))
    ready = ready.exclude(path__startswith=storage.REMOTE)
    newest = ready.order_by("batch_id", "-requested_at").distinct("batch_id").values("pk")
    return Export.objects.filter(pk__in=newest).select_related("batch").order_by("-batch__sealed_at")


def _time_left(model: RewardModel) -> float | None:
    """Seconds, by the pace so far; None before the first step."""
    if model.status != RewardStatus.TRAINING or not model.step or model.started_at is None:
        return None
    gone: timedelta = timezone.now() - model.started_at
    return gone.total_seconds() / model.step * (model.steps - model.step)


def _sources(model: RewardModel) -> list[dict[str, Any]]:
    sources = (model.report or {}).get("datasets", [])
    known = {batch.sha256: batch for batch in Batch.objects.filter(sha256__in=[one["batch_sha256"] for one in sources])}
    return [{**one, "known": known.get(one["batch_sha256"])} for one in sources]


def _measured(model: RewardModel, user: User) -> dict[str, Any]:
    evaluations = list(model.evaluations.all())
    counted = {
        track: reward_charts.total([one for one in evaluations if one.track == track])
        for track in sorted(Track, key=lambda track: track != model.track)
        if any(one.track == track for one in evaluations)
    }
    mine = counted.get(Track(model.track))
    return {
        "mine": mine if mine and mine.total.pairs else None,
        "too_long": sum(one.too_long for one in evaluations),
        "degrees": [reward_charts.by_degree(counts, track) for track, counts in counted.items() if counts.total.pairs],
        "batches": reward_charts.by_batch(evaluations) if len(evaluations) > 1 else None,
        "safety": reward_charts.on_safety(counted[Track.SAFETY])
        if Track.SAFETY in counted and counted[Track.SAFETY].safety
        else None,
        "lines": [reward_charts.calibration(mine), reward_charts.distribution(mine)]
        if mine and mine.total.pairs
        else [],
        "disagreements": _disagreements(model, user),
    }


def _disagreements(model: RewardModel, user: User) -> list[Disagreement]:
    """The surest of its own track, with a judgment to look at where the reader manages the campaign."""
    found = sorted(
        ((one, which.batch) for which in alarms.own(model) for one in which.disagreements),
        key=lambda pair: pair[0]["probability"],
    )[:SHOWN]
    judgments = _judgments([one["comparison"] for one, _batch in found], user)
    return [
        Disagreement(
            degree=str(Degree(one["degree"]).label) if one["degree"] else "",
            percent=100 * one["probability"],
            votes_for=one["votes_for"],
            votes_against=one["votes_against"],
            batch=batch,
            judgment=judgments.get(one["comparison"]),
        )
        for one, batch in found
    ]


def _judgments(keys: Iterable[str], user: User) -> dict[str, Judgment]:
    """The first rating of each comparison, in the campaigns that the person manages."""
    known = []
    for key in keys:
        with contextlib.suppress(ValueError):
            known.append(uuid.UUID(key))
    ratings = Judgment.objects.filter(
        comparison__key__in=known,
        comparison__campaign__in=permissions.campaigns_of(user, Role.MANAGER).values("pk"),
        role=JudgmentRole.RATING,
    )
    found = ratings.select_related("comparison__campaign", "comparison__turn__prompt").order_by("-pk")
    return {str(judgment.comparison.key): judgment for judgment in found}
