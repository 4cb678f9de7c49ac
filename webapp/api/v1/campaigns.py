"""Campaigns: list those that one manages, make one, read it, change how its work is handed out, see how far it is."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Max, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from preferences.actions import campaigns
from preferences.choices import CampaignStatus, Kind, RationalePolicy, Track, VerdictRule
from preferences.errors import NotAllowed
from preferences.models import Campaign
from preferences.scales import Scale
from webapp.accounts.models import Scope, User
from webapp.api import managing, paging, reading
from webapp.api.authentication import person
from webapp.api.operations import Operation
from webapp.pages.overview import progress

EXAMPLE = {
    "slug": "helpful",
    "name": "Helpfulness, first round",
    "kind": "preference",
    "track": "helpfulness",
    "scale": "eight_point",
    "question": "Which response is better: more helpful, while also safe and honest?",
    "status": "open",
    "raters_per_item": 1,
    "max_turns": 4,
    "lease_seconds": 900,
    "rationale": "optional",
    "asks_edit": False,
    "guideline": 3,
    "priority": 0,
    "most_per_person": None,
    "most_per_day": 200,
    "gold_share": 0.05,
    "gold_bar": 0.7,
    "repeat_share": 0.02,
    "ready_ahead": 100,
    "planned_comparisons": 20000,
    "planned_until": "2026-12-31",
    "agreement_gate": 0.4,
    "verdict_rule": "median",
    "time_zone": "Europe/Zurich",
    "created_at": "2026-11-02T08:00:00Z",
}
QUEUE = ("priority", "most_per_person", "most_per_day", "gold_share", "gold_bar", "repeat_share")
PLAN = ("planned_comparisons", "planned_until", "agreement_gate", "verdict_rule")
MOVES = {
    CampaignStatus.OPEN: campaigns.open_for_work,
    CampaignStatus.PAUSED: campaigns.pause,
    CampaignStatus.CLOSED: campaigns.close,
}


class CampaignOutput(serializers.Serializer[Campaign]):
    slug = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=Kind.choices)
    track = serializers.ChoiceField(choices=Track.choices)
    scale = serializers.ChoiceField(choices=Scale.choices)
    question = serializers.CharField()
    status = serializers.ChoiceField(choices=CampaignStatus.choices)
    raters_per_item = serializers.IntegerField(help_text="Judgments wanted of each comparison.")
    max_turns = serializers.IntegerField()
    lease_seconds = serializers.IntegerField()
    rationale = serializers.ChoiceField(choices=RationalePolicy.choices)
    asks_edit = serializers.BooleanField()
    guideline = serializers.IntegerField(allow_null=True, help_text="Its newest version.")
    priority = serializers.IntegerField()
    most_per_person = serializers.IntegerField(allow_null=True)
    most_per_day = serializers.IntegerField(allow_null=True)
    gold_share = serializers.FloatField(help_text="From 0 to 0.5.")
    gold_bar = serializers.FloatField(help_text="From 0 to 1.")
    repeat_share = serializers.FloatField(help_text="From 0 to 0.5.")
    ready_ahead = serializers.IntegerField()
    planned_comparisons = serializers.IntegerField(allow_null=True)
    planned_until = serializers.DateField(allow_null=True)
    agreement_gate = serializers.FloatField(allow_null=True, help_text="AC2, from 0 to 1.")
    verdict_rule = serializers.ChoiceField(choices=VerdictRule.choices)
    time_zone = serializers.CharField()
    created_at = serializers.DateTimeField()


class Campaigns(Operation):
    scopes = {"GET": Scope.MANAGE, "POST": Scope.MANAGE}

    class Query(serializers.Serializer[Any]):
        status = serializers.ChoiceField(choices=CampaignStatus.choices, required=False)
        kind = serializers.ChoiceField(choices=Kind.choices, required=False)
        track = serializers.ChoiceField(choices=Track.choices, required=False)

    class Input(serializers.Serializer[Any]):
        slug = serializers.SlugField(max_length=80)
        name = serializers.CharField(max_length=120)
        track = serializers.ChoiceField(choices=Track.choices)
        kind = serializers.ChoiceField(choices=Kind.choices, required=False)
        scale = serializers.ChoiceField(choices=Scale.choices, required=False)
        question = serializers.CharField(max_length=300, required=False)
        raters_per_item = serializers.IntegerField(min_value=1, max_value=100, required=False)
        max_turns = serializers.IntegerField(min_value=1, max_value=100, required=False)
        lease_seconds = serializers.IntegerField(min_value=1, max_value=86_400, required=False)
        rationale = serializers.ChoiceField(choices=RationalePolicy.choices, required=False)
        asks_edit = serializers.BooleanField(required=False)
        resamples_identity_leaks = serializers.BooleanField(required=False)
        time_zone = serializers.CharField(max_length=60, required=False)

    Page = paging.pages_of(CampaignOutput)

    @extend_schema(
        operation_id="campaigns_list",
        parameters=[Query, *paging.PARAMETERS],
        responses={200: Page},
        examples=[paging.example(EXAMPLE)],
    )
    def get(self, request: Request) -> Response:
        """The campaigns that the person manages."""
        asked = reading.query(request, self.Query, paged=True)
        return paging.page(request, _told(managing.campaigns(request)).filter(**asked), CampaignOutput, order=("slug",))

    @extend_schema(
        operation_id="campaigns_create",
        request=Input,
        responses={201: CampaignOutput},
        examples=[
            OpenApiExample(
                "a campaign", {"slug": "helpful", "name": "Helpfulness", "track": "helpfulness"}, request_only=True
            ),
            OpenApiExample("made", {**EXAMPLE, "status": "draft", "guideline": None}, response_only=True),
        ],
    )
    def post(self, request: Request) -> Response:
        """Makes a campaign, in draft, with the scale and the raters of its kind unless told; for administrators."""
        asked, by = reading.body(request, self.Input), person(request)
        if not by.is_superuser or by.paused_at is not None:
            raise NotAllowed(_("Campaigns are made by administrators."))
        made = campaigns.create(**asked, by=by)
        return Response(CampaignOutput(_told(Campaign.objects.all()).get(pk=made.pk)).data, status=201)


class OneCampaign(Operation):
    scopes = {"GET": Scope.MANAGE, "PATCH": Scope.MANAGE}

    class Input(serializers.Serializer[Any]):
        status = serializers.ChoiceField(choices=[status.value for status in MOVES], required=False)
        priority = serializers.IntegerField(required=False)
        most_per_person = serializers.IntegerField(required=False, allow_null=True)
        most_per_day = serializers.IntegerField(required=False, allow_null=True)
        gold_share = serializers.FloatField(required=False)
        gold_bar = serializers.FloatField(required=False)
        repeat_share = serializers.FloatField(required=False)
        ready_ahead = serializers.IntegerField(required=False)
        planned_comparisons = serializers.IntegerField(required=False, allow_null=True)
        planned_until = serializers.DateField(required=False, allow_null=True)
        agreement_gate = serializers.FloatField(required=False, allow_null=True)
        verdict_rule = serializers.ChoiceField(choices=VerdictRule.choices, required=False)

    @extend_schema(
        operation_id="campaigns_read",
        responses={200: CampaignOutput},
        examples=[OpenApiExample("a campaign", EXAMPLE, response_only=True)],
    )
    def get(self, request: Request, slug: str) -> Response:
        """One campaign."""
        return Response(CampaignOutput(_one(request, slug)).data)

    @extend_schema(
        operation_id="campaigns_change",
        request=Input,
        responses={200: CampaignOutput},
        examples=[
            OpenApiExample("open it", {"status": "open", "priority": 5}, request_only=True),
            OpenApiExample("a campaign", {**EXAMPLE, "priority": 5}, response_only=True),
        ],
    )
    def patch(self, request: Request, slug: str) -> Response:
        """Changes what is sent, all of it or nothing. Its kind, track and scale stay."""
        found = managing.campaign(request, slug)
        _change(found, reading.body(request, self.Input), person(request))
        return Response(CampaignOutput(_one(request, slug)).data)


class Progress(Operation):
    scopes = {"GET": Scope.MANAGE}

    class Output(serializers.Serializer[Any]):
        comparisons = serializers.IntegerField(help_text="Collected so far.")
        finished = serializers.IntegerField(help_text="With all the judgments that they want.")
        wanted = serializers.IntegerField(help_text="Judgments that are wanted in all.")
        judged = serializers.IntegerField(help_text="Judgments that are there.")
        annotators = serializers.IntegerField()
        sampling = serializers.IntegerField(help_text="Turns that wait for their responses.")
        failed = serializers.IntegerField(help_text="Turns whose sampling failed.")
        responses = serializers.IntegerField()
        leaks = serializers.IntegerField(help_text="Responses that say who wrote them.")
        flags = serializers.IntegerField()
        skips = serializers.IntegerField()
        to_review = serializers.IntegerField()

    @extend_schema(
        operation_id="campaigns_progress",
        responses={200: Output},
        examples=[
            OpenApiExample(
                "progress",
                {
                    "comparisons": 840,
                    "finished": 790,
                    "wanted": 2520,
                    "judged": 2391,
                    "annotators": 31,
                    "sampling": 12,
                    "failed": 0,
                    "responses": 1704,
                    "leaks": 3,
                    "flags": 2,
                    "skips": 17,
                    "to_review": 9,
                },
                response_only=True,
            )
        ],
    )
    def get(self, request: Request, slug: str) -> Response:
        """How far the campaign is, counted now; 404 for demonstrations and red teaming, which compare nothing."""
        return Response(self.Output(progress(judged(request, slug))).data)


def judged(request: Request, slug: str) -> Campaign:
    """A campaign of the person whose items are judged by several."""
    found = managing.campaign(request, slug)
    if found.kind in (Kind.DEMONSTRATION, Kind.RED_TEAM):
        raise Http404
    return found


def _told(found: QuerySet[Campaign]) -> QuerySet[Campaign]:
    return found.annotate(guideline=Max("guidelines__version"))


def _one(request: Request, slug: str) -> Campaign:
    return get_object_or_404(_told(managing.campaigns(request)), slug=slug)


@transaction.atomic
def _change(campaign: Campaign, asked: dict[str, Any], by: User) -> None:
    held = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    if any(name in asked for name in QUEUE):
        campaigns.arrange_queue(campaign=held, by=by, **_with_the_rest(held, QUEUE, asked))
    if any(name in asked for name in PLAN):
        plan = _with_the_rest(held, PLAN, asked)
        plan["comparisons"], plan["until"] = plan.pop("planned_comparisons"), plan.pop("planned_until")
        campaigns.plan(campaign=held, by=by, **plan)
    if "ready_ahead" in asked:
        campaigns.keep_ready(campaign=held, comparisons=asked["ready_ahead"], by=by)
    if "status" in asked and asked["status"] != held.status:
        MOVES[CampaignStatus(asked["status"])](campaign=held, by=by)


def _with_the_rest(campaign: Campaign, names: tuple[str, ...], asked: dict[str, Any]) -> dict[str, Any]:
    return {name: asked.get(name, getattr(campaign, name)) for name in names}
