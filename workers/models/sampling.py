from __future__ import annotations

from django.db import models
from django.db.models import Q

from preferences.choices import Position, SamplingStatus
from preferences.lifecycle import transition_trigger
from preferences.models import Response, Turn, Variant
from preferences.models.constraints import never_emptied, one_of

OVER = (SamplingStatus.DONE, SamplingStatus.FAILED, SamplingStatus.CANCELLED)


class SamplingRun(models.Model):
    """One response to be sampled: to this turn, from this variant, at this temperature.

    These rows are the queue; Celery only wakes the workers that read it. A worker holds a run by a lease: `holder` is
    drawn anew at each claim, so that the late result of a lost lease is recognised and refused.
    """

    turn = models.ForeignKey(Turn, on_delete=models.PROTECT, related_name="sampling_runs")
    position = models.CharField(max_length=1, choices=Position.choices)
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="sampling_runs")
    temperature = models.FloatField()
    top_p = models.FloatField()
    seed = models.BigIntegerField(help_text="Seed of the first sample; each further sample takes the next.")
    samples = models.PositiveSmallIntegerField(default=0, help_text="Texts refused as empty or equal.")
    ahead = models.BooleanField(
        default=False, db_default=False, help_text="Sampled before anybody waits for it: after what somebody waits for."
    )
    attempts = models.PositiveSmallIntegerField(default=0, help_text="Claims since the last text came back.")
    setbacks = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="Times since then that the engine as a whole could not answer."
    )
    not_before = models.DateTimeField(null=True, help_text="Until when a run that was put back is left alone.")
    status = models.CharField(max_length=20, choices=SamplingStatus.choices, default=SamplingStatus.PENDING)
    holder = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)
    response = models.OneToOneField(Response, on_delete=models.PROTECT, null=True, related_name="sampling_run")
    reason = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, db_index=True, help_text="When it was done, failed or was cancelled.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["turn", "position"], name="sampling_run_once"),
            one_of("position", Position, name="sampling_run_position"),
            one_of("status", SamplingStatus, name="sampling_run_status"),
            models.CheckConstraint(
                condition=Q(status=SamplingStatus.RUNNING, holder__isnull=False, leased_until__isnull=False)
                | (~Q(status=SamplingStatus.RUNNING) & Q(holder__isnull=True, leased_until__isnull=True)),
                name="sampling_run_leased_while_running",
            ),
            models.CheckConstraint(
                condition=Q(status=SamplingStatus.DONE, response__isnull=False)
                | (~Q(status=SamplingStatus.DONE) & Q(response__isnull=True)),
                name="sampling_run_done_with_response",
            ),
            models.CheckConstraint(
                condition=Q(status__in=OVER, ended_at__isnull=False) | (~Q(status__in=OVER) & Q(ended_at__isnull=True)),
                name="sampling_run_ended_when_over",
            ),
        ]
        indexes = [
            models.Index(
                fields=["variant", "ahead", "id"],
                condition=Q(status__in=[SamplingStatus.PENDING, SamplingStatus.RUNNING]),
                name="sampling_run_waiting",
            ),
        ]
        triggers = [transition_trigger(SamplingStatus), never_emptied()]

    def __str__(self) -> str:
        return f"Sampling {self.position} of turn {self.turn_id}"

    @property
    def sample_seed(self) -> int:
        return int(self.seed + self.samples)
