from __future__ import annotations

from django.conf import settings
from django.db import models


class StoredAnswer(models.Model):
    """What a write with an Idempotency-Key was answered, kept for a day in case the client asks again."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of the request: method, address and body.")
    code = models.PositiveSmallIntegerField(help_text="HTTP's.")
    body = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="stored_answer_once")]

    def __str__(self) -> str:
        return f"Answer {self.code} to {self.key}"
