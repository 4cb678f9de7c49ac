"""What an author's program gets of a live dialogue: what was written, what answers it, and what it waits for."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.utils.translation import gettext as _
from rest_framework import serializers

from annotation import drafts
from preferences.actions import dialogues
from preferences.actions.prompts import Labels
from preferences.choices import (
    AttackVector,
    Category,
    ComparisonStatus,
    DialogueStatus,
    Purpose,
    ResponseSource,
    RiskCategory,
    TurnStatus,
)
from preferences.models import Comparison, Dialogue, Judgment, Turn
from webapp.accounts.models import User
from webapp.pages.own_dialogues import dialogues_of
from workers import actions, machines

DRAFT_FIELDS = ("text", "category", "second_category", "risk_category", "attack_vector", "pasted")
DIALOGUE = {
    "id": 311,
    "campaign": "helpful",
    "status": "open",
    "waits_for": "message",
    "category": "factual",
    "second_category": "",
    "risk_category": "",
    "attack_vector": "",
    "turns": [
        {
            "index": 0,
            "text": "Why is the sky blue?",
            "status": "ready",
            "failure": "",
            "answer": "Air scatters blue light more than red.",
            "is_edited": False,
            "created_at": "2026-11-23T10:02:17Z",
        }
    ],
    "created_at": "2026-11-23T10:02:17Z",
}
WAITS = {
    "models": "both models are answering",
    "retry": "a model failed",
    "verdict": "both answers are there",
    "message": "the author may write the next turn",
}


class DraftField(serializers.DictField):
    """What was chosen and typed so far, as texts."""

    def __init__(self, **told: Any) -> None:
        super().__init__(
            child=serializers.CharField(allow_blank=True, trim_whitespace=False),
            help_text=f"What was chosen and typed so far, as texts: {', '.join(DRAFT_FIELDS)}.",
            **told,
        )

    def to_internal_value(self, data: Any) -> Any:
        sent = super().to_internal_value(data)
        if unknown := sorted(sent.keys() - set(DRAFT_FIELDS)):
            raise serializers.ValidationError({name: _("There is no field of this name here.") for name in unknown})
        return sent


class BeatOutput(serializers.Serializer[Any]):
    draft_version = serializers.CharField(allow_blank=True, help_text="Empty where nothing is written yet.")


class TurnOutput(serializers.Serializer[Any]):
    index = serializers.IntegerField()
    text = serializers.CharField(help_text="What the author wrote.")
    status = serializers.ChoiceField(choices=TurnStatus.choices)
    failure = serializers.CharField(allow_blank=True, help_text="Why a model failed.")
    answer = serializers.CharField(allow_null=True, help_text="The one that was chosen; null: none yet.")
    is_edited = serializers.BooleanField(help_text="Whether the author improved the answer.")
    created_at = serializers.DateTimeField()


class DialogueOutput(serializers.Serializer[Dialogue]):
    """Of rows that come from `own`."""

    id = serializers.IntegerField()
    campaign = serializers.CharField()
    status = serializers.ChoiceField(choices=DialogueStatus.choices)
    waits_for = serializers.ChoiceField(
        choices=list(WAITS),
        allow_null=True,
        help_text="; ".join(f"{word}: {what}" for word, what in WAITS.items()) + "; null: nothing more comes of it.",
    )
    category = serializers.ChoiceField(choices=Category.choices, allow_blank=True)
    second_category = serializers.ChoiceField(choices=Category.choices, allow_blank=True)
    risk_category = serializers.ChoiceField(choices=RiskCategory.choices, allow_blank=True)
    attack_vector = serializers.ChoiceField(choices=AttackVector.choices, allow_blank=True)
    turns = TurnOutput(many=True)
    created_at = serializers.DateTimeField()

    def to_representation(self, dialogue: Dialogue) -> dict[str, Any]:
        return told(dialogue)


class LineOutput(serializers.Serializer[Any]):
    """Of what waits for the models."""

    ahead = serializers.IntegerField(help_text="Turns of anybody that are answered before.")
    is_begun = serializers.BooleanField()
    is_away = serializers.BooleanField(help_text="Whether a model that it waits for is away.")


class OneDialogueOutput(DialogueOutput):
    line = LineOutput(allow_null=True, help_text="Where it stands among what waits for the models.")
    draft = serializers.DictField(child=serializers.CharField(), help_text="What was kept by the last heartbeat.")
    draft_version = serializers.CharField(allow_blank=True)


def own(user: User) -> QuerySet[Dialogue]:
    """The person's dialogues with their turns, in a fixed number of queries."""
    open_pairs = Comparison.objects.filter(
        turn=OuterRef("pk"), status=ComparisonStatus.OPEN, purpose=Purpose.COLLECTION
    )
    judged = Judgment.objects.filter(comparison__turn=OuterRef("pk"), annotator=user)
    turns = Turn.objects.select_related("prompt", "chosen_response").order_by("index")
    turns = turns.annotate(is_to_judge=Exists(open_pairs), is_judged=Exists(judged))
    return dialogues_of(user).prefetch_related(Prefetch("turns", turns))


def told(dialogue: Dialogue) -> dict[str, Any]:
    turns: list[Any] = list(dialogue.turns.all())
    return {
        "id": dialogue.pk,
        "campaign": dialogue.campaign.slug,
        "status": dialogue.status,
        "waits_for": waits_for(dialogue, turns[-1]),
        **asdict(Labels.of(turns[0].prompt)),
        "turns": [_turn(turn) for turn in turns],
        "created_at": dialogue.created_at,
    }


def told_whole(dialogue: Dialogue, user: User) -> dict[str, Any]:
    """As an OneDialogueOutput."""
    last, kept = list(dialogue.turns.all())[-1], drafts.find(about=dialogue, by=user)
    return {
        **told(dialogue),
        "line": _line(last) if last.status == TurnStatus.SAMPLING else None,
        "draft": draft_in(kept.fields),
        "draft_version": kept.version,
    }


def waits_for(dialogue: Dialogue, last: Any) -> str | None:
    """One of WAITS, by the last turn of a row of `own`; None where nothing more comes of it."""
    if dialogue.status == DialogueStatus.ENDED:
        return None
    if last.status != TurnStatus.READY:
        return "models" if last.status == TurnStatus.SAMPLING else "retry"
    if last.chosen_response_id is None:
        return "verdict" if last.is_to_judge and not last.is_judged else None
    return "message" if dialogues.can_continue(dialogue, last) else None


def draft_in(fields: dict[str, str]) -> dict[str, str]:
    return {name: fields[name] for name in DRAFT_FIELDS if name in fields}


def _turn(turn: Turn) -> dict[str, Any]:
    answer = turn.chosen_response
    return {
        "index": turn.index,
        "text": turn.prompt.text,
        "status": turn.status,
        "failure": _(turn.failure) if turn.failure else "",
        "answer": answer.text if answer else None,
        "is_edited": answer is not None and answer.source == ResponseSource.EDITED,
        "created_at": turn.created_at,
    }


def _line(waiting: Turn) -> dict[str, Any]:
    return {
        "ahead": actions.turns_ahead(waiting),
        "is_begun": actions.is_being_sampled(waiting),
        "is_away": machines.are_away(waiting),
    }
