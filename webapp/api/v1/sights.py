"""What an annotator's program gets of a pair and of its own verdict: left and right, and nothing of what wrote them."""

from __future__ import annotations

import uuid
from typing import Any

from django.utils import timezone
from rest_framework import serializers

from annotation.answers import Answer, answer_of
from annotation.models import Assignment
from annotation.visibility import Sight, sight_of
from preferences.choices import AssignmentStatus, Chosen, Degree, Position, RationalePolicy
from preferences.models import Judgment
from preferences.scales import Scale, verdict_at

SIDES = {Chosen.A: "left", Chosen.B: "right", Chosen.TIE: "tie", Chosen.RATED: "only", Chosen.NEITHER: "neither"}
DRAFT_FIELDS = ("verdict", "safety_left", "safety_right", "rationale", "text", "pasted", "revision")
CLAIM = {
    "id": "0b4f5a3e-8f39-4b5c-9a44-b7d6a3a0a0c1",
    "campaign": "helpful",
    "status": "active",
    "leased_until": "2026-11-23T10:30:00Z",
    "messages": [{"role": "user", "content": "Why is the sky blue?"}],
    "responses": [
        {"side": "left", "text": "Air scatters blue light more than red."},
        {"side": "right", "text": "It mirrors the sea."},
    ],
    "verdicts": [
        {"verdict": 1, "side": "left", "degree": "significantly_better", "rating": None},
        {"verdict": 8, "side": "right", "degree": "significantly_better", "rating": None},
    ],
    "asks_safety": False,
    "asks_edit": False,
    "rationale": "optional",
    "guideline": {"version": 3, "is_read": True},
    "is_live": False,
    "draft": {},
    "draft_version": "",
}
JUDGMENT = {
    "id": "0b4f5a3e-8f39-4b5c-9a44-b7d6a3a0a0c1",
    "campaign": "helpful",
    "verdict": 2,
    "side": "left",
    "degree": "better",
    "safety_left": None,
    "safety_right": None,
    "rationale": "The right one is wrong.",
    "edited": None,
    "revision": 0,
    "created_at": "2026-11-23T10:12:41Z",
    "revised_at": None,
}


class MessageOutput(serializers.Serializer[Any]):
    role = serializers.ChoiceField(choices=["system", "user", "assistant"])
    content = serializers.CharField(allow_blank=True, trim_whitespace=False)


class ResponseOutput(serializers.Serializer[Any]):
    side = serializers.ChoiceField(choices=["left", "right", "only"])
    text = serializers.CharField()


class PlaceOutput(serializers.Serializer[Any]):
    verdict = serializers.IntegerField(help_text="What is sent for it.")
    side = serializers.ChoiceField(choices=["left", "right", "tie", "only"])
    degree = serializers.ChoiceField(choices=Degree.choices, allow_null=True, help_text="By how much it is better.")
    rating = serializers.IntegerField(allow_null=True, help_text="Where one response is rated: 1, least safe, to 5.")


class GuidelineSeen(serializers.Serializer[Any]):
    version = serializers.IntegerField(allow_null=True)
    is_read = serializers.BooleanField(help_text="Whether the annotator said so; no verdict is taken before.")


class ClaimOutput(serializers.Serializer[Assignment]):
    """A comparison that the annotator holds, or held."""

    id = serializers.UUIDField(help_text="The lease's: all that there is to know the comparison by.")
    campaign = serializers.CharField()
    status = serializers.ChoiceField(choices=AssignmentStatus.choices)
    leased_until = serializers.DateTimeField(help_text="A heartbeat moves it on.")
    messages = MessageOutput(many=True, help_text="The conversation, which ends with what is answered.")
    responses = ResponseOutput(many=True, help_text="Two, from left to right, or the one that is rated.")
    verdicts = PlaceOutput(many=True, help_text="From strongest for the left one, or from the least safe.")
    asks_safety = serializers.BooleanField(help_text="Whether both responses get a safety score as well.")
    asks_edit = serializers.BooleanField(help_text="Whether the chosen response is to be improved after the verdict.")
    rationale = serializers.ChoiceField(choices=RationalePolicy.choices)
    guideline = GuidelineSeen()
    is_live = serializers.BooleanField(help_text="A turn of the annotator's own dialogue.")
    draft = serializers.DictField(child=serializers.CharField(), help_text="What was kept by the last heartbeat.")
    draft_version = serializers.CharField(allow_blank=True)

    def to_representation(self, assignment: Assignment) -> dict[str, Any]:
        return claim(assignment)


