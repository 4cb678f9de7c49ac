from __future__ import annotations

import hashlib

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from annotation.people import IMPORTED
from preferences.actions import events
from preferences.errors import InvalidInput
from preferences.models import Campaign
from webapp.accounts.models import User


@transaction.atomic
def create(*, username: str, password: str | None, by: User | None, is_superuser: bool = False) -> User:
    """A person's account; without a password nobody can sign in to it."""
    user = User(username=username, is_superuser=is_superuser)
    user.set_password(password) if password else user.set_unusable_password()
    user.save()
    events.record("user.created", user, by=by)
    return user


@transaction.atomic
def choose_language(*, user: User, language: str, by: User) -> None:
    """The language of this person's pages, on every device."""
    check_language(language)
    if user.language == language:  # a double click
        return
    user.language = language
    user.save(update_fields=["language"])
    events.record("user.language_chosen", user, by=by, language=language)


def check_language(language: str) -> None:
    known = dict(settings.LANGUAGES)
    if language not in known:
        raise InvalidInput(
            _("There is no translation into “%(language)s”. Choose one of these: %(known)s.")
            % {"language": language[:20], "known": ", ".join(known.values())},
            field="language",
        )


def imported_annotator(campaign: Campaign, name: str) -> User:
    """The account that stands for an annotator of an import: one for each name and campaign, never to sign in with."""
    digest = hashlib.sha256(f"{campaign.pk}:{name}".encode()).hexdigest()[:16]
    username = f"{IMPORTED}{digest}"
    return User.objects.filter(username=username).first() or create(username=username, password=None, by=None)
