from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from annotation.models.memberships import Role
from preferences.models import Campaign
from preferences.models.constraints import LOCALE, one_of


class Invitation(models.Model):
    """The only way to an account: a link that is used once, and of which only the hash is kept."""

    token_hash = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the link's token.")
    email = models.EmailField(blank=True, help_text="Where the link was sent, or whom it is for.")
    vendor = models.CharField(max_length=100, blank=True)
    locale = models.CharField(max_length=35, blank=True)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="invitations_sent"
    )
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="invitations_accepted"
    )
    accepted_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(token_hash__regex="^[0-9a-f]{64}$"),  # what a hash looks like # nosec B106
                name="invitation_token_is_hashed",
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=F("invited_at")), name="invitation_ends_later"),
            models.CheckConstraint(condition=Q(locale="") | Q(locale__regex=LOCALE), name="invitation_locale_is_a_tag"),
            models.CheckConstraint(
                condition=Q(accepted_by__isnull=True, accepted_at__isnull=True)
                | Q(accepted_by__isnull=False, accepted_at__isnull=False, withdrawn_at__isnull=True),
                name="invitation_accepted_or_withdrawn",
            ),
        ]

    def __str__(self) -> str:
        return f"Invitation {self.pk}"


class InvitedRole(models.Model):
    """A role that comes with an invitation."""

    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, related_name="roles")
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=20, choices=Role.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["invitation", "campaign", "role"], name="invited_role_once"),
            one_of("role", Role, name="invited_role_role"),
        ]

    def __str__(self) -> str:
        return f"{self.role} in {self.campaign}"
