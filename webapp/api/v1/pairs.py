"""What a manager's program sends and gets of a comparison: responses A and B, and which variants wrote them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from preferences.choices import (
    AttackVector,
    Category,
    Chosen,
    ComparisonStatus,
    Degree,
    JudgmentRole,
    RiskCategory,
    Source,
)
from preferences.lines import ID_LIMIT
from preferences.models import Comparison, Judgment
from webapp.api.v1.sights import MessageOutput

LINE = {
    "id": "p-17",
    "prompt": [{"role": "user", "content": "Why is the sky blue?"}],
    "response_a": "Air scatters blue light more than red.",
    "response_b": "It mirrors the sea.",
    "variant_a": "one",
    "variant_b": "two",
    "category": "factual",
}
INPUT = {"campaign": "helpful", **LINE}
EXAMPLE = {
    "id": "c5a2c58e-4d39-4a55-9a0d-5e0d5b1f2a77",
    "campaign": "helpful",
    "external_id": "p-17",
    "source": "imported",
    "status": "judged",
    "created_at": "2026-11-23T09:00:00Z",
    "finished_at": "2026-11-23T10:12:41Z",
}
WHOLE = {
    **EXAMPLE,
    "messages": LINE["prompt"],
    "responses": [
        {"response": "a", "text": LINE["response_a"], "variant": "one"},
        {"response": "b", "text": LINE["response_b"], "variant": "two"},
    ],
    "judgments": [
        {
            "annotator": "calm-heron-204817",
            "role": "rating",
            "chosen": "a",
            "degree": "better",
            "score": -3,
            "safety_a": None,
            "safety_b": None,
            "rationale": "B is wrong.",
            "created_at": "2026-11-23T10:12:41Z",
        }
    ],
}


class ComparisonInput(serializers.Serializer[Any]):
    """One line of docs/imports.md, and its campaign. The line's own reader says what is wrong in it."""

    campaign = serializers.SlugField()
    id = serializers.CharField(max_length=ID_LIMIT, help_text="The client's own name for it, once in a campaign.")
    prompt = MessageOutput(many=True, help_text="Ends with the user's message that is answered.")
    response_a = serializers.CharField(required=False, allow_blank=True)
    response_b = serializers.CharField(required=False, allow_blank=True)
    response = serializers.CharField(required=False, allow_blank=True, help_text="Where one response is rated.")
    variant_a = serializers.CharField(required=False, max_length=120, help_text="Which model wrote it.")
    variant_b = serializers.CharField(required=False, max_length=120)
    variant = serializers.CharField(required=False, max_length=120)
    system_prompt_a = serializers.CharField(required=False, allow_blank=True)
    system_prompt_b = serializers.CharField(required=False, allow_blank=True)
    system_prompt = serializers.CharField(required=False, allow_blank=True)
    category = serializers.ChoiceField(choices=Category.choices, required=False, allow_blank=True)
    second_category = serializers.ChoiceField(choices=Category.choices, required=False, allow_blank=True)
    risk_category = serializers.ChoiceField(choices=RiskCategory.choices, required=False, allow_blank=True)
    attack_vector = serializers.ChoiceField(choices=AttackVector.choices, required=False, allow_blank=True)
    votes = serializers.ListField(
        child=serializers.DictField(), required=False, help_text="At most as many as the campaign wants."
    )


class ComparisonOutput(serializers.Serializer[Comparison]):
    id = serializers.UUIDField(source="key")
    campaign = serializers.CharField(source="campaign.slug")
    external_id = serializers.CharField(allow_null=True, help_text="The `id` it was brought in with.")
    source = serializers.ChoiceField(choices=Source.choices)  # type: ignore[assignment]  # not the base's attribute
    status = serializers.ChoiceField(choices=ComparisonStatus.choices)
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True, help_text="When the last wanted judgment came in.")


class SideOutput(serializers.Serializer[Any]):
    response = serializers.ChoiceField(choices=["a", "b"])
    text = serializers.CharField(allow_blank=True)
    variant = serializers.CharField()


class VoteOutput(serializers.Serializer[Judgment]):
    annotator = serializers.CharField(source="annotator.pseudonym", help_text="Their pseudonym.")
    role = serializers.ChoiceField(choices=JudgmentRole.choices)
    chosen = serializers.ChoiceField(choices=Chosen.choices)
    degree = serializers.ChoiceField(choices=Degree.choices, allow_blank=True)
    score = serializers.IntegerField(allow_null=True, help_text="Below zero for A, above for B; a rating as it is.")
    safety_a = serializers.IntegerField(allow_null=True)
    safety_b = serializers.IntegerField(allow_null=True)
    rationale = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()


class WholeOutput(ComparisonOutput):
    messages = MessageOutput(many=True, allow_null=True, help_text="Null until it is finished, as the next two.")
    responses = SideOutput(many=True, allow_null=True)
    judgments = VoteOutput(many=True, allow_null=True)


def whole(comparison: Comparison) -> dict[str, Any]:
    told = dict(ComparisonOutput(comparison).data)
    if comparison.finished_at is None:
        return {**told, "messages": None, "responses": None, "judgments": None}
    sides = {"a": comparison.response_a, "b": comparison.response_b}
    judgments = comparison.judgments.select_related("annotator").order_by("created_at", "pk")
    return {
        **told,
        "messages": comparison.turn.messages(),
        "responses": [
            {"response": name, "text": one.text, "variant": one.variant.name} for name, one in sides.items() if one
        ],
        "judgments": [VoteOutput(one).data for one in judgments],
    }
