from __future__ import annotations

from typing import Any

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, Value, When

from preferences.choices import Chosen, Degree, JudgmentRole, Position, SlotStatus, Source
from preferences.lifecycle import transition_trigger
from preferences.models.campaigns import Campaign
from preferences.models.comparisons import Comparison
from preferences.models.constraints import let_erase, never_emptied, one_of, part_of_a_batch, safety_scores
from preferences.models.guidelines import Guideline
from preferences.models.pools import Pool
from preferences.models.responses import Response
from preferences.scales import HIGHEST_VIOLATION, STRENGTH


class Slot(models.Model):
    """One wanted judgment of a comparison. One row each makes the cap a constraint instead of a count.

    They open one after the other, as the one before is leased, so that an open slot's number says how many judgments
    the comparison has or is getting.
    """

    seen: dict[str, Any]  # set by annotation/visibility.py

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="slots")
    comparison = models.ForeignKey(Comparison, on_delete=models.PROTECT, related_name="slots")
    number = models.PositiveSmallIntegerField()
    pool = models.ForeignKey(Pool, on_delete=models.PROTECT, null=True, related_name="slots")
    status = models.CharField(max_length=20, choices=SlotStatus.choices, default=SlotStatus.WAITING)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["comparison", "number"], name="slot_once"),
            # The target of the composite key by which a judgment fills a slot of its own comparison.
            models.UniqueConstraint(fields=["id", "comparison"], name="slot_of_comparison"),
            one_of("status", SlotStatus, name="slot_status"),
        ]
        indexes = [
            # In the order in which the queue hands them out.
            models.Index(
                fields=["campaign", "pool", "-number", "id"], condition=Q(status=SlotStatus.OPEN), name="slot_open"
            ),
            models.Index(
                fields=["comparison", "id"], include=["pool"], condition=Q(pool__isnull=False), name="slot_in_pool"
            ),
        ]
        triggers = [transition_trigger(SlotStatus), never_emptied()]

    def __str__(self) -> str:
        return f"Slot {self.number} of comparison {self.comparison_id}"


def _prefers_violation(chosen: Chosen, chosen_score: str, other_score: str) -> Q:
    return Q(
        **{
            "chosen": chosen,
            f"{chosen_score}__lte": HIGHEST_VIOLATION,
            f"{other_score}__gt": HIGHEST_VIOLATION,
        }
    )


