from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from preferences.models import Campaign
from preferences.models.constraints import one_of, paused_for_a_reason


class Role(models.TextChoices):
    ANNOTATOR = "annotator", _("Annotator")
    REVIEWER = "reviewer", _("Reviewer")
    MANAGER = "manager", _("Manager")
    ENGINEER = "engineer", _("Engineer")


class Membership(models.Model):
    """What a person may do in a campaign."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships")
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices)
    paused_at = models.DateTimeField(null=True, blank=True, help_text="Since when the person may not work as this.")
    paused_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "campaign", "role"], name="membership_once"),
            one_of("role", Role, name="membership_role"),
            paused_for_a_reason("membership_paused_for_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.user} as {self.role} in {self.campaign}"
