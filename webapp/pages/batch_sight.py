"""Which batches somebody may open."""

from __future__ import annotations

import uuid
from functools import cache

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from annotation import permissions
from annotation.models import Role
from preferences.models import Batch, Comparison
from webapp.accounts.models import User

LEAVES = [Role.MANAGER, Role.ENGINEER]


def visible(user: User) -> QuerySet[Batch]:
    """Batches all of whose campaigns the user manages or engineers, those of what was erased too; none while paused."""
    of = permissions.check_at_work_in(user, *LEAVES, otherwise=_("Batches are for managers and engineers."))
    if user.is_superuser:
        return Batch.objects.all()
    mine = set(of.values_list("pk", flat=True))
    every = Batch.objects.values_list("pk", flat=True)
    return Batch.objects.filter(pk__in=[pk for pk in every if _campaigns(pk) <= mine])


@cache
def _campaigns(pk: uuid.UUID) -> frozenset[int]:
    """Looked up once by each process: it takes a while for a large batch, and a sealed one never changes."""
    name = Batch.objects.filter(pk=pk).values("name")
    campaigns = Comparison.objects.filter(batch_items__batch__name__in=name).order_by()
    return frozenset(campaigns.values_list("campaign", flat=True).distinct())
