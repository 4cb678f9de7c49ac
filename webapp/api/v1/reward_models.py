"""Reward models: what they are trained on, and how well each agrees with people on held-out pairs."""

from __future__ import annotations

import uuid
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from preferences.choices import Degree, RewardStatus, Track
from preferences.stats import Interval
from webapp.accounts.models import Scope
from webapp.api import managing, paging, reading
from webapp.api.operations import Operation
from workers.models import RewardEvaluation, RewardModel
from workers.rewards.evaluation import Hits

EXAMPLE = {
    "id": "0b7c6c1e-3f7e-4a55-9a34-6c1b3a6f0c11",
    "track": "helpfulness",
    "base": "/models/llama-v3-sft",
    "margin": "small",
    "recipe": {"epochs": 1, "pairs_per_step": 512},
    "status": "trained",
    "step": 23,
    "steps": 23,
    "loss": 0.61,
    "weights_sha256": "5f0c…",
    "reason": "",
    "created_at": "2026-11-23T08:00:00Z",
    "started_at": "2026-11-23T08:00:05Z",
    "finished_at": "2026-11-23T09:00:05Z",
}
ACCURACY = {
    "batch": "2026-W47-helpful",
    "week": "2026-W47",
    "batch_sha256": "8e1d…",
    "track": "helpfulness",
    "pairs": 1000,
    "too_long": 1,
    "accuracy": {"value": 0.64, "low": 0.61, "high": 0.67},
    "by_degree": [
        {"degree": "significantly_better", "pairs": 210, "accuracy": {"value": 0.8, "low": 0.74, "high": 0.85}}
    ],
}


class RewardModelOutput(serializers.Serializer[RewardModel]):
    id = serializers.UUIDField()
    track = serializers.ChoiceField(choices=Track.choices)
    base = serializers.CharField(help_text="The chat checkpoint that it starts from.")
    margin = serializers.CharField()
    recipe = serializers.DictField()
    status = serializers.ChoiceField(choices=RewardStatus.choices)
    step = serializers.IntegerField()
    steps = serializers.IntegerField()
    loss = serializers.FloatField(allow_null=True, help_text="Of the last step, in nats a pair.")
    weights_sha256 = serializers.CharField()
    reason = serializers.CharField(help_text="Why it failed.")
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)


class RateOutput(serializers.Serializer[Interval]):
    value = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)


class RewardModels(Operation):
    scopes = {"GET": Scope.MANAGE}

    class Query(serializers.Serializer[Any]):
        track = serializers.ChoiceField(choices=Track.choices, required=False)
        status = serializers.ChoiceField(choices=RewardStatus.choices, required=False)

    Page = paging.pages_of(RewardModelOutput)

    @extend_schema(
        operation_id="reward_models_list",
        parameters=[Query, *paging.PARAMETERS],
        responses={200: Page},
        examples=[paging.example(EXAMPLE)],
    )
    def get(self, request: Request) -> Response:
        """The reward models, newest first."""
        managing.manager(request)
        asked = reading.query(request, self.Query, paged=True)
        return paging.page(request, RewardModel.objects.filter(**asked), RewardModelOutput, order=("-created_at",))


class OneRewardModel(Operation):
    scopes = {"GET": Scope.MANAGE}

    @extend_schema(
        operation_id="reward_models_read",
        responses={200: RewardModelOutput},
        examples=[OpenApiExample("a model", EXAMPLE, response_only=True)],
    )
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        """One reward model, and how far its training is."""
        managing.manager(request)
        return Response(RewardModelOutput(get_object_or_404(RewardModel, pk=pk)).data)


class DegreeOutput(serializers.Serializer[Any]):
    degree = serializers.CharField(help_text="Empty where the scale has none.")
    pairs = serializers.IntegerField()
    accuracy = RateOutput()


class AccuracyOutput(serializers.Serializer[RewardEvaluation]):
    batch = serializers.CharField()
    week = serializers.CharField()
    batch_sha256 = serializers.CharField()
    track = serializers.ChoiceField(choices=Track.choices)
    pairs = serializers.IntegerField(source="counted.total.pairs", help_text="Held-out pairs that it read.")
    too_long = serializers.IntegerField(help_text="Pairs that it could not read whole.")
    accuracy = RateOutput(source="counted.total.accuracy", help_text="How often it prefers what people chose.")
    by_degree = serializers.SerializerMethodField()

    @extend_schema_field(DegreeOutput(many=True))
    def get_by_degree(self, one: RewardEvaluation) -> list[dict[str, Any]]:
        found = [{"degree": degree, "pairs": hits.pairs, "accuracy": hits.accuracy} for degree, hits in _degrees(one)]
        return list(DegreeOutput(found, many=True).data)


class Accuracies(Operation):
    scopes = {"GET": Scope.MANAGE}

    Page = paging.pages_of(AccuracyOutput)

    @extend_schema(
        operation_id="reward_models_accuracies",
        parameters=paging.PARAMETERS,
        responses={200: Page},
        examples=[paging.example(ACCURACY)],
    )
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        """The model on the held-out rows of each track of each batch that it was measured on."""
        managing.manager(request)
        found = get_object_or_404(RewardModel, pk=pk).evaluations.all()
        return paging.page(request, found, AccuracyOutput, order=())


def _degrees(one: RewardEvaluation) -> list[tuple[str, Hits]]:
    """The strongest first."""
    places = {str(degree): place for place, degree in enumerate(Degree)}
    return sorted(one.counted.degrees.items(), key=lambda pair: places.get(pair[0], len(places)))
