"""Whether accuracy falls on the newest batch: the paper's reason to collect fresh data and to train anew."""

from __future__ import annotations

from dataclasses import dataclass

from preferences.choices import RewardStatus
from preferences.stats import Interval
from preferences.text import by_number
from workers.models import RewardEvaluation, RewardModel
from workers.rewards.evaluation import falls

LOOKED_AT = 4  # the newest models of a track


@dataclass(frozen=True)
class Alarm:
    model: RewardModel
    batch: str
    newest: Interval
    batch_before: str
    before: Interval


def newest_models(track: str) -> list[RewardModel]:
    """The trained models of a track with their evaluations, the newest first."""
    trained = RewardModel.objects.filter(track=track, status=RewardStatus.TRAINED).prefetch_related("evaluations")
    return list(trained.order_by("-finished_at")[:LOOKED_AT])


def own(model: RewardModel) -> list[RewardEvaluation]:
    """A model's evaluations on its own track, by batch, the oldest first."""
    found = [one for one in model.evaluations.all() if one.track == model.track and one.counted.total.pairs]
    return sorted(found, key=lambda one: (one.week, by_number(one.batch)))


def alarm_of(model: RewardModel) -> Alarm | None:
    """Compares a model's two newest batches: the rule is `evaluation.falls`."""
    if len(found := own(model)) < 2:
        return None
    before, newest = (one.counted.total.accuracy for one in found[-2:])
    if not falls(before, newest):
        return None
    return Alarm(model, found[-1].batch, newest, found[-2].batch, before)


def alarms(models: list[RewardModel]) -> list[Alarm]:
    """Of models of one track, the newest that falls on its newest batch: what was found of older batches is over."""
    measured = {model.pk: own(model) for model in models}
    newest = max(((one[-1].week, one[-1].batch) for one in measured.values() if one), default=None)
    current = [model for model in models if measured[model.pk] and _place(measured[model.pk][-1]) == newest]
    return [alarm for model in current if (alarm := alarm_of(model)) is not None][:1]


def _place(one: RewardEvaluation) -> tuple[str, str]:
    return one.week, one.batch
