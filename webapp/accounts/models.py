"""People. Everywhere but on the manager's people page a person is known by a pseudonym."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models

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
