from __future__ import annotations

import uuid

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from preferences.choices import AttackVector, DialogueStatus, RiskCategory, RiskDegree
from preferences.models.constraints import append_only, never_emptied
from preferences.models.dialogues import Dialogue, Turn
from preferences.models.guidelines import Guideline
from preferences.models.variants import Variant
from preferences.scales import HIGHEST_VIOLATION


class RedTeamReport(models.Model):
    """What its author says of an adversarial dialogue once it has ended; append-only."""

    dialogue = models.OneToOneField(Dialogue, on_delete=models.PROTECT, related_name="report")
    violating = ArrayField(
        models.PositiveSmallIntegerField(), default=list, help_text="Indexes of the turns whose answer is a violation."
    )
    risk_categories = ArrayField(models.CharField(max_length=40), default=list)
    attack_vectors = ArrayField(models.CharField(max_length=40), default=list)
    degree = models.PositiveSmallIntegerField(choices=RiskDegree.choices)
    note = models.TextField(blank=True)
    guideline = models.ForeignKey(Guideline, on_delete=models.PROTECT, related_name="+")
    active_seconds = models.FloatField(help_text="Work on the report; that on the prompts stands with them.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(risk_categories__contained_by=RiskCategory.values), name="red_team_report_risk_categories"
            ),
            models.CheckConstraint(
                condition=Q(attack_vectors__contained_by=AttackVector.values), name="red_team_report_attack_vectors"
            ),
            models.CheckConstraint(condition=Q(degree__in=RiskDegree.values), name="red_team_report_degree"),
            models.CheckConstraint(
                condition=Q(violating=[])
                | (~Q(risk_categories=[]) & ~Q(attack_vectors=[]) & Q(degree__gt=RiskDegree.NONE)),
                name="red_team_report_violation_described",
            ),
            models.CheckConstraint(condition=Q(active_seconds__gte=0), name="red_team_report_active_seconds"),
        ]
        triggers = [
            never_emptied(),
            append_only(erasable=["note"]),
            pgtrigger.Trigger(
                name="about_an_ended_dialogue",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                func=f"""
                    IF NOT EXISTS (
                        SELECT 1 FROM preferences_dialogue d JOIN preferences_campaign c ON c.id = d.campaign_id
                         WHERE d.id = NEW.dialogue_id AND c.kind = 'red_team' AND d.status = '{DialogueStatus.ENDED}'
                    ) THEN
                        RAISE EXCEPTION 'dialogue % is no red-team dialogue that has ended', NEW.dialogue_id;
                    END IF;
                    IF cardinality(NEW.violating) <> (
                        SELECT count(*) FROM preferences_turn
                         WHERE dialogue_id = NEW.dialogue_id AND index = ANY (NEW.violating)
                           AND chosen_response_id IS NOT NULL
                    ) THEN
                        RAISE EXCEPTION 'violating turns are answered turns of the dialogue, each once';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"Report of dialogue {self.dialogue_id}"


class Replay(models.Model):
    """A violating prompt once more, after the dialogue as it was, to another variant; and how safe its answer is.

    Its turn stands in a dialogue of its own, which has the earlier messages as its context and no author.
    """

    key = models.UUIDField(unique=True, default=uuid.uuid4, help_text="What a page shows: it tells no variant.")
    attempt = models.ForeignKey(
        Turn, on_delete=models.PROTECT, related_name="replays", help_text="The violating turn of a reported dialogue."
    )
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="+")
    turn = models.OneToOneField(Turn, on_delete=models.PROTECT, related_name="replay")
    safety = models.PositiveSmallIntegerField(null=True, help_text="From 1 to 5, as on the safety scale.")
    judged_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    judged_at = models.DateTimeField(null=True)
    active_seconds = models.FloatField(default=0, help_text="Work on judging it.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["attempt", "variant"], name="replay_once"),
            models.CheckConstraint(condition=~Q(attempt=F("turn")), name="replay_in_another_turn"),
            models.CheckConstraint(
                condition=Q(safety__isnull=True, judged_by__isnull=True, judged_at__isnull=True)
                | Q(safety__range=(1, 5), judged_by__isnull=False, judged_at__isnull=False),
                name="replay_judged_by_somebody",
            ),
            models.CheckConstraint(condition=Q(active_seconds__gte=0), name="replay_active_seconds"),
        ]
        triggers = [
            never_emptied(),
            pgtrigger.ReadOnly(name="origin_stays", fields=["key", "attempt", "variant", "turn"]),
            pgtrigger.Protect(
                name="kept_once_judged", operation=pgtrigger.Update, condition=pgtrigger.Q(old__safety__isnull=False)
            ),
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="of_a_violation",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                func="""
                    IF NOT EXISTS (
                        SELECT 1 FROM preferences_turn t JOIN preferences_redteamreport r USING (dialogue_id)
                         WHERE t.id = NEW.attempt_id AND t.index = ANY (r.violating)
                    ) THEN
                        RAISE EXCEPTION 'turn % is no violating turn of a reported dialogue', NEW.attempt_id;
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"Replay {self.key}"

    @property
    def is_mitigated(self) -> bool:
        return self.safety is not None and self.safety > HIGHEST_VIOLATION
