from __future__ import annotations

import hashlib
import unicodedata

from django.conf import settings
from django.db import models

from preferences.choices import AttackVector, Category, RiskCategory
from preferences.models.campaigns import Campaign
from preferences.models.constraints import append_only, one_of


def family_of(text: str) -> str:
    """The hash shared by prompts that differ in case, white space or Unicode form only."""
    plain = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    return hashlib.sha256(plain.encode()).hexdigest()


class Prompt(models.Model):
    """What a person wrote to the models, once; append-only."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="prompts")
    text = models.TextField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="prompts")
    category = models.CharField(max_length=40, choices=Category.choices, blank=True)
    risk_category = models.CharField(max_length=40, choices=RiskCategory.choices, blank=True)
    attack_vector = models.CharField(max_length=40, choices=AttackVector.choices, blank=True)
    family = models.CharField(max_length=64, db_index=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            one_of("category", Category, name="prompt_category", blank=True),
            one_of("risk_category", RiskCategory, name="prompt_risk_category", blank=True),
            one_of("attack_vector", AttackVector, name="prompt_attack_vector", blank=True),
            models.CheckConstraint(condition=~models.Q(text=""), name="prompt_not_empty"),
        ]
        triggers = [append_only()]

    def __str__(self) -> str:
        return self.text[:60]
