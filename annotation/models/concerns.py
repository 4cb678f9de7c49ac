from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from preferences.models import Campaign
from preferences.models.constraints import REFUSED, let_erase, never_emptied, one_of


class SignalName(models.TextChoices):
    AGREEMENT = "agreement", _("Agreement with others")
    GOLD = "gold", _("Known verdicts")
    CONSISTENCY = "consistency", _("The same pair again")
    SIDES = "sides", _("Left and right")
    LENGTH = "length", _("Longer response")
    SCALE = "scale", _("Use of the scale")
    RUN = "run", _("In a row")
    PACE = "pace", _("Pace")
    COPIED = "copied", _("Prompts of others")
    PASTED = "pasted", _("Pasted text")


class Decision(models.TextChoices):
    """What a manager does about a concern."""

    DISMISS = "dismiss", _("Nothing is wrong")
    TALK = "talk", _("Talk with the person")
    PAUSE = "pause", _("Pause the person")


class Concern(models.Model):
    """Something unusual in a person's work that a manager is asked to decide about; it blocks nobody by itself."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="concerns")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="concerns")
    signal = models.CharField(max_length=20, choices=SignalName.choices)
    evidence = models.JSONField(help_text="The signal as it was: value, limits, occasions, p value, time looked at.")
    opened_at = models.DateTimeField()
    decision = models.CharField(max_length=10, choices=Decision.choices, blank=True)
    note = models.TextField(blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            one_of("signal", SignalName, name="concern_signal"),
            one_of("decision", Decision, name="concern_decision", blank=True),
            models.UniqueConstraint(
                fields=["campaign", "person", "signal"], condition=Q(decision=""), name="concern_open_once"
            ),
            models.CheckConstraint(
                condition=Q(decision="", decided_by__isnull=True, decided_at__isnull=True, note="")
                | ~Q(decision="") & Q(decided_by__isnull=False, decided_at__isnull=False),
                name="concern_decided_by_somebody",
            ),
        ]
        triggers = [
            never_emptied(),
            pgtrigger.Trigger(
                name="decided_once",
                operation=pgtrigger.Update | pgtrigger.Delete,
                when=pgtrigger.Before,
                condition=~pgtrigger.Q(old__decision=""),
                func=let_erase("note") + REFUSED,
            ),
            pgtrigger.ReadOnly(name="evidence_stays", fields=["campaign", "person", "signal", "evidence", "opened_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.get_signal_display()}: {self.person}"
