"""Invitations: the only way to an account. A link is used once, by whoever has it, until it ends or is withdrawn."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from annotation import memberships, people, permissions
from annotation.models import Invitation, InvitedRole, Role
from preferences import text as texts
from preferences.actions import events
from preferences.errors import Conflict, InvalidInput
from preferences.models import Campaign

if TYPE_CHECKING:
    from webapp.accounts.models import User

LASTS = timedelta(days=7)
EMAIL_LIMIT = 254


class InvitationOver(Conflict):
    """The link leads nowhere any more."""

    code = "invitation_over"


@transaction.atomic
def invite(
    *,
    roles: Sequence[tuple[Campaign, Role]],
    by: User | None,
    email: str = "",
    vendor: str = "",
    locale: str = "",
) -> tuple[Invitation, str]:
    """The invitation and its token, which nobody can ask for a second time; `by` is None from the command line."""
    if not roles:
        raise InvalidInput(_("Choose at least one role in one campaign."), field="roles")
    if by is not None:
        for campaign in {campaign for campaign, _role in roles}:
            permissions.check_can_manage(by, campaign)
    described: dict[str, Any] = people.described_as(vendor, locale)
    token, now = secrets.token_urlsafe(32), timezone.now()
    made = Invitation.objects.create(
        token_hash=hashed(token),
        email=checked_email(email),
        invited_by=by,
        invited_at=now,
        expires_at=now + LASTS,
        **described,
    )
    InvitedRole.objects.bulk_create(
        InvitedRole(invitation=made, campaign=campaign, role=role) for campaign, role in dict.fromkeys(roles)
    )
    words = [f"{campaign.slug}:{role}" for campaign, role in roles]
    events.record("invitation.sent", made, by=by, roles=words)
    return made, token


@transaction.atomic
def withdraw(*, invitation: Invitation, by: User) -> None:
    """Withdrawing twice is no error; what was accepted cannot be withdrawn."""
    held = Invitation.objects.select_for_update().get(pk=invitation.pk)
    for role in held.roles.select_related("campaign"):
        permissions.check_can_manage(by, role.campaign)
    if held.accepted_at is not None:
        raise Conflict(_("This invitation was accepted meanwhile. Take the roles away from the person instead."))
    if held.withdrawn_at is not None:
        return
    held.withdrawn_at = timezone.now()
    held.save(update_fields=["withdrawn_at"])
    events.record("invitation.withdrawn", held, by=by)


@transaction.atomic
def accept(*, token: str, user: User) -> Invitation:
    """Gives the user all that the invitation holds, once; the caller may have made the account in this transaction."""
    held = find(token, lock=True)
    if held.accepted_by_id == user.pk:  # a double click
        return held
    check_open(held)
    held.accepted_by, held.accepted_at = user, timezone.now()
    held.save(update_fields=["accepted_by", "accepted_at"])
    for invited in held.roles.select_related("campaign").order_by("pk"):
        memberships.add(user=user, campaign=invited.campaign, role=Role(invited.role), by=held.invited_by)
    events.record("invitation.accepted", held, by=user)
    return held


def find(token: str, *, lock: bool = False) -> Invitation:
    # Nothing is joined: who accepted it while the lock was waited for is read after that.
    rows = Invitation.objects.select_for_update() if lock else Invitation.objects.all()
    found = rows.filter(token_hash=hashed(token)).first()
    if found is None:
        raise InvitationOver(_("This link leads to no invitation. Copy the whole link, or ask for a new one."))
    return found


def check_open(invitation: Invitation) -> None:
    if invitation.accepted_at is not None:
        raise InvitationOver(_("This invitation was used already. Sign in with the account that it made."))
    if invitation.withdrawn_at is not None:
        raise InvitationOver(_("This invitation was withdrawn. Ask who sent it to you for a new one."))
    if invitation.expires_at <= timezone.now():
        raise InvitationOver(_("This invitation has ended: it was good for 7 days. Ask who sent it for a new one."))
    if not _sender_manages(invitation):
        raise InvitationOver(
            _("Who sent this invitation does not manage its campaigns now. Ask another manager for a new one.")
        )


def _sender_manages(invitation: Invitation) -> bool:
    """Whether it could be sent now: a manager who was paused or removed lets nobody in, least of all themselves."""
    sender = invitation.invited_by
    if sender is None:
        return True
    roles = invitation.roles.select_related("campaign")
    return all(permissions.has_role(sender, role.campaign, Role.MANAGER) for role in roles)


def waiting(by: User) -> QuerySet[Invitation]:
    """Those that nobody has accepted or withdrawn, of campaigns that the manager manages, all of them."""
    foreign = Campaign.objects.exclude(pk__in=permissions.managed_by(by).order_by().values("pk"))
    elsewhere = InvitedRole.objects.filter(invitation=OuterRef("pk"), campaign__in=foreign)
    found = Invitation.objects.filter(~Exists(elsewhere), accepted_at__isnull=True, withdrawn_at__isnull=True)
    return found.order_by("-pk").prefetch_related("roles__campaign").select_related("invited_by")


def checked_email(email: str) -> str:
    email = texts.checked(email, what=_("The e-mail address"), limit=EMAIL_LIMIT, field="email", empty=True)
    try:
        if email:
            validate_email(email)
    except ValidationError:
        raise InvalidInput(_("This is no e-mail address. Correct it, or leave it empty."), field="email") from None
    return email


def hashed(token: str) -> str:
    # The token is random and long, so that a fast hash without salt is enough.
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
