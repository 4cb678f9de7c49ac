from __future__ import annotations

import factory
from factory.django import DjangoModelFactory

from preferences.models import Response
from tests.factories.dialogues import TurnFactory
from tests.factories.variants import VariantFactory


class ResponseFactory(DjangoModelFactory[Response]):
    """A sampled text with its full provenance."""

    class Meta:
        model = Response

    turn = factory.SubFactory(TurnFactory)
    variant = factory.SubFactory(VariantFactory)
    text = factory.Sequence(lambda n: f"Because of scattering, answer {n}.")
    temperature = 0.7
    top_p = 0.95
    seed = factory.Sequence(lambda n: n)
    prompt_tokens = 12
    completion_tokens = 34
    finish_reason = "stop"
    latency_ms = 56
    engine = "tiny"
    engine_version = "1"
    weights_hash = "0" * 64
