from __future__ import annotations

import uuid

import pgtrigger
from django.db import models
from django.db.models import F, Q

from preferences.choices import ComparisonStatus, Kind, Position, Purpose, Source
from preferences.lifecycle import transition_trigger
from preferences.models.campaigns import Campaign
from preferences.models.constraints import REFUSED, let_erase, never_emptied, one_of, part_of_a_batch
from preferences.models.dialogues import Turn
from preferences.models.responses import Response


class Comparison(models.Model):
    """Two responses to one turn of one dialogue, waiting for or holding judgments.

    In a campaign that rates responses it has one, A, and its judgments are ratings (docs/adr/0018).
    """

    key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="comparisons")
    turn = models.ForeignKey(Turn, on_delete=models.PROTECT, related_name="comparisons")
    response_a = models.ForeignKey(Response, on_delete=models.PROTECT, related_name="+")
    response_b = models.ForeignKey(
        Response, on_delete=models.PROTECT, null=True, related_name="+", help_text="None where one response is rated."
    )
    source = models.CharField(max_length=20, choices=Source.choices, default=Source.COLLECTED)
    purpose = models.CharField(
        max_length=20,
        choices=Purpose.choices,
        default=Purpose.COLLECTION,
        help_text="Gold and repeats tell of their annotators: they are in no batch and in no agreement.",
    )
    external_id = models.CharField(max_length=200, null=True)  # noqa: DJ001 - NULL keeps the unique index off our own
    status = models.CharField(max_length=20, choices=ComparisonStatus.choices, default=ComparisonStatus.OPEN)
    created_at = models.DateTimeField(auto_now_add=True)
    held = models.BooleanField(
        default=False, db_default=False, help_text="Whether it waits for a review; what is held is not sealed."
    )
    finished_at = models.DateTimeField(null=True, db_index=True, help_text="When the last wanted judgment came in.")

    class Meta:
        constraints = [
            # The target of the composite key by which a slot is of its comparison's campaign.
            models.UniqueConstraint(fields=["id", "campaign"], name="comparison_of_campaign"),
            one_of("status", ComparisonStatus, name="comparison_status"),
            one_of("source", Source, name="comparison_source"),
            one_of("purpose", Purpose, name="comparison_purpose"),
            models.CheckConstraint(
                condition=Q(purpose=Purpose.COLLECTION)
                | Q(status__in=[ComparisonStatus.OPEN, ComparisonStatus.WITHDRAWN]),
                name="comparison_sealed_if_collected",
            ),
            models.CheckConstraint(condition=~Q(response_a=F("response_b")), name="comparison_of_two_responses"),
            models.UniqueConstraint(fields=["campaign", "external_id"], name="comparison_imported_once"),
            models.CheckConstraint(
                condition=Q(status=ComparisonStatus.WITHDRAWN)
                | Q(status=ComparisonStatus.OPEN, finished_at__isnull=True)
                | Q(status__in=[ComparisonStatus.JUDGED, ComparisonStatus.SEALED], finished_at__isnull=False),
                name="comparison_finished_when_judged",
            ),
            models.CheckConstraint(
                condition=~Q(status=ComparisonStatus.SEALED, held=True), name="comparison_sealed_when_let_go"
            ),
        ]
        indexes = [
            # Those that agreement is counted over, with what they are cut by (preferences/counting.py).
            models.Index(
                fields=["campaign", "id"],
                include=["turn", "response_a", "response_b", "finished_at"],
                condition=Q(purpose=Purpose.COLLECTION),
                name="comparison_collected",
            ),
        ]
        triggers = [
            never_emptied(),
            transition_trigger(ComparisonStatus),
            pgtrigger.ReadOnly(
                name="pair_stays", fields=["campaign", "turn", "response_a", "response_b", "external_id", "purpose"]
            ),
            pgtrigger.Trigger(
                name="one_response_where_it_is_rated",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                func=f"""
                    IF (NEW.response_b_id IS NULL) <> EXISTS (
                        SELECT 1 FROM preferences_campaign
                         WHERE id = NEW.campaign_id AND kind = '{Kind.SAFETY_RATING}'
                    ) THEN
                        RAISE EXCEPTION 'one response is rated in safety ratings, and two are compared elsewhere';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="kept_when_sealed",
                operation=pgtrigger.Update | pgtrigger.Delete,
                when=pgtrigger.Before,
                condition=pgtrigger.Q(old__status__in=[ComparisonStatus.SEALED, ComparisonStatus.WITHDRAWN]),
                func=f"""
                    IF {part_of_a_batch("OLD")} THEN
                        {let_erase("status")}
                        {REFUSED}
                    END IF;
                    RETURN COALESCE(NEW, OLD);
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"Comparison {self.key}"

    @property
    def is_pair(self) -> bool:
        return self.response_b_id is not None

    def response_at(self, position: Position) -> Response:
        """Where one response is rated there is A only."""
        found = self.response_a if position is Position.A else self.response_b
        assert found is not None, "one response is rated: there is no B"
        return found

    def texts(self, left: Position) -> list[str]:
        """The texts as they are shown, from left to right: two, or the one that is rated."""
        return [self.response_at(side).text for side in ((left, left.other) if self.is_pair else (Position.A,))]
