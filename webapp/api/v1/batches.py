"""Batches: list them, seal one, read one and its statistics, ask for an export."""

from __future__ import annotations

import uuid
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotation import permissions, sealing_orders
from annotation.models import Role, SealingOrder
from exports import actions as export_actions
from exports import catalogue
from exports.formats import FORMATS
from exports.public_sets import PublicSet
from exports.selections import OTHERS
from preferences.errors import InvalidInput
from preferences.margins import DEFAULT, MARGINS, canonical
from preferences.margins import EXAMPLE as MARGIN
from preferences.models import Batch
from webapp.accounts.models import Scope
from webapp.api import paging, reading
from webapp.api.authentication import person
from webapp.api.operations import Operation
from webapp.api.v1.exports import EXAMPLE as EXPORT
from webapp.api.v1.exports import ExportOutput
from webapp.pages.batch_sight import visible
from webapp.pages.batches import statistics_of, with_counts
from webapp.pages.exports import call
from webapp.pages.requests import campaign_or_404
from webapp.pages.sealing import call_sealing

EXAMPLE = {
    "id": "8a4c1f0e-2f0b-4c2e-9f57-0d6c5d3f7a11",
    "name": "2026-W47-helpful",
    "version": 1,
    "superseded": False,
    "week": "2026-W47",
    "sha256": "5f0c…",
    "seed": "margin",
    "train": 11840,
    "test": 1000,
    "sealed_at": "2026-11-23T00:15:02Z",
}


ORDER = {
    "id": "f1c2a3d4-0b6e-4e0c-8a51-9d0f4a1c7b22",
    "campaign": "helpful",
    "week": "2026-W47",
    "ordered_at": "2026-11-23T00:15:02Z",
    "batch": None,
    "refused": "",
}
ORDERED = EXPORT | {"status": "pending", "rows": None, "manifest_sha256": "", "files": []}


