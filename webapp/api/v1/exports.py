"""Exports: read one and how far it is, take its files whole or in parts."""

from __future__ import annotations

import uuid
from dataclasses import asdict
from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_field,
)
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from exports import actions, catalogue, public_sets, storage
from exports.models import Export
from exports.public_sets import PublicSet
from preferences import progress
from preferences.choices import ExportStatus, Track
from webapp.accounts.models import Scope
from webapp.api.authentication import person
from webapp.api.operations import Operation
from webapp.pages import downloads
from webapp.pages.batch_sight import visible

EXAMPLE = {
    "id": "c0a5b1de-5a0e-4d5c-a7d1-3c1f2b9f7e44",
    "batch": "8a4c1f0e-2f0b-4c2e-9f57-0d6c5d3f7a11",
    "format": "trl",
    "margin": "small",
    "mix": "",
    "public": [],
    "stop": False,
    "skipped": {"count": 0, "first": []},
    "status": "ready",
    "reason": "",
    "rows": 12840,
    "done": None,
    "manifest_sha256": "b94d…",
    "requested_at": "2026-11-23T08:00:00Z",
    "requested_by": "amber-robin-981323",
    "files": [{"name": "train.parquet", "bytes": 10485760, "sha256": "9f86…", "rows": 11840}],
    "archive": "2026-W47-trl-small-c0a5b1de.tar",
}


PUBLIC_SET = {"name": "harmless-base", "track": "safety", "form": "hh", "licence": "MIT"}


class FileOutput(serializers.Serializer[Any]):
    name = serializers.CharField()
    bytes = serializers.IntegerField()
    sha256 = serializers.CharField()
    rows = serializers.IntegerField(allow_null=True)


class SkippedOutput(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    first = serializers.ListField(child=serializers.CharField(), help_text="Of the first ones where they are, and why.")


class ExportOutput(serializers.Serializer[Export]):
    id = serializers.UUIDField()
    batch = serializers.UUIDField(source="batch_id")
    format = serializers.CharField()
    margin = serializers.CharField()
    mix = serializers.CharField()
    public = serializers.SerializerMethodField(help_text="Names of the public sets beside it; file names of others.")
    stop = serializers.BooleanField(help_text="Whether it fails at an entry of theirs that cannot be read.")
    skipped = serializers.SerializerMethodField(help_text="Entries of theirs that could not be read and were left out.")
    status = serializers.ChoiceField(choices=ExportStatus.choices)
    reason = serializers.CharField(help_text="Why it failed.")
    rows = serializers.IntegerField(allow_null=True)
    done = serializers.SerializerMethodField(help_text="Rows written so far, while somebody writes them.")
    manifest_sha256 = serializers.CharField()
    requested_at = serializers.DateTimeField()
    requested_by = serializers.CharField(
        source="requested_by.pseudonym", default=None, allow_null=True, help_text="Null for a command."
    )
    files = serializers.SerializerMethodField()
    archive = serializers.SerializerMethodField(help_text="The name of the .tar of all files.")

    def get_done(self, export: Export) -> int | None:
        standing = progress.standing(actions.progress_of(export)) if export.status == ExportStatus.RUNNING else None
        return standing.done if standing else None

    def get_public(self, export: Export) -> list[str]:
        return public_sets.names(export.public)

    @extend_schema_field(SkippedOutput)
    def get_skipped(self, export: Export) -> dict[str, Any]:
        return asdict(public_sets.skipped(export.manifest))

    def get_files(self, export: Export) -> list[dict[str, Any]]:
        return list(FileOutput(storage.files_of(export), many=True).data)

    def get_archive(self, export: Export) -> str:
        return downloads.archive_name(export)


class PublicSets(Operation):
    scopes = {"GET": Scope.EXPORT}

    class Output(serializers.Serializer[PublicSet]):
        name = serializers.CharField()
        track = serializers.ChoiceField(choices=Track.choices)
        form = serializers.CharField(source="source", help_text="How it was published.")
        licence = serializers.CharField()

    @extend_schema(
        operation_id="public_sets_list",
        responses={200: Output(many=True)},
        examples=[OpenApiExample("one", PUBLIC_SET, response_only=True)],
    )
    def get(self, request: Request) -> Response:
        """The public sets that may be named beside a batch in a mix."""
        visible(person(request))
        return Response([self.Output(one).data for one in catalogue.known()])


class OneExport(Operation):
    scopes = {"GET": Scope.EXPORT}

    @extend_schema(
        operation_id="exports_read",
        responses={200: ExportOutput},
        examples=[OpenApiExample("an export", EXAMPLE, response_only=True)],
    )
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        """One export: where it is, and its files once it is ready."""
        return Response(ExportOutput(_one(request, pk)).data)


class File(Operation):
    scopes = {"GET": Scope.EXPORT}

    @extend_schema(
        operation_id="exports_file",
        parameters=[
            OpenApiParameter("Range", str, OpenApiParameter.HEADER, description="bytes=FIRST-LAST: a part of it."),
            OpenApiParameter("If-Range", str, OpenApiParameter.HEADER, description="The ETag of what came before."),
        ],
        responses={
            (200, "application/octet-stream"): OpenApiResponse(OpenApiTypes.BINARY, "The whole file."),
            (206, "application/octet-stream"): OpenApiResponse(OpenApiTypes.BINARY, "The part that was asked for."),
            304: OpenApiResponse(None, "The file is what the client has."),
            416: OpenApiResponse(None, "The file has no such part."),
        },
    )
    def get(self, request: Request, pk: uuid.UUID, name: str) -> HttpResponseBase:
        """A file of a ready export, or the .tar of all of them."""
        export = get_object_or_404(downloads.MADE, pk=_one(request, pk).pk)
        return downloads.send(request._request, export, name, person(request))


def _one(request: Request, pk: uuid.UUID) -> Export:
    return get_object_or_404(Export.objects.select_related("batch"), pk=pk, batch__in=visible(person(request)))
