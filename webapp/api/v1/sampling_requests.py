"""Sampling requests: what is asked of which variants and what became of it; asked for now, once more, or no more."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from preferences.choices import Kind, Position, SamplingStatus
from preferences.models import Turn, Variant
from webapp.accounts.models import Scope
from webapp.api import managing, paging, reading
from webapp.api.authentication import person
from webapp.api.operations import Operation
from workers import cancellations, prefetch, replays, tasks
from workers.models import SamplingRun

EXAMPLE = {
    "id": 90210,
    "campaign": "helpful",
    "prompt": 5120,
    "turn": 4711,
    "position": "a",
    "variant": "llama-v3-sft",
    "temperature": 0.9,
    "top_p": 1.0,
    "seed": 184467,
    "ahead": False,
    "status": "failed",
    "attempts": 1,
    "reason": "The model stopped without an answer several times.",
    "response": None,
    "created_at": "2026-11-20T08:00:00Z",
    "ended_at": "2026-11-20T08:03:12Z",
}


WAITS = {**EXAMPLE, "ahead": True, "status": "pending", "attempts": 0, "reason": "", "ended_at": None}


class SamplingOutput(serializers.Serializer[SamplingRun]):
    id = serializers.IntegerField()
    campaign = serializers.CharField(source="turn.dialogue.campaign.slug")
    prompt = serializers.IntegerField(source="turn.prompt_id")
    turn = serializers.IntegerField(source="turn_id")
    position = serializers.ChoiceField(choices=Position.choices)
    variant = serializers.CharField(source="variant.name")
    temperature = serializers.FloatField()
    top_p = serializers.FloatField()
    seed = serializers.IntegerField()
    ahead = serializers.BooleanField(help_text="Nobody waits for it yet.")
    status = serializers.ChoiceField(choices=SamplingStatus.choices)
    attempts = serializers.IntegerField()
    reason = serializers.CharField(help_text="Why it failed, was cancelled, or waits again.")
    response = serializers.IntegerField(source="response_id", allow_null=True)
    created_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


class SamplingRequests(Operation):
    scopes = {"GET": Scope.WORK, "POST": Scope.WORK}

    class Input(serializers.Serializer[Any]):
        prompt = serializers.IntegerField(
            min_value=1, max_value=2**63 - 1, help_text="Of a fixed set, that no model was asked about yet."
        )

    class Output(serializers.Serializer[Any]):
        requests = SamplingOutput(many=True, help_text="The two of the pair.")

    class Query(serializers.Serializer[Any]):
        campaign = serializers.SlugField(required=False)
        variant = serializers.CharField(max_length=120, required=False, help_text="Its name.")
        status = serializers.ChoiceField(choices=SamplingStatus.choices, required=False)
        turn = serializers.IntegerField(required=False)

    Page = paging.pages_of(SamplingOutput)

    @extend_schema(
        operation_id="sampling_requests_list",
        parameters=[Query, *paging.PARAMETERS],
        responses={200: Page},
        examples=[paging.example(EXAMPLE)],
    )
    def get(self, request: Request) -> Response:
        """What was asked of the models in the person's campaigns, newest first; two make a pair."""
        asked = reading.query(request, self.Query, paged=True)
        where = {"campaign": "turn__dialogue__campaign__slug", "variant": "variant__name"}
        found = _asked(request).filter(**{where.get(name, name): value for name, value in asked.items()})
        return paging.page(request, found, SamplingOutput, order=("-pk",))

    @extend_schema(
        operation_id="sampling_requests_create",
        request=Input,
        responses={200: Output, 201: Output},
        examples=[
            OpenApiExample("a prompt", {"prompt": EXAMPLE["prompt"]}, request_only=True),
            OpenApiExample("asked", {"requests": [WAITS, {**WAITS, "position": "b"}]}, response_only=True),
        ],
    )
    def post(self, request: Request) -> Response:
        """Asks now for both responses of a prompt that waits until its campaign runs short.

        200 where they were asked for before. Variants and temperatures are drawn from the campaign's sampling plan.
        """
        asked = reading.body(request, self.Input)
        turns = Turn.objects.filter(dialogue__campaign__in=managing.campaigns(request).order_by().values("pk"))
        turns = turns.filter(prompt=asked["prompt"]).select_related("dialogue__campaign")
        if (turn := turns.order_by("pk").first()) is None:  # the first: a prompt that is replayed has more
            raise Http404
        with transaction.atomic():
            made = prefetch.ask(turn=turn, by=person(request))
            tasks.wake_after_commit({run.variant_id for run in made})
        found = _asked(request).filter(turn=turn).order_by("position")
        return Response({"requests": [SamplingOutput(run).data for run in found]}, status=201 if made else 200)


