"""Celery's part of training, on the queue `gpu`. A lost or doubled message costs nothing: the rows are the queue."""

from __future__ import annotations

import uuid

from celery import shared_task

from workers.models import RewardModel, ScoringOrder
from workers.rewards import actions, scores, work

LONGEST = 14 * 24 * 3600  # seconds; a training has no natural end that fits every model
LONGEST_SCORING = 3600  # seconds
EXPIRES = 30


@shared_task(soft_time_limit=LONGEST, time_limit=LONGEST)
def train(model_id: str) -> None:
    """Trains a model that nobody trains. A second delivery, which comes while it runs, finds it held."""
    work.train(RewardModel.objects.get(pk=uuid.UUID(model_id)))


@shared_task(soft_time_limit=LONGEST_SCORING, time_limit=LONGEST_SCORING + 60)
def score(order_id: str) -> None:
    """Scores what an order asks for. A second delivery, which comes while it runs, finds it held."""
    work.score(ScoringOrder.objects.select_related("model").get(pk=uuid.UUID(order_id)))


@shared_task
def sweep() -> None:
    """Every half minute: calls a worker for models and scores that wait or were lost."""
    scores.expire()
    for key in scores.unfinished().values_list("pk", flat=True):
        score.apply_async((str(key),), expires=EXPIRES)
    for key in actions.untrained().values_list("pk", flat=True):
        train.apply_async((str(key),), expires=EXPIRES)
