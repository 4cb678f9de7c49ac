from __future__ import annotations

import hashlib
import unicodedata
import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from preferences.choices import AttackVector, Category, RiskCategory
from preferences.models.campaigns import Campaign
from preferences.models.constraints import append_only, never_emptied, one_of


def family_of(text: str) -> str:
    """The hash shared by prompts that differ in case, white space or Unicode form only."""
    plain = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    return hashlib.sha256(plain.encode()).hexdigest()


class Prompt(models.Model):
    """What a person wrote to the models, once; append-only."""

    key = models.UUIDField(
        unique=True,
        default=uuid.uuid4,
        editable=False,
        help_text="The form's: sending it twice stores one prompt.",
    )
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="prompts")
    text = models.TextField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="prompts")
    category = models.CharField(max_length=40, choices=Category.choices, blank=True)
    second_category = models.CharField(max_length=40, choices=Category.choices, blank=True)
    risk_category = models.CharField(max_length=40, choices=RiskCategory.choices, blank=True)
    attack_vector = models.CharField(max_length=40, choices=AttackVector.choices, blank=True)
    family = models.CharField(max_length=64, db_index=True)
    sketch = ArrayField(
        models.BigIntegerField(),
        default=list,
        help_text="MinHash band keys: prompts sharing one may be near-duplicates.",
    )
    near = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        help_text="The campaign's earlier prompt of somebody else that this was nearly the same as when it was stored.",
    )
    pasted = models.PositiveIntegerField(
        null=True, help_text="Characters that were pasted, as the browser counted; null: not known."
    )
    external_id = models.CharField(  # noqa: DJ001 - NULL keeps the unique index off what was written here
        max_length=200, null=True, help_text="Its id in the set of prompts that it came with."
    )
    active_seconds = models.FloatField(null=True, help_text="Work on writing it; none where nobody measured it.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            one_of("category", Category, name="prompt_category", blank=True),
            one_of("second_category", Category, name="prompt_second_category", blank=True),
            models.CheckConstraint(
                condition=Q(second_category="") | (~Q(category="") & ~Q(category=F("second_category"))),
                name="prompt_two_categories_differ",
            ),
            one_of("risk_category", RiskCategory, name="prompt_risk_category", blank=True),
            one_of("attack_vector", AttackVector, name="prompt_attack_vector", blank=True),
            models.CheckConstraint(condition=~Q(text=""), name="prompt_not_empty"),
            models.UniqueConstraint(fields=["campaign", "external_id"], name="prompt_imported_once"),
            models.CheckConstraint(
                condition=Q(active_seconds__isnull=True) | Q(active_seconds__gte=0), name="prompt_active_seconds"
            ),
        ]
        indexes = [
            GinIndex(fields=["sketch"], name="prompt_sketch"),
            models.Index(
                fields=["id"],
                include=["category", "second_category", "risk_category", "attack_vector"],
                name="prompt_about",
            ),
        ]
        triggers = [append_only(erasable=["text"]), never_emptied()]

    def __str__(self) -> str:
        return self.text[:60]


class RetiredPrompt(models.Model):
    """That a prompt is asked and judged no more; a prompt itself never changes."""

    prompt = models.OneToOneField(Prompt, on_delete=models.PROTECT, related_name="retirement")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        triggers = [append_only(), never_emptied()]

    def __str__(self) -> str:
        return f"Retired prompt {self.prompt_id}"
