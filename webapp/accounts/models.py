"""People. Everywhere but on the manager's people page a person is known by a pseudonym."""

from __future__ import annotations

import secrets
import uuid

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q

from preferences.models.constraints import LOCALE, paused_for_a_reason

_QUALITIES = (
    "amber",
    "brisk",
    "calm",
    "clear",
    "gentle",
    "keen",
    "light",
    "mellow",
    "quiet",
    "ready",
    "silver",
    "still",
)
_ANIMALS = ("badger", "crane", "finch", "hare", "heron", "lark", "linnet", "marten", "otter", "plover", "robin", "tern")


def new_pseudonym() -> str:
    return f"{secrets.choice(_QUALITIES)}-{secrets.choice(_ANIMALS)}-{secrets.randbelow(900_000) + 100_000}"


def languages() -> list[tuple[str, str]]:
    # Named, not listed: a further language is no migration.
    return list(settings.LANGUAGES)


class User(AbstractUser):
    pseudonym = models.CharField(max_length=60, unique=True, default=new_pseudonym)
    language = models.CharField(max_length=20, blank=True, choices=languages, help_text="Blank: as the browser asks.")
    vendor = models.CharField(max_length=100, blank=True, help_text="The firm or platform through which they work.")
    locale = models.CharField(max_length=35, blank=True, help_text="A BCP 47 tag: en-US, zh-CN.")
    paused_at = models.DateTimeField(null=True, blank=True, help_text="Since when the person may not work, anywhere.")
    paused_reason = models.CharField(max_length=500, blank=True)
    standing = models.UUIDField(
        default=uuid.uuid4,
        editable=False,
        help_text="Drawn anew with every pause and every role that is taken: who waited for this row sees the change.",
    )

    class Meta(AbstractUser.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(locale="") | Q(locale__regex=LOCALE), name="user_locale_is_a_tag"),
            paused_for_a_reason("user_paused_for_a_reason"),
        ]
