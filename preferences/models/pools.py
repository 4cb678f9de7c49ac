from __future__ import annotations

from django.db import models

from preferences.models.campaigns import Campaign


class Pool(models.Model):
    """A part of a campaign's comparisons that is kept for certain people."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="pools")
    name = models.CharField(max_length=120)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "name"], name="pool_once"),
            # The target of the composite key by which a slot's pool is of its own campaign.
            models.UniqueConstraint(fields=["id", "campaign"], name="pool_of_campaign"),
        ]

    def __str__(self) -> str:
        return self.name
