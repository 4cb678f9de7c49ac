from __future__ import annotations

from django.conf import settings
from django.db import models

from preferences.models import Pool


class PoolMember(models.Model):
    """Somebody for whom a pool's comparisons are kept."""

    pool = models.ForeignKey(Pool, on_delete=models.PROTECT, related_name="members")
    annotator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="pools")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["pool", "annotator"], name="pool_member_once")]

    def __str__(self) -> str:
        return f"{self.annotator} in {self.pool}"
