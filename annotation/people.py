"""Pausing a person: whatever they hold goes back at once, and nothing of theirs is lost."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from annotation import leases
from annotation.models import Membership, Role
from preferences import text as texts
from preferences.actions import events
from preferences.errors import NotAllowed
from preferences.models import Campaign

if TYPE_CHECKING:
    from webapp.accounts.models import User

REASON_LIMIT = 500


@transaction.atomic
def pause(*, user: User, reason: str, by: User | None) -> None:
    """Stops the person's work everywhere and takes their leases back; pausing twice is no error."""
    check_can_stop(user, by)
    reason = checked_reason(reason)
    person = leases.alone(user)
    if person.paused_at is not None:
        return
    person.paused_at, person.paused_reason = timezone.now(), reason
    with_new_standing(person, "paused_at", "paused_reason")
    events.record("user.paused", person, by=by, reason=reason)
    leases.take_back(user=person, campaign=None, by=by)


@transaction.atomic
def resume(*, user: User, by: User | None) -> None:
    check_can_stop(user, by)
    person = leases.alone(user)
    if person.paused_at is None:
        return
    person.paused_at, person.paused_reason = None, ""
    with_new_standing(person, "paused_at", "paused_reason")
    events.record("user.resumed", person, by=by)


def can_stop(user: User, by: User) -> bool:
    """Whether `by` decides about the whole account: whoever manages all its campaigns, and never their own."""
    if by.pk == user.pk or by.paused_at is not None:
        return False
    if by.is_superuser:
        return True
    theirs = Campaign.objects.filter(memberships__user=user)
    managed = Membership.objects.filter(user=by, role=Role.MANAGER, paused_at__isnull=True).values("campaign")
    return not user.is_superuser and theirs.exists() and not theirs.exclude(pk__in=managed).exists()


def check_can_stop(user: User, by: User | None) -> None:
    """`by` is None where a rule of the platform acts."""
    if by is None or can_stop(user, by):
        return
    if by.pk == user.pk:
        raise NotAllowed(_("Nobody pauses themselves or ends their own pause. Ask another manager."))
    raise NotAllowed(
        _("%(person)s also works in campaigns that you do not manage. Pause their work in yours.")
        % {"person": user.pseudonym}
    )


def checked_reason(reason: str) -> str:
    return texts.checked(reason, what=_("The reason"), limit=REASON_LIMIT, field="reason")


def with_new_standing(person: User, *changed: str) -> None:
    """Stores the person's row, which the caller holds, so that whoever waits for it asks again what they may do."""
    person.standing = uuid.uuid4()
    person.save(update_fields=[*changed, "standing"])
