"""Guidelines: the versions of a campaign's, and the next one."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from preferences.actions import guidelines
from preferences.models import Guideline
from webapp.accounts.models import Scope
from webapp.api import managing, paging, reading
from webapp.api.authentication import person
from webapp.api.operations import Operation

VERSION = {"version": 3, "published_at": "2026-11-09T07:30:00Z", "published_by": "calm-heron-512904"}
TEXT = "# Guideline\n\nChoose the response that helps more."
EXAMPLE = {**VERSION, "text": TEXT}


class VersionOutput(serializers.Serializer[Guideline]):
    version = serializers.IntegerField()
    published_at = serializers.DateTimeField()
    published_by = serializers.CharField(
        source="published_by.pseudonym", default=None, allow_null=True, help_text="A pseudonym; null: a command."
    )


class GuidelineOutput(VersionOutput):
    text = serializers.CharField(help_text="Markdown.")


class Guidelines(Operation):
    scopes = {"GET": Scope.MANAGE, "POST": Scope.MANAGE}

    class Input(serializers.Serializer[Any]):
        text = serializers.CharField(trim_whitespace=False, help_text="Markdown.")

    Page = paging.pages_of(VersionOutput)

    @extend_schema(
        operation_id="guidelines_list",
        parameters=paging.PARAMETERS,
        responses={200: Page},
        examples=[paging.example(VERSION)],
    )
    def get(self, request: Request, slug: str) -> Response:
        """The versions of the campaign's guideline, newest first, without their texts."""
        rows = managing.campaign(request, slug).guidelines.select_related("published_by").defer("text")
        return paging.page(request, rows, VersionOutput, order=("-version",))

    @extend_schema(
        operation_id="guidelines_publish",
        request=Input,
        responses={201: GuidelineOutput},
        examples=[
            OpenApiExample("a text", {"text": TEXT}, request_only=True),
            OpenApiExample("published", EXAMPLE, response_only=True),
        ],
    )
    def post(self, request: Request, slug: str) -> Response:
        """Publishes the next version: annotators read it before they go on. Earlier ones stay with their judgments."""
        campaign, asked = managing.campaign(request, slug), reading.body(request, self.Input)
        made = guidelines.publish(campaign=campaign, text=asked["text"], by=person(request))
        return Response(GuidelineOutput(made).data, status=201)


class OneGuideline(Operation):
    scopes = {"GET": Scope.MANAGE}

    @extend_schema(
        operation_id="guidelines_read",
        responses={200: GuidelineOutput},
        examples=[OpenApiExample("a version", EXAMPLE, response_only=True)],
    )
    def get(self, request: Request, slug: str, version: int) -> Response:
        """One version."""
        versions = managing.campaign(request, slug).guidelines.select_related("published_by")
        return Response(GuidelineOutput(get_object_or_404(versions, version=version)).data)
