"""Visits to the page of the machines, and to what an annotator sees without any, by a reader of another language."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from preferences.choices import Track
from preferences.models import Campaign, Variant
from tests import factories
from tests.webapp.visiting import TEXTS, annotator
from webapp.accounts.models import User
from webapp.pages.machines import WORDS
from workers import actions, recording


def visits(
    a_campaign: Callable[..., Campaign], get: Callable[..., Any], reader: Callable[[User], Client]
) -> dict[str, Callable[[], Any]]:
    campaign, attacked = a_campaign("machines"), factories.red_team_campaign(slug="machines-attacked", name="水果")
    author = annotator(campaign)
    waiting, failed = (factories.turn(campaign, text=TEXTS["text"], by=author) for _ in range(2))
    actions.request_pair(turn=failed, by=author)
    for run in failed.sampling_runs.all():
        holder, runs = actions.claim(variant=run.variant, limit=1)
        recording.fail(run=runs[0], holder=holder, reason="The model returned an empty answer.")
    actions.request_pair(turn=waiting, by=author)
    Variant.objects.filter(sampling_runs__turn=waiting).update(queue="nowhere")
    attacker = factories.annotator(attacked)
    attack = factories.attack(attacked, by=attacker, text=TEXTS["text"])
    actions.request_one(turn=attack, by=attacker)
    Variant.objects.filter(sampling_runs__turn=attack).update(queue="nowhere")
    _workers(waiting.sampling_runs.all()[0].variant)
    answered = factories.comparison(campaign, text=TEXTS["text"])
    manager = reader(factories.manager(campaign))
    return {
        "machines": get(manager, "/machines/?again=2"),
        "how responses were made": get(manager, f"/variants/{answered.response_a.variant_id}/responses/"),
        "no response was made": get(manager, f"/variants/{factories.variant().pk}/responses/"),
        "the machines are not for annotators": get(reader(author), "/machines/"),
        "the models are away": get(reader(author), f"/turns/{waiting.pk}/"),
        "the model is away": get(reader(attacker), f"/attacks/{attack.dialogue_id}/"),
    }


def _workers(variant: Variant) -> None:
    """One for everything that a worker can do."""
    factories.worker(
        variant=variant, runs=3, loaded=[variant.pk], device="NVIDIA H100", memory_used=2**36, memory_total=2**37
    )
    factories.worker(reward_model=factories.reward_model(Track.SAFETY, base="/1"))
    for task in (*WORDS, "annotation.tasks.draw_reviews"):
        factories.worker(task=task)
    factories.worker()
    factories.worker(seen_at=timezone.now() - timedelta(minutes=5))
