"""Who belongs to a campaign, and as what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from annotation.models import Membership, Role
from preferences.actions import events
from preferences.models import Campaign

if TYPE_CHECKING:
    from webapp.accounts.models import User


@transaction.atomic
def add(*, user: User, campaign: Campaign, role: Role, by: User | None) -> Membership:
    """Gives the user a role in the campaign; having it already is no error."""
    membership, created = Membership.objects.get_or_create(user=user, campaign=campaign, role=role)
    if created:
        events.record("membership.added", membership, by=by, campaign=campaign, user=user.pk, role=role)
    return membership
