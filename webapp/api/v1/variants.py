"""Variants: the models that are sampled, whether they answer, and how much of them is asked for."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from preferences.actions import variants
from preferences.actions.variants import LIMITS
from preferences.choices import VariantStatus
from preferences.models import Variant
from webapp.accounts.models import Scope
from webapp.api import managing, paging, reading
from webapp.api.operations import Operation
from workers import health, registration, tasks
from workers.engines import ENGINES
from workers.models import HealthCheck

IDENTITY = {
    "name": "llama-v3-sft",
    "iteration": "RLHF-V3",
    "engine": "openai",
    "location": "https://models.example/v1#llama-v3",
}
CHECK = {
    "id": 71,
    "usable": True,
    "problems": [],
    "warnings": [],
    "engine_version": "vllm 0.11.0",
    "weights_hash": "",
    "revision": "v3",
    "context_tokens": 4096,
    "seconds": 2.5,
    "requested_at": "2026-11-20T08:00:00Z",
    "finished_at": "2026-11-20T08:00:04Z",
}
EXAMPLE = {
    "id": 12,
    **IDENTITY,
    "revision": "v3",
    "weights_hash": "",
    "chat_template": "",
    "system_prompt": "",
    "context_tokens": 4096,
    "max_prompt_tokens": 2000,
    "max_tokens": 1000,
    "batch_size": 32,
    "queue": "",
    "status": "active",
    "created_at": "2026-11-20T07:59:00Z",
    "check": CHECK,
}


class CheckOutput(serializers.Serializer[HealthCheck]):
    id = serializers.IntegerField()
    usable = serializers.BooleanField(allow_null=True, help_text="null: the check is not finished.")
    problems = serializers.ListField(child=serializers.CharField(), help_text="Why it cannot serve.")
    warnings = serializers.ListField(child=serializers.CharField())
    engine_version = serializers.CharField()
    weights_hash = serializers.CharField()
    revision = serializers.CharField()
    context_tokens = serializers.IntegerField(allow_null=True)
    seconds = serializers.FloatField(allow_null=True)
    requested_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)


class VariantOutput(serializers.Serializer[Variant]):
    id = serializers.IntegerField()
    name = serializers.CharField(help_text="No annotator ever reads it.")
    iteration = serializers.CharField()
    engine = serializers.CharField()
    location = serializers.CharField()
    revision = serializers.CharField()
    weights_hash = serializers.CharField(help_text="SHA-256.")
    chat_template = serializers.CharField()
    system_prompt = serializers.CharField()
    context_tokens = serializers.IntegerField(allow_null=True)
    max_prompt_tokens = serializers.IntegerField(allow_null=True)
    max_tokens = serializers.IntegerField()
    batch_size = serializers.IntegerField()
    queue = serializers.CharField()
    status = serializers.ChoiceField(choices=VariantStatus.choices)
    created_at = serializers.DateTimeField()
    check = serializers.SerializerMethodField(help_text="The last one that is finished.")

    @extend_schema_field(CheckOutput(allow_null=True))
    def get_check(self, variant: Variant) -> dict[str, Any] | None:
        found: list[HealthCheck] = variant.finished_checks  # type: ignore[attr-defined]  # prefetched
        return dict(CheckOutput(found[0]).data) if found else None


class LimitsInput(serializers.Serializer[Any]):
    context_tokens = serializers.IntegerField(required=False, allow_null=True)
    max_prompt_tokens = serializers.IntegerField(required=False, allow_null=True)
    max_tokens = serializers.IntegerField(required=False)
    batch_size = serializers.IntegerField(required=False)
    queue = serializers.CharField(required=False, allow_blank=True, max_length=40)


class Variants(Operation):
    scopes = {"GET": Scope.MANAGE, "POST": Scope.MANAGE}

    class Query(serializers.Serializer[Any]):
        status = serializers.ChoiceField(choices=VariantStatus.choices, required=False)
        name = serializers.CharField(required=False)
        iteration = serializers.CharField(required=False)

    class Input(LimitsInput):
        name = serializers.CharField(max_length=120)
        engine = serializers.ChoiceField(choices=sorted(ENGINES))
        location = serializers.CharField(
            max_length=500, help_text="A folder on the worker's machine; of a server its address, then # and its model."
        )
        iteration = serializers.CharField(max_length=60, required=False, allow_blank=True)
        revision = serializers.CharField(max_length=120, required=False, allow_blank=True)
        weights_hash = serializers.CharField(max_length=64, required=False, allow_blank=True)
        chat_template = serializers.CharField(required=False, allow_blank=True, trim_whitespace=False)
        system_prompt = serializers.CharField(required=False, allow_blank=True, trim_whitespace=False)

    Page = paging.pages_of(VariantOutput)

    @extend_schema(
        operation_id="variants_list",
        parameters=[Query, *paging.PARAMETERS],
        responses={200: Page},
        examples=[paging.example(EXAMPLE)],
    )
    def get(self, request: Request) -> Response:
        """All variants, those too whose answers were imported, newest first."""
        managing.manager(request)
        asked = reading.query(request, self.Query, paged=True)
        return paging.page(request, _shown().filter(**asked), VariantOutput, order=("-pk",))

    @extend_schema(
        operation_id="variants_register",
        request=Input,
        responses={201: VariantOutput},
        examples=[
            OpenApiExample("a server", {**IDENTITY, "max_tokens": 1000}, request_only=True),
            OpenApiExample("registered", {**EXAMPLE, "check": None}, response_only=True),
        ],
    )
    def post(self, request: Request) -> Response:
        """Registers a model and has it checked; 409 where the name is taken. What it is cannot be changed later."""
        by, asked = managing.manager(request), reading.body(request, self.Input)
        with transaction.atomic():
            made = registration.register(**asked, by=by)
            tasks.check_after_commit(health.request(variant=made, by=by))
        return Response(VariantOutput(_shown().get(pk=made.pk)).data, status=201)


class OneVariant(Operation):
    scopes = {"GET": Scope.MANAGE, "PATCH": Scope.MANAGE}

    @extend_schema(
        operation_id="variants_read",
        responses={200: VariantOutput},
        examples=[OpenApiExample("a variant", EXAMPLE, response_only=True)],
    )
    def get(self, request: Request, pk: int) -> Response:
        """One variant."""
        managing.manager(request)
        return Response(VariantOutput(_one(pk)).data)

    @extend_schema(
        operation_id="variants_limit",
        request=LimitsInput,
        responses={200: VariantOutput},
        examples=[
            OpenApiExample("shorter answers", {"max_tokens": 500}, request_only=True),
            OpenApiExample("limited", {**EXAMPLE, "max_tokens": 500}, response_only=True),
        ],
    )
    def patch(self, request: Request, pk: int) -> Response:
        """Changes how much of it is asked for at once, and where, from the next claim on."""
        by, found = managing.manager(request), _one(pk)
        limits = {name: getattr(found, name) for name in LIMITS} | reading.body(request, LimitsInput)
        variants.change_limits(variant=found, by=by, **limits)
        return Response(VariantOutput(_one(pk)).data)


class Retire(Operation):
    scopes = {"POST": Scope.MANAGE}

    @extend_schema(
        operation_id="variants_retire",
        request=None,
        responses={200: VariantOutput},
        examples=[OpenApiExample("retired", {**EXAMPLE, "status": "retired"}, response_only=True)],
    )
    def post(self, request: Request, pk: int) -> Response:
        """It is drawn no more; what was asked of it before is still answered."""
        by, found = managing.manager(request), _one(pk)
        variants.retire(variant=found, by=by)
        return Response(VariantOutput(_one(pk)).data)


class Checks(Operation):
    scopes = {"GET": Scope.MANAGE, "POST": Scope.MANAGE}

    Page = paging.pages_of(CheckOutput)

    @extend_schema(
        operation_id="variant_checks_list",
        parameters=paging.PARAMETERS,
        responses={200: Page},
        examples=[paging.example(CHECK)],
    )
    def get(self, request: Request, pk: int) -> Response:
        """What its workers found when they loaded and probed it, newest first."""
        managing.manager(request)
        return paging.page(request, _one(pk).health_checks.all(), CheckOutput, order=("-pk",))

    @extend_schema(
        operation_id="variant_checks_request",
        request=None,
        responses={202: CheckOutput},
        examples=[
            OpenApiExample(
                "asked for",
                {**CHECK, "usable": None, "finished_at": None},
                response_only=True,
                status_codes=["202"],
            )
        ],
    )
    def post(self, request: Request, pk: int) -> Response:
        """Has one of its workers load and probe it; where a check is under way already, that one."""
        by, found = managing.manager(request), _one(pk)
        with transaction.atomic():
            check = health.request(variant=found, by=by)
            tasks.check_after_commit(check)
        return Response(CheckOutput(check).data, status=202)


def _shown() -> QuerySet[Variant]:
    finished = HealthCheck.objects.filter(finished_at__isnull=False).order_by("variant", "-pk").distinct("variant")
    return Variant.objects.prefetch_related(Prefetch("health_checks", finished, to_attr="finished_checks"))


def _one(pk: int) -> Variant:
    return get_object_or_404(_shown(), pk=pk)
