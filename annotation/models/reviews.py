from __future__ import annotations

import uuid

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from preferences.choices import JudgmentRole, ReviewReason, ReviewStatus
from preferences.lifecycle import transition_trigger
from preferences.models import Campaign, Comparison, Judgment
from preferences.models.constraints import never_emptied, one_of

OPEN = (ReviewStatus.WAITING, ReviewStatus.RETURNED)
RULED = (ReviewStatus.CORRECTED, ReviewStatus.ADJUDICATED)
OF_A_JUDGMENT = (ReviewStatus.APPROVED, ReviewStatus.CORRECTED, ReviewStatus.RETURNED)


class ReviewPlan(models.Model):
    """Which work of a campaign reviewers look at (Llama 2, A.5.3; the paper gives no rate). Without a plan, none."""

    campaign = models.OneToOneField(Campaign, on_delete=models.PROTECT, related_name="review_plan")
    percent = models.PositiveSmallIntegerField(default=0, help_text="Share of all judgments, drawn by chance.")
    newcomers = models.PositiveSmallIntegerField(default=0, help_text="The first so many judgments of each annotator.")
    flagged = models.BooleanField(default=True)
    safety = models.BooleanField(default=True, help_text="Safety scores that contradict the verdict or each other.")
    splits = models.BooleanField(default=True, help_text="Comparisons whose raters chose different responses.")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(percent__lte=100), name="review_plan_percent")]

    def __str__(self) -> str:
        return f"Review plan of {self.campaign}"


class Review(models.Model):
    """One look of a reviewer: at a judgment, or, where `judgment` is null, at a comparison whose raters disagree.

    While it waits, `reviewer` is whoever holds it until `held_until`; once it is decided, whoever decided.
    """

    key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="reviews")
    comparison = models.ForeignKey(Comparison, on_delete=models.PROTECT, related_name="reviews")
    judgment = models.ForeignKey(Judgment, on_delete=models.PROTECT, null=True, related_name="reviews")
    reasons = ArrayField(models.CharField(max_length=20, choices=ReviewReason.choices))
    status = models.CharField(max_length=20, choices=ReviewStatus.choices, default=ReviewStatus.WAITING)
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="reviews")
    taken_at = models.DateTimeField(null=True)
    held_until = models.DateTimeField(null=True)
    returned_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    feedback = models.TextField(blank=True, help_text="What the annotator reads when it is returned.")
    answer = models.TextField(blank=True, help_text="What the annotator says who keeps the verdict.")
    ruling = models.OneToOneField(Judgment, on_delete=models.PROTECT, null=True, related_name="ruled_in")
    revision = models.PositiveSmallIntegerField(null=True, help_text="Of the judgment, when it was last decided on.")
    created_at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            one_of("status", ReviewStatus, name="review_status"),
            models.CheckConstraint(
                condition=Q(reasons__contained_by=ReviewReason.values, reasons__len__gt=0), name="review_reasons"
            ),
            models.UniqueConstraint(
                fields=["judgment"], condition=Q(status__in=OPEN), name="review_open_once_per_judgment"
            ),
            models.UniqueConstraint(
                fields=["comparison"],
                condition=Q(status__in=OPEN, judgment__isnull=True),
                name="review_open_once_per_comparison",
            ),
            models.CheckConstraint(
                condition=~Q(status=ReviewStatus.RETURNED) | (~Q(feedback="") & Q(returned_by__isnull=False)),
                name="review_returned_with_feedback",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[ReviewStatus.APPROVED, *RULED])
                | Q(reviewer__isnull=False, decided_at__isnull=False),
                name="review_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(status__in=RULED, ruling__isnull=False) | (~Q(status__in=RULED) & Q(ruling__isnull=True)),
                name="review_ruled_with_a_ruling",
            ),
            models.CheckConstraint(
                condition=~Q(status=ReviewStatus.ADJUDICATED, judgment__isnull=False)
                & ~Q(status__in=OF_A_JUDGMENT, judgment__isnull=True),
                name="review_adjudicates_comparisons",
            ),
            models.CheckConstraint(
                condition=Q(held_until__isnull=True) | Q(status=ReviewStatus.WAITING, reviewer__isnull=False),
                name="review_held_by_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["campaign", "id"], condition=Q(status=ReviewStatus.WAITING), name="review_waiting"),
            # Looked at by every submit: whether work of the annotator came back.
            models.Index(fields=["campaign"], condition=Q(status=ReviewStatus.RETURNED), name="review_returned"),
        ]
        triggers = [
            never_emptied(),
            transition_trigger(ReviewStatus),
            pgtrigger.Trigger(
                name="not_by_a_rater",
                operation=pgtrigger.Insert | pgtrigger.Update,
                when=pgtrigger.Before,
                func=f"""
                    IF EXISTS (
                        SELECT 1 FROM preferences_judgment
                         WHERE comparison_id = NEW.comparison_id AND annotator_id = NEW.reviewer_id
                           AND role = '{JudgmentRole.RATING}'
                    ) THEN
                        RAISE EXCEPTION 'reviewer % rated comparison %', NEW.reviewer_id, NEW.comparison_id;
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"Review {self.key}"
