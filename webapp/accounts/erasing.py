"""An account whose person was erased: a number that events name, and nobody who could sign in."""

from __future__ import annotations

import uuid
from itertools import chain, count

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession

from preferences.actions import events
from preferences.erasing import Erasing, without
from preferences.models import Event
from webapp.accounts.models import AccessToken, User, new_pseudonym
from webapp.api.models import StoredAnswer

PREFIX = "erased-"


def take_out(under_way: Erasing) -> None:
    """Name, addresses and ways to sign in; who met the pseudonym meets another one now."""
    if (who := under_way.person) is None:
        return
    person = User.objects.get(pk=who.pk)
    blank = {
        "username": _free_name(person),
        "first_name": "",
        "last_name": "",
        "email": "",
        "vendor": "",
        "locale": "",
        "language": "",
        "paused_reason": "",
    }
    for name in blank:
        if (value := getattr(person, name)) != blank[name] and value:
            under_way.leave({f"user:{person.pk}": value}, name)
        setattr(person, name, blank[name])
    tokens = [f"accesstoken:{pk}" for pk in AccessToken.objects.filter(user=person).values_list("pk", flat=True)]
    under_way.blank(Event.objects.filter(subject__in=tokens), "data", to=without("name"))
    if not under_way.counts:
        return
    person.paused_at, person.standing, person.pseudonym = None, uuid.uuid4(), new_pseudonym()
    person.is_active = person.is_superuser = person.is_staff = False
    person.set_unusable_password()
    person.save()
    for session in UserSession.objects.filter(user=person):
        session.end()
    EmailAddress.objects.filter(user=person).delete()
    AccessToken.objects.filter(user=person).delete()
    StoredAnswer.objects.filter(user=person).delete()
    Authenticator.objects.filter(user=person).delete()
    events.record("user.erased", person, by=under_way.erasure.by)


def _free_name(person: User) -> str:
    """The same for one person each time; with a further number where somebody else bears it."""
    names = chain([f"{PREFIX}{person.pk}"], (f"{PREFIX}{person.pk}-{number}" for number in count(2)))
    return next(name for name in names if not User.objects.filter(username=name).exclude(pk=person.pk).exists())