class OneSamplingRequest(Operation):
    scopes = {"GET": Scope.WORK}

    @extend_schema(
        operation_id="sampling_requests_read",
        responses={200: SamplingOutput},
        examples=[OpenApiExample("a request", EXAMPLE, response_only=True)],
    )
    def get(self, request: Request, pk: int) -> Response:
        """One request."""
        return Response(SamplingOutput(get_object_or_404(_asked(request), pk=pk)).data)


class RetrySampling(Operation):
    scopes = {"POST": Scope.WORK}

    @extend_schema(
        operation_id="sampling_requests_retry",
        request=None,
        responses={200: SamplingOutput},
        examples=[
            OpenApiExample(
                "waits", {**EXAMPLE, "status": "pending", "reason": "", "ended_at": None}, response_only=True
            )
        ],
    )
    def post(self, request: Request, pk: int) -> Response:
        """Asks once more for all that failed of its turn, with fresh seeds; where nothing failed nothing is done."""
        run = get_object_or_404(_asked(request), pk=pk)
        with transaction.atomic():
            tasks.wake_after_commit(prefetch.ask_again(turn=run.turn, by=person(request)))
        return Response(SamplingOutput(_asked(request).get(pk=pk)).data)


class CancelSampling(Operation):
    scopes = {"POST": Scope.WORK}

    @extend_schema(
        operation_id="sampling_requests_cancel",
        request=None,
        responses={200: SamplingOutput},
        examples=[
            OpenApiExample(
                "taken back",
                {**EXAMPLE, "status": "cancelled", "reason": "A manager took this request back."},
                response_only=True,
            )
        ],
    )
    def post(self, request: Request, pk: int) -> Response:
        """Takes back what is asked of its turn and not answered; what a worker still brings is not stored.

        Cancelled twice, it is cancelled once; a retry asks for it once more.
        """
        run = get_object_or_404(_asked(request), pk=pk)
        cancellations.cancel(turn=run.turn, by=person(request))
        return Response(SamplingOutput(_asked(request).get(pk=pk)).data)


class Replays(Operation):
    scopes = {"POST": Scope.WORK}

    class Input(serializers.Serializer[Any]):
        variant = serializers.IntegerField(min_value=1, max_value=2**63 - 1)

    class Output(serializers.Serializer[Any]):
        asked = serializers.IntegerField(help_text="Violating prompts that the variant had not met.")
        asked_again = serializers.IntegerField(help_text="Those that it had met, and whose sampling had failed.")

    @extend_schema(
        operation_id="replays_create",
        request=Input,
        responses={200: Output},
        examples=[
            OpenApiExample("of a variant", {"variant": 12}, request_only=True),
            OpenApiExample("asked", {"asked": 40, "asked_again": 0}, response_only=True),
        ],
    )
    def post(self, request: Request, slug: str) -> Response:
        """Asks a variant the prompts of a red team that others answered unsafely; asked twice, each is asked once."""
        campaign = get_object_or_404(managing.campaigns(request), slug=slug, kind=Kind.RED_TEAM)
        variant = get_object_or_404(Variant, pk=reading.body(request, self.Input)["variant"])
        asked = replays.ask(campaign=campaign, variant=variant, by=person(request))
        return Response({"asked": asked.new, "asked_again": asked.again})


def _asked(request: Request) -> QuerySet[SamplingRun]:
    runs = SamplingRun.objects.filter(turn__dialogue__campaign__in=managing.campaigns(request).order_by().values("pk"))
    return runs.select_related("turn__dialogue__campaign", "variant")
