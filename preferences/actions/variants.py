from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from preferences import lifecycle
from preferences.actions import events
from preferences.choices import VariantStatus
from preferences.errors import Conflict
from preferences.models import Variant

if TYPE_CHECKING:
    from webapp.accounts.models import User

IMPORTED = "imported"


@transaction.atomic
def register(*, name: str, engine: str, by: User | None, **settings: Any) -> Variant:
    """Registers a variant, or finds the one of this name; refuses a name that stands for another model."""
    variant, created = Variant.objects.get_or_create(name=name, defaults={"engine": engine, **settings})
    if variant.engine != engine or variant.location != settings.get("location", variant.location):
        raise Conflict(
            _("“%(name)s” is the name of another variant (%(engine)s); choose another name.")
            % {"name": name, "engine": variant.engine}
        )
    if created:
        events.record("variant.registered", variant, by=by, name=name, engine=engine)
    return variant


@transaction.atomic
def retire(*, variant: Variant, by: User | None) -> None:
    lifecycle.advance(variant, VariantStatus.RETIRED)
    events.record("variant.retired", variant, by=by, name=variant.name)
