"""People as commands name them."""

from __future__ import annotations

from django.core.management.base import CommandError
from django.db.models import Q

from webapp.accounts.models import User


def person_called(words: str, *, otherwise: str) -> User:
    """By e-mail address, user name or pseudonym; `otherwise` says what did not happen where that is nobody."""
    same = Q(email__iexact=words) | Q(username=words) | Q(pseudonym=words)
    found = list(User.objects.filter(same)) if words else []
    if len(found) != 1:
        raise CommandError(f"There {'is nobody' if not found else 'are several people'} called “{words}”. {otherwise}")
    return found[0]
