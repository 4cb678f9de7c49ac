"""How a person wants to be looked after: risk categories they never get, the veil, the break reminder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from annotation.models import Care
from annotation.models.care import MOST_BREAK_MINUTES
from preferences.actions import events
from preferences.choices import RiskCategory
from preferences.errors import InvalidInput

if TYPE_CHECKING:
    from webapp.accounts.models import User


def care_of(user: User) -> Care:
    return Care.objects.filter(annotator=user).first() or Care(annotator=user)


@transaction.atomic
def choose(*, user: User, opted_out: Sequence[str], veil: bool, break_minutes: int | None, by: User) -> Care:
    """Stores the person's settings; the queue respects them from the next claim on."""
    if any(word not in RiskCategory.values for word in opted_out):
        raise InvalidInput(_("One of the risk categories does not exist. Choose among those shown."), field="opted_out")
    if break_minutes is None or not 0 <= break_minutes <= MOST_BREAK_MINUTES:
        raise InvalidInput(
            _("Write the minutes until a break as a whole number from 0 (no reminder) to %(most)d.")
            % {"most": MOST_BREAK_MINUTES},
            field="break_minutes",
        )
    chosen: dict[str, Any] = {"opted_out": sorted(set(opted_out)), "veil": veil, "break_minutes": break_minutes}
    before = {name: getattr(care_of(user), name) for name in chosen}
    care, _created = Care.objects.update_or_create(annotator=user, defaults=chosen)
    events.record("care.chosen", care, by=by, before=before, after=chosen)
    return care