class BatchOutput(serializers.Serializer[Batch]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    version = serializers.IntegerField()
    superseded = serializers.BooleanField(
        source="is_superseded", help_text="Whether an erasure made a newer version: only that one is exported."
    )
    week = serializers.CharField(help_text="ISO week.")
    sha256 = serializers.CharField(help_text="Merkle root over the rows' hashes.")
    seed = serializers.CharField(help_text="Of the hash that drew the held-out groups.")
    train = serializers.IntegerField(help_text="Comparisons to train on.")
    test = serializers.IntegerField(help_text="Comparisons held out.")
    sealed_at = serializers.DateTimeField()


class OrderOutput(serializers.Serializer[SealingOrder]):
    id = serializers.UUIDField()
    campaign = serializers.CharField(source="campaign.slug")
    week = serializers.CharField()
    ordered_at = serializers.DateTimeField()
    batch = serializers.UUIDField(source="batch_id", allow_null=True, help_text="Once it is sealed.")
    refused = serializers.CharField(help_text="Why nothing was sealed.")


class Batches(Operation):
    scopes = {"GET": Scope.EXPORT, "POST": Scope.MANAGE}

    class Query(serializers.Serializer[Any]):
        week = serializers.RegexField(r"^\d{4}-W\d{2}\Z", required=False, help_text="Only those of this ISO week.")

    class Input(serializers.Serializer[Any]):
        campaign = serializers.SlugField()
        week = serializers.CharField(max_length=8, help_text="ISO week, such as 2026-W47.")
        anyway = serializers.CharField(
            max_length=1000, required=False, default="", help_text="Why it is sealed against the campaign's rule."
        )

    Page = paging.pages_of(BatchOutput)

    @extend_schema(
        operation_id="batches_list",
        parameters=[Query, *paging.PARAMETERS],
        responses={200: Page},
        examples=[paging.example(EXAMPLE)],
    )
    def get(self, request: Request) -> Response:
        """The sealed batches of the person's campaigns, newest first, of one batch the newest version."""
        asked = reading.query(request, self.Query, paged=True)
        return paging.page(
            request,
            with_counts(visible(person(request)).filter(**asked)),
            BatchOutput,
            order=("-sealed_at", "-version"),
        )

    @extend_schema(
        operation_id="batches_seal",
        request=Input,
        responses={201: BatchOutput, 202: OrderOutput},
        examples=[
            OpenApiExample("a week", {"campaign": "helpful", "week": "2026-W47"}, request_only=True),
            OpenApiExample("sealed", EXAMPLE, response_only=True, status_codes=["201"]),
            OpenApiExample("ordered", ORDER, response_only=True, status_codes=["202"]),
        ],
    )
    def post(self, request: Request) -> Response:
        """Seals what a campaign finished by the end of the week, where its rules let it.

        What is too large to wait for is ordered, and sealed by a worker: read the order until it has its batch.
        """
        asked = reading.body(request, self.Input)
        campaign = campaign_or_404(asked.pop("campaign"))
        made = sealing_orders.seal(campaign=campaign, by=person(request), **asked)
        if isinstance(made, SealingOrder):
            transaction.on_commit(partial(call_sealing, made))
            return Response(OrderOutput(made).data, status=202)
        return Response(BatchOutput(_counted(request, made.pk)).data, status=201)


class OneOrder(Operation):
    scopes = {"GET": Scope.MANAGE}

    @extend_schema(
        operation_id="sealing_orders_read",
        responses={200: OrderOutput},
        examples=[OpenApiExample("sealed", {**ORDER, "batch": EXAMPLE["id"]}, response_only=True)],
    )
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        """A week that a worker seals: its batch, or why there is none."""
        managed = permissions.campaigns_of(person(request), Role.MANAGER)
        return Response(OrderOutput(get_object_or_404(SealingOrder, pk=pk, campaign__in=managed)).data)


class OneBatch(Operation):
    scopes = {"GET": Scope.EXPORT}

    @extend_schema(
        operation_id="batches_read",
        responses={200: BatchOutput},
        examples=[OpenApiExample("a batch", EXAMPLE, response_only=True)],
    )
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        """One sealed batch."""
        return Response(BatchOutput(_counted(request, pk)).data)


class Statistics(Operation):
    scopes = {"GET": Scope.EXPORT}

    @extend_schema(
        operation_id="batches_statistics",
        responses={200: OpenApiTypes.OBJECT},
        examples=[
            OpenApiExample(
                "some of it",
                {"comparisons": 12840, "train": 11840, "test": 1000, "dialogues": 3291, "turns_per_dialogue": 3.9},
                response_only=True,
            )
        ],
    )
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        """What the batch holds, as in Table 26 of the Llama 2 paper; 404 while it is being counted."""
        about = statistics_of(_counted(request, pk))
        if about is None:
            raise Http404
        return Response(about)


class Exports(Operation):
    scopes = {"GET": Scope.EXPORT, "POST": Scope.EXPORT}

    class Input(serializers.Serializer[Any]):
        format = serializers.ChoiceField(choices=sorted(FORMATS))
        margin = serializers.CharField(
            max_length=200, required=False, default=DEFAULT, help_text=f"{', '.join(MARGINS)}, or such as {MARGIN}."
        )
        mix = serializers.ChoiceField(choices=sorted(OTHERS), required=False, default="", allow_blank=True)
        public = serializers.ListField(
            child=serializers.CharField(max_length=60),
            max_length=100,
            required=False,
            default=list,
            help_text="Names of public sets beside it in a mix (`GET /api/v1/public-sets/`).",
        )
        stop = serializers.BooleanField(
            required=False,
            default=False,
            help_text="Whether it fails at an entry of a public set that cannot be read, which else is left out.",
        )

        def validate_margin(self, typed: str) -> str:
            try:
                return canonical(typed)
            except InvalidInput as error:
                raise serializers.ValidationError(str(error)) from None

        def validate_public(self, names: list[str]) -> list[PublicSet]:
            try:
                return catalogue.chosen(names) if names else []
            except InvalidInput as error:
                raise serializers.ValidationError(str(error)) from None

    Page = paging.pages_of(ExportOutput)

    @extend_schema(
        operation_id="exports_list",
        parameters=paging.PARAMETERS,
        responses={200: Page},
        examples=[paging.example(EXPORT)],
    )
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        """The batch's exports, newest first."""
        return paging.page(request, _counted(request, pk).exports.all(), ExportOutput, order=("-requested_at",))

    @extend_schema(
        operation_id="exports_request",
        request=Input,
        responses={202: ExportOutput},
        examples=[
            OpenApiExample("for TRL", {"format": "trl", "margin": "small"}, request_only=True),
            OpenApiExample("asked for", ORDERED, response_only=True, status_codes=["202"]),
        ],
    )
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        """Asks for the batch in one format; the export is written in the background, read it until it is ready."""
        batch = _counted(request, pk)
        asked = reading.body(request, self.Input)
        wanted = export_actions.request(batch=batch, by=person(request), **asked)
        transaction.on_commit(partial(call, wanted))
        return Response(ExportOutput(wanted, context={"request": request}).data, status=202)


def _counted(request: Request, pk: uuid.UUID) -> Batch:
    found: QuerySet[Batch] = with_counts(visible(person(request)))
    return get_object_or_404(found, pk=pk)
