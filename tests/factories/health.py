from __future__ import annotations

from typing import Any

import factory
from factory.django import DjangoModelFactory

from preferences.models import Variant
from tests.factories.variants import VariantFactory
from workers import health
from workers.engines.base import EngineInfo
from workers.engines.probe import Health
from workers.models import HealthCheck

FOUND = EngineInfo(engine="tiny", engine_version="tiny 1", weights_hash="a" * 64, revision="late", context=512)


class HealthCheckFactory(DjangoModelFactory[HealthCheck]):
    class Meta:
        model = HealthCheck

    variant = factory.SubFactory(VariantFactory)


def checked(variant: Variant, *problems: str, warnings: tuple[str, ...] = (), **found: Any) -> HealthCheck:
    """A finished check of the variant, by the real actions and without a model."""
    check = health.request(variant=variant, by=None)
    holder = health.take(check=check)
    assert holder is not None
    told = {"info": None if problems else FOUND, "sample": "" if problems else "The lamp went out.", "seconds": 2.5}
    assert health.finish(
        check=check, holder=holder, health=Health(problems=problems, warnings=warnings, **(told | found))
    )
    return check