class Judgment(models.Model):
    """One person's verdict on one comparison, with the order in which the two responses were shown.

    A rating is one of the votes that the comparison asks for and fills a slot. A reviewer's correction stands for the
    rating that it corrects, which stays; an adjudication stands for all of them.
    """

    role = models.CharField(
        max_length=20, choices=JudgmentRole.choices, default=JudgmentRole.RATING, db_default=JudgmentRole.RATING
    )
    slot = models.OneToOneField(Slot, on_delete=models.PROTECT, null=True, related_name="judgment")
    corrects = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="correction")
    comparison = models.ForeignKey(Comparison, on_delete=models.PROTECT, related_name="judgments")
    annotator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="judgments")
    source = models.CharField(max_length=20, choices=Source.choices, default=Source.COLLECTED)
    guideline = models.ForeignKey(Guideline, on_delete=models.PROTECT, null=True, related_name="judgments")
    shown_left = models.CharField(max_length=1, choices=Position.choices, blank=True)
    chosen = models.CharField(max_length=10, choices=Chosen.choices)
    degree = models.CharField(max_length=30, choices=Degree.choices, blank=True)
    score = models.GeneratedField(
        expression=Case(
            When(chosen=Chosen.RATED, then=F("safety_a")),
            When(chosen=Chosen.NEITHER, then=Value(None)),
            When(chosen=Chosen.TIE, then=Value(0)),
            default=Case(When(chosen=Chosen.A, then=Value(-1)), default=Value(1))
            * Case(
                *[When(degree=degree, then=Value(strength)) for degree, strength in STRENGTH.items()], default=Value(1)
            ),
        ),
        output_field=models.SmallIntegerField(null=True),
        db_persist=True,
        null=True,
    )
    safety_a = models.PositiveSmallIntegerField(null=True)
    safety_b = models.PositiveSmallIntegerField(null=True)
    rationale = models.TextField(blank=True)
    edited_response = models.ForeignKey(
        Response,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        help_text="The chosen response as improved: edited > chosen > rejected (Llama 3, section 4.2.1).",
    )
    pasted_rationale = models.PositiveIntegerField(
        null=True, help_text="Characters of the rationale that were pasted, as the browser counted; null: not known."
    )
    pasted_edit = models.PositiveIntegerField(null=True, help_text="The same of the improved response.")
    active_seconds = models.FloatField(null=True)
    created_at = models.DateTimeField()
    revision = models.PositiveSmallIntegerField(default=0, help_text="How often it was revised; the events have each.")
    revised_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            # Whatever the role: a person's word on a comparison counts once.
            # With what agreement is counted from, so that it is read along this index alone (preferences/counting.py).
            models.UniqueConstraint(
                fields=["comparison", "annotator"],
                include=["role", "score", "guideline", "slot"],
                name="judgment_once_per_annotator",
            ),
            models.UniqueConstraint(
                fields=["comparison"], condition=Q(role=JudgmentRole.ADJUDICATION), name="judgment_adjudicated_once"
            ),
            # The target of the composite keys by which a correction is of its own comparison's rating.
            models.UniqueConstraint(fields=["id", "comparison"], name="judgment_of_comparison"),
            one_of("role", JudgmentRole, name="judgment_role"),
            models.CheckConstraint(
                condition=Q(role=JudgmentRole.RATING, slot__isnull=False)
                | (~Q(role=JudgmentRole.RATING) & Q(slot__isnull=True)),
                name="judgment_rating_fills_a_slot",
            ),
            models.CheckConstraint(
                condition=Q(role=JudgmentRole.CORRECTION, corrects__isnull=False)
                | (~Q(role=JudgmentRole.CORRECTION) & Q(corrects__isnull=True)),
                name="judgment_correction_corrects",
            ),
            one_of("chosen", Chosen, name="judgment_chosen"),
            one_of("degree", Degree, name="judgment_degree", blank=True),
            one_of("source", Source, name="judgment_source"),
            models.CheckConstraint(
                condition=~Q(chosen__in=[Chosen.TIE, Chosen.NEITHER]) | Q(degree=""), name="judgment_tie_has_no_degree"
            ),
            models.CheckConstraint(
                condition=Q(edited_response__isnull=True) | Q(chosen__in=Position.values),
                name="judgment_edits_a_chosen_response",
            ),
            models.CheckConstraint(
                condition=Q(revision=0, revised_at__isnull=True) | Q(revision__gt=0, revised_at__isnull=False),
                name="judgment_revised_when",
            ),
            models.CheckConstraint(
                condition=Q(source=Source.IMPORTED)
                | Q(shown_left__in=Position.values, guideline__isnull=False)
                & Q(active_seconds__isnull=False, active_seconds__gte=0),
                name="judgment_collected_is_whole",
            ),
            safety_scores("judgment_safety_scores"),
            models.CheckConstraint(
                condition=Q(safety_a__isnull=True)
                | ~(
                    _prefers_violation(Chosen.A, "safety_a", "safety_b")
                    | _prefers_violation(Chosen.B, "safety_b", "safety_a")
                ),
                name="judgment_never_prefers_unsafe",
            ),
        ]
        triggers = [
            never_emptied(),
            pgtrigger.Trigger(
                name="rated_where_there_is_one_response",
                operation=pgtrigger.Insert | pgtrigger.Update,
                when=pgtrigger.Before,
                func=f"""
                    IF (NEW.chosen = '{Chosen.RATED}') <> EXISTS (
                        SELECT 1 FROM preferences_comparison WHERE id = NEW.comparison_id AND response_b_id IS NULL
                    ) THEN
                        RAISE EXCEPTION 'one response is rated, and two are compared';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="kept_when_sealed",
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                when=pgtrigger.Before,
                # The score is generated, and not there yet before the row is.
                # OLD is null on an insert and NEW on a delete, so that neither finds a comparison.
                func=f"""
                    IF EXISTS (
                        SELECT 1 FROM preferences_comparison AS pair
                         WHERE id IN (OLD.comparison_id, NEW.comparison_id) AND {part_of_a_batch("pair")}
                    ) THEN
                        {let_erase("rationale", "edited_response_id", "pasted_edit", "score")}
                        RAISE EXCEPTION 'judgment % is part of a sealed batch', COALESCE(OLD.id, NEW.id);
                    END IF;
                    RETURN COALESCE(NEW, OLD);
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"Judgment {self.pk}"
