"""Reward models in the record: wanted, taken up under a lease, trained or failed with a reason, measured again."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from preferences import lifecycle
from preferences.actions import events
from preferences.choices import RewardStatus
from preferences.errors import Conflict, InvalidInput
from preferences.text import storable
from workers.models import RewardEvaluation, RewardModel
from workers.rewards.errors import RewardError
from workers.rewards.recipe import Recipe

if TYPE_CHECKING:
    from webapp.accounts.models import User

LEASE = timedelta(minutes=1)
MOST_ATTEMPTS = 3  # trainings that ended without a word: it kills its workers


@transaction.atomic
def request(*, base: str, datasets: Sequence[str], recipe: Recipe, by: User | None, location: str = "") -> RewardModel:
    """Notes that a reward model is wanted; `take` and `finish` are the trainer's.

    Without a location it is written under REWARDS_DIR. Folders are looked at by who trains: they may be of another
    machine.
    """
    if not base.strip():
        raise InvalidInput(_("Name the chat checkpoint to start from."), field="base")
    if not datasets:
        raise InvalidInput(_("Choose at least one exported batch to train on."), field="datasets")
    key = uuid.uuid4()
    location = location or str(Path(settings.REWARDS_DIR) / str(key))
    if RewardModel.objects.filter(location=location).exists():
        raise Conflict(
            _("%(location)s is the folder of another reward model. Name another one.") % {"location": location}
        )
    model = RewardModel.objects.create(
        id=key,
        track=recipe.track,
        base=base.strip(),
        datasets=list(datasets),
        margin=recipe.margin,
        recipe=recipe.as_json(),
        location=location,
        requested_by=by,
    )
    events.record("reward_model.requested", model, by=by, track=model.track, base=model.base, margin=model.margin)
    return model


def recipe_of(**options: Any) -> Recipe:
    """A recipe from what somebody typed."""
    try:
        return Recipe(**options)
    except RewardError as error:
        raise InvalidInput(str(error)) from None


def untrained() -> QuerySet[RewardModel]:
    """Those that nobody trains now: waiting, or held by somebody who gave no sign of life for a while."""
    lost = Q(status=RewardStatus.TRAINING, leased_until__lt=timezone.now())
    return RewardModel.objects.filter(Q(status=RewardStatus.WAITING) | lost).order_by("created_at")


@transaction.atomic
def take(*, model: RewardModel) -> uuid.UUID | None:
    """Leases a model that nobody trains; the holder's key, or None where there is nothing to do."""
    free = untrained().select_for_update(skip_locked=True).filter(pk=model.pk).first()
    if free is None:
        return None
    if free.status == RewardStatus.TRAINING:
        lifecycle.advance(free, RewardStatus.WAITING, holder=None, leased_until=None)
    now, holder = timezone.now(), uuid.uuid4()
    lifecycle.advance(
        free,
        RewardStatus.TRAINING,
        holder=holder,
        leased_until=now + LEASE,
        attempts=free.attempts + 1,
        started_at=now,
        step=0,
        steps=0,
        loss=None,
        reason="",
    )
    if free.attempts > MOST_ATTEMPTS:
        _fail(free, gettext_noop("Its training ended without a word several times."))
        return None
    events.record("reward_model.started", free, by=None, attempt=free.attempts)
    model.refresh_from_db()
    return holder


def note(*, model: RewardModel, holder: uuid.UUID, progress: Mapping[str, Any] | None) -> bool:
    """A sign of life, with how far it is; False where the lease was lost and the training is somebody else's."""
    held = RewardModel.objects.filter(pk=model.pk, holder=holder, status=RewardStatus.TRAINING)
    return held.update(leased_until=timezone.now() + LEASE, **(progress or {})) == 1


@transaction.atomic
def finish(*, model: RewardModel, holder: uuid.UUID, report: Mapping[str, Any]) -> bool:
    """Records a trained model with its evaluations; False, and nothing stored, where the lease was lost."""
    held = RewardModel.objects.select_for_update().get(pk=model.pk)
    if held.holder != holder:
        return False
    lifecycle.advance(
        held,
        RewardStatus.TRAINED,
        holder=None,
        leased_until=None,
        finished_at=timezone.now(),
        weights_sha256=report["weights_sha256"],
        report={name: value for name, value in report.items() if name != "evaluations"},
    )
    events.record("reward_model.trained", held, by=None, weights_sha256=held.weights_sha256)
    measure(model=held, found=report["evaluations"], by=None)
    model.refresh_from_db()
    return True


@transaction.atomic
def fail(*, model: RewardModel, holder: uuid.UUID, reason: str) -> bool:
    held = RewardModel.objects.select_for_update().get(pk=model.pk)
    if held.holder != holder:
        return False
    _fail(held, reason)
    return True


@transaction.atomic
def retry(*, model: RewardModel, by: User | None) -> None:
    """A failed training waits for a worker once more."""
    held = RewardModel.objects.select_for_update().get(pk=model.pk)
    if held.status != RewardStatus.FAILED:  # a double click
        return
    lifecycle.advance(held, RewardStatus.WAITING, attempts=0, finished_at=None)
    events.record("reward_model.retried", held, by=by)


@transaction.atomic
def measure(*, model: RewardModel, found: Iterable[Mapping[str, Any]], by: User | None) -> list[RewardEvaluation]:
    """Records a trained model's evaluations; of a batch that it was measured on before, the first one stays."""
    known = set(model.evaluations.values_list("batch_sha256", "track"))
    new = [RewardEvaluation(model=model, **one) for one in found if (one["batch_sha256"], one["track"]) not in known]
    for one in RewardEvaluation.objects.bulk_create(new):
        events.record("reward_model.measured", model, by=by, batch=one.batch, track=one.track)
    return new


def _fail(model: RewardModel, reason: str) -> None:
    lifecycle.advance(
        model,
        RewardStatus.FAILED,
        holder=None,
        leased_until=None,
        finished_at=timezone.now(),
        reason=storable(reason)[:300],
    )
    events.record("reward_model.failed", model, by=None, reason=model.reason)
