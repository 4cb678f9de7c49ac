"""People as their managers see them: who they are, where they come from, and whether their work is paused."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from annotation import leases, permissions
from annotation.models import Membership
from preferences import text as texts
from preferences.actions import events
from preferences.errors import InvalidInput, NotAllowed
from preferences.models import Campaign
from preferences.models.constraints import LOCALE

if TYPE_CHECKING:
    from webapp.accounts.models import User

REASON_LIMIT = 500
VENDOR_LIMIT = 100
LOCALE_LIMIT = 35
IMPORTED = "imported-"  # how the names of accounts begin that stand for annotators of an import


def managed_by(by: User) -> QuerySet[User]:
    """The people whom `by` may look at: those of their campaigns; a superuser sees everybody who can sign in."""
    people = get_user_model().objects.order_by("pseudonym")
    if by.is_superuser and by.paused_at is None:
        return people.exclude(username__startswith=IMPORTED)
    theirs = Membership.objects.filter(campaign__in=permissions.managed_by(by).order_by())
    return people.filter(pk__in=theirs.values("user"))


@transaction.atomic
def describe(*, user: User, vendor: str, locale: str, by: User) -> None:
    """Where the person comes from: the firm or platform, and the language and country that they work in."""
    if not managed_by(by).filter(pk=user.pk).exists():
        raise NotAllowed(_("Only a manager of one of their campaigns may do this."))
    described: dict[str, Any] = described_as(vendor, locale)
    person = leases.alone(user)
    before = {"vendor": person.vendor, "locale": person.locale}
    if described == before:
        return
    get_user_model().objects.filter(pk=person.pk).update(**described)
    events.record("user.described", person, by=by, before=before, after=described)


def described_as(vendor: str, locale: str) -> dict[str, str]:
    """Both as they can be stored."""
    vendor = texts.checked(vendor, what=_("The vendor"), limit=VENDOR_LIMIT, field="vendor", empty=True)
    locale = texts.checked(locale, what=_("The locale"), limit=LOCALE_LIMIT, field="locale", empty=True)
    if locale and not re.fullmatch(LOCALE, locale):
        raise InvalidInput(_("Write the locale as a language tag, for example en-US or zh-CN."), field="locale")
    return {"vendor": vendor, "locale": locale}


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
    foreign = theirs.exclude(pk__in=permissions.managed_by(by).order_by().values("pk"))
    return not user.is_superuser and theirs.exists() and not foreign.exists()


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
