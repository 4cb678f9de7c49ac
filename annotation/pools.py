"""For whom a pool's comparisons are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from annotation import permissions
from annotation.models import PoolMember, Role
from preferences.actions import events
from preferences.errors import Conflict
from preferences.models import Pool

if TYPE_CHECKING:
    from webapp.accounts.models import User


@transaction.atomic
def add(*, pool: Pool, annotator: User, by: User) -> None:
    """From now on the pool's comparisons come to this person first; adding somebody twice is no error."""
    if not permissions.has_role(annotator, pool.campaign, Role.ANNOTATOR):
        raise Conflict(
            _("%(person)s is no annotator of “%(campaign)s”. Make them one on the people page, then add them here.")
            % {"person": annotator.pseudonym, "campaign": pool.campaign}
        )
    member, created = PoolMember.objects.get_or_create(pool=pool, annotator=annotator)
    if created:
        events.record("pool.member_added", member, by=by, campaign=pool.campaign, user=annotator.pk)


@transaction.atomic
def remove(*, pool: Pool, annotator: User, by: User) -> None:
    """What the person holds stays theirs; removing somebody twice is no error."""
    member = PoolMember.objects.filter(pool=pool, annotator=annotator).first()
    if member is not None:
        events.record("pool.member_removed", member, by=by, campaign=pool.campaign, user=annotator.pk)
        member.delete()
