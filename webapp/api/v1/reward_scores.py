"""Reward scores: have a reward model score answers, and read the scores once a worker has them."""

from __future__ import annotations

import contextlib
import math
import uuid
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from kombu.exceptions import OperationalError
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from webapp.accounts.models import Scope
from webapp.api import managing, paging, reading
from webapp.api.authentication import person
from webapp.api.operations import Operation
from workers.models import RewardModel, ScoringOrder
from workers.rewards import scores, tasks

ITEM = {
    "messages": [{"role": "user", "content": "Why is the sky blue?"}],
    "response": "Air scatters blue light more than red.",
}
EXAMPLE = {
    "id": "d4f1b0aa-2c0e-4a5e-93c8-5b7a0f7c9e21",
    "model": "0b7c6c1e-3f7e-4a55-9a34-6c1b3a6f0c11",
    "scores": [{"score": 1.25, "reward": 0.777}],
    "problem": "",
    "requested_at": "2026-11-23T09:00:00Z",
    "finished_at": "2026-11-23T09:00:12Z",
}
WAITS = {**EXAMPLE, "scores": None, "finished_at": None}


class ScoredMessage(serializers.Serializer[Any]):
    role = serializers.ChoiceField(choices=["user", "assistant"])
    content = serializers.CharField(trim_whitespace=False, allow_blank=True)


class ScoredItem(serializers.Serializer[Any]):
    messages = ScoredMessage(many=True, allow_empty=False, help_text="Up to the user's message that is answered.")
    response = serializers.CharField(trim_whitespace=False, allow_blank=True)


class ScoreOutput(serializers.Serializer[Any]):
    score = serializers.FloatField(help_text="The model's own: of two answers to one prompt the better has the higher.")
    reward = serializers.FloatField(help_text="Its sigmoid, from 0 to 1.")


class ScoresOutput(serializers.Serializer[ScoringOrder]):
    id = serializers.UUIDField()
    model = serializers.UUIDField(source="model_id")
    scores = serializers.SerializerMethodField(help_text="In the order of the items; null until a worker has them.")
    problem = serializers.SerializerMethodField(help_text="Why there are none.")
    requested_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)

    def get_problem(self, order: ScoringOrder) -> str:
        return _(order.problem) if order.problem else ""

    @extend_schema_field(ScoreOutput(many=True, allow_null=True))
    def get_scores(self, order: ScoringOrder) -> list[dict[str, float]] | None:
        if order.scores is None:
            return None
        return [{"score": score, "reward": _sigmoid(score)} for score in order.scores]


class Scores(Operation):
    scopes = {"GET": Scope.MANAGE, "POST": Scope.MANAGE}

    Page = paging.pages_of(ScoresOutput)

    class Input(serializers.Serializer[Any]):
        items = ScoredItem(many=True, help_text=f"At most {scores.MOST_ITEMS}.")

    @extend_schema(
        operation_id="reward_scores_list",
        parameters=paging.PARAMETERS,
        responses={200: Page},
        examples=[paging.example(EXAMPLE)],
    )
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        """What the person has had scored by the model, newest first."""
        found = _own(request).filter(model=_model(request, pk))
        return paging.page(request, found, ScoresOutput, order=("-requested_at",))

    @extend_schema(
        operation_id="reward_scores_request",
        request=Input,
        responses={202: ScoresOutput},
        examples=[
            OpenApiExample("an answer", {"items": [ITEM]}, request_only=True),
            OpenApiExample("asked for", WAITS, response_only=True, status_codes=["202"]),
        ],
    )
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        """Has a trained reward model score answers: read `/reward-scores/ID/` until they are there.

        The words are kept until then, a day at most, and nothing but the scores afterwards.
        """
        model, asked = _model(request, pk), reading.body(request, self.Input)
        with transaction.atomic():
            order = scores.request(model=model, items=asked["items"], by=person(request))
            transaction.on_commit(lambda: _call(order))
        return Response(ScoresOutput(order).data, status=202)


class OneScores(Operation):
    scopes = {"GET": Scope.MANAGE}

    @extend_schema(
        operation_id="reward_scores_read",
        responses={200: ScoresOutput},
        examples=[OpenApiExample("scored", EXAMPLE, response_only=True)],
    )
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        """What the person has had scored: the scores, or why there are none."""
        return Response(ScoresOutput(get_object_or_404(_own(request), pk=pk)).data)


def _model(request: Request, pk: uuid.UUID) -> RewardModel:
    managing.manager(request)
    return get_object_or_404(RewardModel, pk=pk)


def _own(request: Request) -> QuerySet[ScoringOrder]:
    return ScoringOrder.objects.filter(requested_by=managing.manager(request)).defer("items")


def _call(order: ScoringOrder) -> None:
    """Tells a worker now; where the broker is away, the sweep finds the order later."""
    with contextlib.suppress(OperationalError):
        tasks.score.apply_async((str(order.pk),), expires=tasks.EXPIRES)


def _sigmoid(score: float) -> float:
    return 1 / (1 + math.exp(-score)) if score >= 0 else math.exp(score) / (1 + math.exp(score))
