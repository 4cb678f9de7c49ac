"""People. Everywhere but on the manager's people page a person is known by a pseudonym."""

from __future__ import annotations

import secrets
import uuid

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy

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


class Scope(models.TextChoices):
    """What the bearer of a token may do, of what its person may."""

    JUDGE = "judge", gettext_lazy("Claim comparisons and judge them")
    MANAGE = "manage", gettext_lazy("Run campaigns and seal batches")
    EXPORT = "export", gettext_lazy("Read batches, ask for exports and take their files")
    WORK = "work", gettext_lazy("Answer for a model")


class AccessToken(models.Model):
    """With it software acts for a person. Shown once; what is kept is its hash."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="access_tokens")
    name = models.CharField(max_length=100, help_text="What it is for, in the person's words.")
    sha256 = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=4, help_text="Its last characters, by which the person knows it again.")
    scopes = ArrayField(models.CharField(max_length=20))
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True, help_text="To the minute.")

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(scopes__contained_by=list(Scope.values), scopes__len__gt=0), name="access_token_scopes"
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="access_token_ends"),
        ]

    def __str__(self) -> str:
        return f"{self.name} (…{self.hint})"

    @property
    def is_over(self) -> bool:
        return self.revoked_at is not None or self.expires_at <= timezone.now()
