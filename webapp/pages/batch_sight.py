"""Which batches somebody may open."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from annotation import permissions
from annotation.models import Role
from preferences.errors import NotAllowed
from preferences.models import Batch, Campaign
from webapp.accounts.models import User

LEAVES = [Role.MANAGER, Role.ENGINEER]


def visible(user: User) -> QuerySet[Batch]:
    """Batches all of whose campaigns the user manages or engineers."""
    mine = permissions.campaigns_of(user, *LEAVES)
    if not user.is_superuser and not mine.exists():
        raise NotAllowed(_("Batches are for managers and engineers."))
    foreign = Campaign.objects.exclude(pk__in=mine.values("pk"))
    return Batch.objects.exclude(items__comparison__campaign__in=foreign)
