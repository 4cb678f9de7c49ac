"""Access tokens: made by the person for whom they act, shown once, ended by a date or by hand."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import timedelta
from functools import cache

from django.db import transaction
from django.db.models import CharField, DateTimeField, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from preferences import text as texts
from preferences.actions import events
from preferences.errors import Conflict, InvalidInput, NotAllowed
from preferences.prepared import Given, Kept
from webapp.accounts import second_steps
from webapp.accounts.models import AccessToken, Scope, User

PREFIX = "margin_"  # scanners of leaked secrets know it by this
MOST_DAYS = 365
MOST_TOKENS = 100
MINUTE = timedelta(minutes=1)


@transaction.atomic
def issue(*, user: User, name: str, scopes: Sequence[str], days: int | None, by: User) -> tuple[AccessToken, str]:
    """The token's record and the token, which nobody can ask for a second time."""
    if user != by:
        raise NotAllowed(_("A token is made by the person for whom it acts."))
    second_steps.check(user)
    name = texts.checked(name, what=_("The name"), limit=100, field="name")
    if not scopes or set(scopes) - set(Scope.values):
        raise InvalidInput(_("Choose what the token may do: at least one of the list."), field="scopes")
    if days is None or not 1 <= days <= MOST_DAYS:
        raise InvalidInput(
            _("Write for how many days the token lasts: a whole number from 1 to %(most)d.") % {"most": MOST_DAYS},
            field="days",
        )
    now = timezone.now()
    User.objects.select_for_update(no_key=True).get(pk=user.pk)  # two at once are counted
    if standing(user).count() >= MOST_TOKENS:
        raise Conflict(_("You have %(most)d tokens already. Revoke one that you do not need.") % {"most": MOST_TOKENS})
    plain = PREFIX + secrets.token_urlsafe(32)
    token = AccessToken.objects.create(
        user=user,
        name=name,
        sha256=hashed(plain),
        hint=plain[-4:],
        scopes=sorted(set(scopes)),
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    events.record("token.issued", token, by=by, name=name, scopes=token.scopes, days=days)
    return token, plain


@transaction.atomic
def revoke(*, token: AccessToken, by: User) -> None:
    """Revoking twice is no error."""
    held = AccessToken.objects.select_for_update(no_key=True).get(pk=token.pk)
    if held.user_id != by.pk and not by.is_superuser:
        raise NotAllowed(_("A token is revoked by the person for whom it acts."))
    if held.revoked_at is None:
        held.revoked_at = timezone.now()
        held.save(update_fields=["revoked_at"])
        events.record("token.revoked", held, by=by, name=held.name)


def find(plain: str) -> AccessToken | None:
    """The token that still acts, of a person whose account is open; its use is noted, to the minute."""
    now = timezone.now()
    token = _acting().first({"sha256": hashed(plain), "now": now})
    if token is not None and (token.used_at is None or token.used_at < now - MINUTE):
        AccessToken.objects.filter(Q(used_at=None) | Q(used_at__lt=now - MINUTE), pk=token.pk).update(used_at=now)
    return token


@cache
def _acting() -> Kept[AccessToken]:
    tokens = AccessToken.objects.select_related("user").filter(
        sha256=Given("sha256", CharField()),
        revoked_at=None,
        expires_at__gt=Given("now", DateTimeField()),
        user__is_active=True,
    )
    return Kept(tokens.order_by("pk")[:1])


def standing(user: User) -> QuerySet[AccessToken]:
    """The person's tokens that still act."""
    return AccessToken.objects.filter(user=user, revoked_at=None, expires_at__gt=timezone.now())


def hashed(plain: str) -> str:
    """One round of SHA-256: 256 random bits cannot be guessed, however fast the guesses are checked."""
    return hashlib.sha256(plain.encode()).hexdigest()
