"""Who belongs to a campaign, and as what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from annotation import leases, people, permissions
from annotation.models import Membership, Role
from preferences.actions import events
from preferences.errors import Conflict, NotAllowed
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


@transaction.atomic
def remove(*, membership: Membership, by: User) -> None:
    """Takes the role away, and the leases with it; a campaign keeps its last manager."""
    campaign = membership.campaign
    permissions.check_can_manage(by, campaign)
    if membership.paused_at is not None:
        _check_not_own(membership, by)
    person = leases.alone(membership.user)
    # All of them are held, so that of two managers who remove each other the second finds that they are alone.
    managers = list(Membership.objects.select_for_update().filter(campaign=campaign, role=Role.MANAGER).order_by("pk"))
    if [manager.pk for manager in managers] == [membership.pk]:
        raise Conflict(
            _("“%(campaign)s” would have no manager any more. Make somebody else its manager first.")
            % {"campaign": campaign}
        )
    told = events.event(
        "membership.removed", membership, by=by, campaign=campaign, user=person.pk, role=membership.role
    )
    if Membership.objects.filter(pk=membership.pk).delete()[0] == 0:  # a double click
        return
    events.record_all([told])
    _stop(person, membership, by)


@transaction.atomic
def pause(*, membership: Membership, reason: str, by: User | None) -> None:
    """Stops the person's work in this role and takes their leases of the campaign back; pausing twice is no error.

    `by` is None where a rule of the platform acts.
    """
    _check_not_own(membership, by)
    reason = people.checked_reason(reason)
    person, held = _held(membership)
    if held.paused_at is not None:
        return
    held.paused_at, held.paused_reason = timezone.now(), reason
    held.save(update_fields=["paused_at", "paused_reason"])
    events.record("membership.paused", held, by=by, campaign=held.campaign, user=person.pk, reason=reason)
    _stop(person, held, by)


@transaction.atomic
def resume(*, membership: Membership, by: User | None) -> None:
    _check_not_own(membership, by)
    person, held = _held(membership)
    if held.paused_at is None:
        return
    held.paused_at, held.paused_reason = None, ""
    held.save(update_fields=["paused_at", "paused_reason"])
    people.with_new_standing(person)
    events.record("membership.resumed", held, by=by, campaign=held.campaign, user=person.pk)


def paused(campaign: Campaign) -> QuerySet[Membership]:
    """The campaign's annotators who may not work now, with why: what reviewers are told."""
    stopped = campaign.memberships.filter(role=Role.ANNOTATOR, paused_at__isnull=False)
    return stopped.select_related("user").order_by("-paused_at")


def _held(membership: Membership) -> tuple[User, Membership]:
    """The person's row and the membership's, held in this order."""
    person = leases.alone(membership.user)
    held = Membership.objects.select_for_update(no_key=True, of=("self",)).select_related("campaign")
    found = held.filter(pk=membership.pk).first()
    if found is None:
        raise Conflict(_("This role was taken away meanwhile. Load the page again."))
    return person, found


def _stop(person: User, membership: Membership, by: User | None) -> None:
    people.with_new_standing(person)
    if membership.role == Role.ANNOTATOR:
        leases.take_back(user=person, campaign=membership.campaign, by=by)


def _check_not_own(membership: Membership, by: User | None) -> None:
    if by is None:
        return
    permissions.check_can_manage(by, membership.campaign)
    if by.pk == membership.user_id:
        raise NotAllowed(_("Nobody pauses themselves or ends their own pause. Ask another manager."))
