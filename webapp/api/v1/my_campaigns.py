"""The campaigns in which the person annotates: what each asks of them, its guideline, and what they write to begin."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db.models import Count, QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotation import drafts, held_back, permissions, readings, returned_work, sessions, writing
from annotation.drafts import Kept
from annotation.models import Role
from preferences.choices import CampaignStatus, Kind, Track
from preferences.models import Campaign
from webapp.accounts.models import Scope, User
from webapp.api import paging, reading
from webapp.api.authentication import person
from webapp.api.operations import Operation
from webapp.api.v1 import claims, dialogue_sights
from webapp.api.v1.sights import GuidelineSeen

GONE = OpenApiResponse(None, "Done.")
CAMPAIGN = {
    "slug": "helpful",
    "name": "Helpful answers",
    "kind": "preference",
    "track": "helpfulness",
    "status": "open",
    "max_turns": 4,
    "writes_prompts": True,
    "guideline": {"version": 3, "is_read": True},
    "held_back": "",
    "returned": 0,
    "beat_seconds": 30,
    "draft": {},
    "draft_version": "",
}


@dataclass(frozen=True)
class Known:
    """Of the campaigns of a page, by their keys; drafts by their subjects."""

    guidelines: dict[int, tuple[int, bool]]
    held_back: dict[int, str]
    returned: dict[int, int]
    drafts: dict[str, Kept]


class MyCampaignOutput(serializers.Serializer[Campaign]):
    slug = serializers.SlugField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=Kind.choices)
    track = serializers.ChoiceField(choices=Track.choices)
    status = serializers.ChoiceField(choices=CampaignStatus.choices)
    max_turns = serializers.IntegerField(help_text="Of a dialogue of one's own.")
    writes_prompts = serializers.BooleanField(help_text="Whether its annotators begin dialogues of their own.")
    guideline = GuidelineSeen()
    held_back = serializers.CharField(allow_blank=True, help_text="Why the person gets no more of it now.")
    returned = serializers.IntegerField(help_text="How much of their work a reviewer returned, and waits for them.")
    beat_seconds = serializers.IntegerField(help_text="How often to send a heartbeat while the person works.")
    draft = serializers.DictField(child=serializers.CharField(), help_text="Of the prompt that they are writing.")
    draft_version = serializers.CharField(allow_blank=True)

    def to_representation(self, campaign: Campaign) -> dict[str, Any]:
        known: Known = self.context["known"]
        version, is_read = known.guidelines.get(campaign.pk, (None, False))
        kept = known.drafts.get(drafts.subject_of(campaign), Kept())
        return {
            "slug": campaign.slug,
            "name": campaign.name,
            "kind": campaign.kind,
            "track": campaign.track,
            "status": campaign.status,
            "max_turns": campaign.max_turns,
            "writes_prompts": _writes_prompts(campaign),
            "guideline": {"version": version, "is_read": is_read},
            "held_back": known.held_back.get(campaign.pk, ""),
            "returned": known.returned.get(campaign.pk, 0),
            "beat_seconds": sessions.beat_seconds(campaign),
            "draft": dialogue_sights.draft_in(kept.fields),
            "draft_version": kept.version,
        }


class MyCampaigns(Operation):
    scopes = {"GET": Scope.JUDGE}

    Page = paging.pages_of(MyCampaignOutput)

    @extend_schema(
        operation_id="my_campaigns_list",
        parameters=paging.PARAMETERS,
        responses={200: Page},
        examples=[paging.example(CAMPAIGN)],
    )
    def get(self, request: Request) -> Response:
        """The campaigns in which the person annotates, by name."""
        by = person(request)
        mine = _mine(by).prefetch_related("sampling_plan")
        return paging.page(request, mine, MyCampaignOutput, order=("name",), know=partial(_known, by))


class MyGuideline(Operation):
    scopes = {"GET": Scope.JUDGE, "POST": Scope.JUDGE}

    @extend_schema(
        operation_id="my_campaigns_guideline",
        responses={200: claims.ClaimGuideline.Output},
        examples=[OpenApiExample("version 3", {"version": 3, "text": "# Guideline"}, response_only=True)],
    )
    def get(self, request: Request, slug: str) -> Response:
        """The current guideline of the campaign."""
        guideline = writing.current_guideline(get_object_or_404(_mine(person(request)), slug=slug))
        return Response({"version": guideline.version, "text": guideline.text})

    @extend_schema(
        operation_id="my_campaigns_guideline_read",
        request=claims.ClaimGuideline.Input,
        responses={204: GONE},
        examples=[OpenApiExample("version 3", {"version": 3}, request_only=True)],
    )
    def post(self, request: Request, slug: str) -> Response:
        """The person says that they read this version, without which no verdict is taken."""
        version, by = reading.body(request, claims.ClaimGuideline.Input)["version"], person(request)
        guideline = writing.current_guideline(get_object_or_404(_mine(by), slug=slug))
        claims.confirm(guideline, version, by)
        return Response(status=204)


class MyHeartbeat(Operation):
    scopes = {"POST": Scope.JUDGE}

    class Input(serializers.Serializer[Any]):
        draft = dialogue_sights.DraftField()

    @extend_schema(
        operation_id="my_campaigns_heartbeat",
        request=Input,
        responses={200: dialogue_sights.BeatOutput},
        examples=[
            OpenApiExample("a draft", {"draft": {"text": "Why is", "category": "factual"}}, request_only=True),
            OpenApiExample("kept", {"draft_version": "5b0e…"}, response_only=True),
        ],
    )
    def post(self, request: Request, slug: str) -> Response:
        """Keeps the prompt that is being written, and counts the seconds of work on it since the last one."""
        draft, by = reading.body(request, self.Input)["draft"], person(request)
        campaign = get_object_or_404(_mine(by), slug=slug)
        return Response({"draft_version": writing.beat(about=campaign, campaign=campaign, fields=draft, by=by)})


def _mine(user: User) -> QuerySet[Campaign]:
    return permissions.campaigns_of(user, Role.ANNOTATOR).exclude(status=CampaignStatus.DRAFT)


def _writes_prompts(campaign: Campaign) -> bool:
    return campaign.kind == Kind.PREFERENCE and bool(campaign.sampling_plan.all())


def _known(by: User, campaigns: list[Campaign]) -> Known:
    returned = returned_work.returned_to(by, Campaign.objects.filter(pk__in=[one.pk for one in campaigns]))
    return Known(
        guidelines=readings.versions(campaigns, by),
        held_back=held_back.sentences(by, campaigns),
        returned=dict(returned.order_by().values_list("campaign").annotate(Count("pk"))),
        drafts=drafts.find_all(about=campaigns, by=by),
    )