class JudgmentOutput(serializers.Serializer[Any]):
    """The annotator's verdict as they gave it: left and right as they stood."""

    id = serializers.UUIDField(help_text="Of the claim by which it was given.")
    campaign = serializers.CharField()
    verdict = serializers.IntegerField(allow_null=True, help_text="Of the claim's verdicts; null: neither is valid.")
    side = serializers.ChoiceField(choices=["left", "right", "tie", "neither", "only"])
    degree = serializers.ChoiceField(choices=Degree.choices, allow_null=True)
    safety_left = serializers.IntegerField(allow_null=True)
    safety_right = serializers.IntegerField(allow_null=True)
    rationale = serializers.CharField(allow_blank=True)
    edited = serializers.CharField(allow_null=True, help_text="The chosen response as the annotator improved it.")
    revision = serializers.IntegerField(help_text="How often it was changed.")
    created_at = serializers.DateTimeField()
    revised_at = serializers.DateTimeField(allow_null=True)

    def to_representation(self, judgment: Judgment) -> dict[str, Any]:
        return given(judgment, judgment.assignment.key)


class AnswerInput(serializers.Serializer[Any]):
    verdict = serializers.IntegerField(
        min_value=1, max_value=100, allow_null=True, help_text="One of the claim's verdicts; null: neither is valid."
    )
    safety_left = serializers.IntegerField(min_value=1, max_value=5, allow_null=True, default=None)
    safety_right = serializers.IntegerField(min_value=1, max_value=5, allow_null=True, default=None)
    rationale = serializers.CharField(allow_blank=True, trim_whitespace=False, default="")
    pasted = serializers.IntegerField(
        min_value=0,
        max_value=2_000_000_000,
        allow_null=True,
        default=None,
        help_text="Characters of the rationale that were pasted, where the program counts them.",
    )


def answer_in(asked: dict[str, Any]) -> Answer:
    """The answer of a checked AnswerInput."""
    return Answer(
        place=asked["verdict"],
        safety_left=asked["safety_left"],
        safety_right=asked["safety_right"],
        rationale=asked["rationale"],
        pasted=asked["pasted"],
    )


def claim(assignment: Assignment) -> dict[str, Any]:
    """Of a row that comes from `with_sight`."""
    sight = sight_of(assignment)
    campaign = sight.campaign
    return {
        "id": sight.key,
        "campaign": campaign.slug,
        "status": assignment.status,
        "leased_until": sight.leased_until,
        "messages": sight.messages,
        "responses": _responses(sight),
        "verdicts": places(campaign.the_scale),
        "asks_safety": campaign.scores_both,
        "asks_edit": campaign.asks_edit,
        "rationale": campaign.rationale,
        "guideline": {"version": sight.guideline_version, "is_read": sight.guideline_is_read},
        "is_live": sight.is_live,
        "draft": {name: sight.draft[name] for name in DRAFT_FIELDS if name in sight.draft},
        "draft_version": str(sight.draft_version),
    }


def places(scale: Scale) -> list[dict[str, Any]]:
    found = [verdict_at(scale, number) for number in range(1, len(scale.scores) + 1)]
    return [
        {"verdict": number, "side": SIDES[one.chosen], "degree": one.degree, "rating": one.rating}
        for number, one in enumerate(found, 1)
    ]


def given(judgment: Judgment, key: uuid.UUID) -> dict[str, Any]:
    """Of a judgment collected here, with its comparison's campaign and its improved response loaded."""
    left, chosen = Position(judgment.shown_left), Chosen(judgment.chosen)
    answer = answer_of(judgment, left)
    if chosen in Position.values:
        chosen = Chosen.A if chosen == left.value else Chosen.B
    return {
        "id": key,
        "campaign": judgment.comparison.campaign.slug,
        "verdict": answer.place,
        "side": SIDES[chosen],
        "degree": judgment.degree or None,
        "safety_left": answer.safety_left,
        "safety_right": answer.safety_right,
        "rationale": answer.rationale,
        "edited": judgment.edited_response.text if judgment.edited_response else None,
        "revision": judgment.revision,
        "created_at": judgment.created_at,
        "revised_at": judgment.revised_at,
    }


def seconds_left(assignment: Assignment) -> int:
    return max(0, round((assignment.leased_until - timezone.now()).total_seconds()))


def _responses(sight: Sight) -> list[dict[str, str]]:
    sides = ("left", "right") if len(sight.texts) == 2 else ("only",)
    return [{"side": side, "text": text} for side, text in zip(sides, sight.texts, strict=True)]
