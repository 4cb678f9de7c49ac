from __future__ import annotations

from datetime import timedelta
from typing import Any

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from preferences.choices import Position
from tests.factories.dialogues import TurnFactory
from tests.factories.variants import VariantFactory
from workers.engines.base import Completion, EngineInfo
from workers.models import SamplingRun

ENGINE = EngineInfo(engine="scripted", engine_version="7", weights_hash="f" * 64)


class SamplingRunFactory(DjangoModelFactory[SamplingRun]):
    class Meta:
        model = SamplingRun

    turn = factory.SubFactory(TurnFactory)
    position = Position.A
    variant = factory.SubFactory(VariantFactory)
    temperature = 0.7
    top_p = 1.0
    seed = 1000


def completion(text: str, **changed: Any) -> Completion:
    """What an engine returned, without an engine."""
    plain: dict[str, Any] = {
        "prompt_tokens": 5,
        "completion_tokens": 7,
        "finish_reason": "stop",
        "latency_ms": 11,
        "seed": 13,
        "temperature": 0.7,
        "top_p": 1.0,
    }
    return Completion(text=text, **{**plain, **changed})


def lose_lease(run: SamplingRun) -> None:
    """Lets the run's lease run out a second ago, as if its worker had been killed."""
    SamplingRun.objects.filter(pk=run.pk).update(leased_until=timezone.now() - timedelta(seconds=1))
