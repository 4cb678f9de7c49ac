from __future__ import annotations

from typing import TypedDict

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from preferences.choices import DialogueStatus, TurnStatus
from preferences.lifecycle import transition_trigger
from preferences.models.campaigns import Campaign
from preferences.models.constraints import REFUSED, let_erase, never_emptied, one_of
from preferences.models.prompts import Prompt


class Message(TypedDict):
    role: str
    content: str


class Dialogue(models.Model):
    """A conversation. The server owns its history: no client sends it."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="dialogues")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="dialogues")
    context = models.JSONField(default=list, help_text="Messages before the first turn, of an imported dialogue.")
    family = models.CharField(
        max_length=64, db_index=True, help_text="Hash of the first user message; the split keeps a family together."
    )
    status = models.CharField(max_length=20, choices=DialogueStatus.choices, default=DialogueStatus.OPEN)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [one_of("status", DialogueStatus, name="dialogue_status")]
        triggers = [
            never_emptied(),
            transition_trigger(DialogueStatus),
            pgtrigger.Trigger(
                name="beginning_stays",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                condition=pgtrigger.AnyChange("campaign", "author", "context", "family"),
                func=let_erase("context") + REFUSED,
            ),
        ]

    def __str__(self) -> str:
        return f"Dialogue {self.pk}"


class Turn(models.Model):
    """One user message of a dialogue and what came of it; the chosen response continues the dialogue."""

    dialogue = models.ForeignKey(Dialogue, on_delete=models.PROTECT, related_name="turns")
    index = models.PositiveSmallIntegerField()
    prompt = models.ForeignKey(Prompt, on_delete=models.PROTECT, related_name="turns")
    chosen_response = models.ForeignKey("Response", on_delete=models.PROTECT, null=True, related_name="+")
    status = models.CharField(max_length=20, choices=TurnStatus.choices, default=TurnStatus.SAMPLING)
    failure = models.CharField(max_length=300, blank=True, help_text="Why sampling failed, for the annotator.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["dialogue", "index"]
        constraints = [
            models.UniqueConstraint(fields=["dialogue", "index"], name="turn_once"),
            one_of("status", TurnStatus, name="turn_status"),
        ]
        indexes = [
            # Those few that models owe an answer, among all that ever were.
            models.Index(fields=["dialogue"], condition=Q(status=TurnStatus.SAMPLING), name="turn_being_sampled"),
            models.Index(fields=["id"], include=["prompt", "dialogue", "index"], name="turn_of_what"),
        ]
        triggers = [
            never_emptied(),
            transition_trigger(TurnStatus),
            pgtrigger.ReadOnly(name="question_stays", fields=["dialogue", "index", "prompt"]),
            pgtrigger.Trigger(
                name="answer_stays_once_continued",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                condition=pgtrigger.Condition("OLD.chosen_response_id IS DISTINCT FROM NEW.chosen_response_id"),
                func="""
                    IF EXISTS (
                        SELECT 1 FROM preferences_turn WHERE dialogue_id = OLD.dialogue_id AND index > OLD.index
                    ) THEN
                        RAISE EXCEPTION 'turn % has been continued, its answer stays', OLD.id;
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"Turn {self.index} of dialogue {self.dialogue_id}"

    def messages(self) -> list[Message]:
        """The conversation up to and including this turn's user message."""
        messages: list[Message] = list(self.dialogue.context)
        for turn in sorted(self.dialogue.turns.all(), key=lambda turn: turn.index):
            if turn.index >= self.index:
                break
            messages.append({"role": "user", "content": turn.prompt.text})
            if turn.chosen_response is not None:
                messages.append({"role": "assistant", "content": turn.chosen_response.text})
        messages.append({"role": "user", "content": self.prompt.text})
        return messages
