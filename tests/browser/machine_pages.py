"""The machines in each of their states, as managers see them, and the waiting pages of people when there are none."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from django.utils import timezone

from preferences.choices import Track
from preferences.models import Campaign, Variant
from tests import factories
from tests.workers.helpers import ENGINE, completion
from webapp.accounts.models import User
from workers import actions, recording
from workers.models import SamplingRun

UNBROKEN = "x" * 120


def at_work(campaign: Campaign) -> None:
    """Two variants on two GPUs that answer; nothing that is out of the ordinary."""
    pair = [factories.variant(f"rlhf-v{number}", iteration=f"RLHF-V{number}") for number in (3, 4)]
    factories.sampling_plan(campaign, first=pair[0], second=pair[1])
    for _ in range(20):
        actions.request_pair(turn=factories.turn(campaign), by=None)
    long_ago = timezone.now() - timedelta(days=3)
    for number, variant in enumerate(pair):
        _answer(variant, 12 + number, sure=True)
        actions.claim(variant=variant, limit=4 - number)
        factories.worker(
            name=f"gpu{number}@node-1", host="node-1", device="NVIDIA H100 80GB HBM3", loaded=[variant.pk],
            memory_used=(31 + number) * 2**30, memory_total=80 * 2**30, started_at=long_ago,
            since=timezone.now() - timedelta(seconds=3), task="workers.tasks.sample", variant=variant, runs=4 - number,
        )  # fmt: skip
    factories.worker(name="files@node-2", host="node-2", queues=["celery", "export"], started_at=long_ago)


def machines(campaign: Campaign, author: User) -> list[str]:
    turns = [factories.turn(campaign, by=author) for _ in range(12)]
    for turn in turns:
        actions.request_pair(turn=turn, by=author)
    first, second = Variant.objects.filter(sampling_runs__turn__in=turns).distinct().order_by("pk")
    _answer(first, 6)
    holder, runs = actions.claim(variant=first, limit=1)
    recording.fail(run=runs[0], holder=holder, reason=f"There is no model at /models/{UNBROKEN}.")
    actions.put_back(holder=actions.claim(variant=first, limit=1)[0], reason=f"No {UNBROKEN} answers.", told="")
    Variant.objects.filter(pk=second.pk).update(queue="big")
    _workers(first)
    return [
        "/machines/",
        f"/variants/{first.pk}/responses/",
        f"/variants/{second.pk}/responses/",
        f"/turns/{turns[11].pk}/",
    ]


def _answer(variant: Variant, count: int, *, sure: bool = False) -> None:
    for number in range(count):
        holder, runs = actions.claim(variant=variant, limit=1)
        brought = replace(
            completion(f"{variant} {number}."),
            completion_tokens=250,
            latency_ms=4000,
            unconfirmed=() if sure else ("seed",),
        )
        recording.record(run=runs[0], holder=holder, completion=brought, engine=ENGINE)
        asked_at = timezone.now() - timedelta(seconds=5 + number)
        SamplingRun.objects.filter(pk=runs[0].pk).update(created_at=asked_at)


def _workers(variant: Variant) -> None:
    gpu = {"device": "NVIDIA H100 80GB HBM3", "memory_total": 80 * 2**30}
    minutes_ago = timezone.now() - timedelta(minutes=7)
    factories.worker(
        name="gpu0@node-1", task="workers.tasks.sample", variant=variant, runs=32, loaded=[variant.pk],
        queues=["sample", "gpu"], memory_used=61 * 2**30, **gpu,
    )  # fmt: skip
    model = factories.reward_model(Track.SAFETY)
    factories.worker(
        name="gpu1@node-1", reward_model=model, since=minutes_ago, queues=["gpu"], memory_used=9**11, **gpu
    )
    factories.worker(name=f"files@{UNBROKEN}", host=UNBROKEN, task="exports.tasks.write", queues=["export", "celery"])
    factories.worker(name="idle@node-2", device="CPU", since=minutes_ago, started_at=timezone.now() - timedelta(days=3))
    factories.worker(name="lost@node-3", seen_at=minutes_ago)
