"""Prompts: read those of one's campaigns, and bring in those of a fixed set, one by one or many at once."""

from __future__ import annotations

from typing import Any

import orjson
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotation import permissions
from preferences.choices import AttackVector, Category, RiskCategory
from preferences.errors import InvalidInput
from preferences.importing import ImportedPrompt, parse_prompt
from preferences.lines import ID_LIMIT
from preferences.models import Campaign, Prompt
from webapp.accounts.models import Scope, User
from webapp.api import managing, paging, reading
from webapp.api.authentication import person
from webapp.api.loading import NDJSON, REQUEST, Loaded, check_lines, load
from webapp.api.operations import Operation
from webapp.pages.requests import campaign_or_404
from workers import prompt_sets

CHUNK = 200
LABELS = {"category": "factual", "second_category": "", "risk_category": "", "attack_vector": ""}
EXAMPLE = {
    "id": 5120,
    "campaign": "helpful",
    "external_id": "p-17",
    "text": "Why is the sky blue?",
    **LABELS,
    "author": None,
    "created_at": "2026-11-20T08:00:00Z",
    "retired_at": None,
}
LINE = {"id": "p-17", "prompt": [{"role": "user", "content": EXAMPLE["text"]}], "category": "factual"}


class PromptOutput(serializers.Serializer[Prompt]):
    id = serializers.IntegerField()
    campaign = serializers.CharField(source="campaign.slug")
    external_id = serializers.CharField(allow_null=True, help_text="Its id in the set that it came with.")
    text = serializers.CharField()
    category = serializers.CharField()
    second_category = serializers.CharField()
    risk_category = serializers.CharField()
    attack_vector = serializers.CharField()
    author = serializers.CharField(
        source="author.pseudonym", default=None, allow_null=True, help_text="A pseudonym; null: it was brought in."
    )
    created_at = serializers.DateTimeField()
    retired_at = serializers.DateTimeField(
        source="retirement.at", default=None, allow_null=True, help_text="Since when it is asked and judged no more."
    )


class MessageInput(serializers.Serializer[Any]):
    role = serializers.ChoiceField(choices=["user", "assistant"])
    content = serializers.CharField(trim_whitespace=False)


class Prompts(Operation):
    scopes = {"GET": Scope.MANAGE, "POST": Scope.MANAGE}

    class Query(serializers.Serializer[Any]):
        campaign = serializers.SlugField(required=False)
        external_id = serializers.CharField(max_length=ID_LIMIT, required=False)
        author = serializers.CharField(max_length=60, required=False, help_text="A pseudonym.")
        category = serializers.ChoiceField(choices=Category.choices, required=False)
        risk_category = serializers.ChoiceField(choices=RiskCategory.choices, required=False)
        attack_vector = serializers.ChoiceField(choices=AttackVector.choices, required=False)
        retired = serializers.BooleanField(required=False)

    Page = paging.pages_of(PromptOutput)

    class Input(serializers.Serializer[Any]):
        campaign = serializers.SlugField()
        id = serializers.CharField(max_length=ID_LIMIT, help_text="Its id in your set; once seen it is skipped.")
        prompt = MessageInput(many=True, allow_empty=False, help_text="It ends with the user's message.")
        category = serializers.ChoiceField(choices=Category.choices, required=False)
        second_category = serializers.ChoiceField(choices=Category.choices, required=False)
        risk_category = serializers.ChoiceField(choices=RiskCategory.choices, required=False)
        attack_vector = serializers.ChoiceField(choices=AttackVector.choices, required=False)

    @extend_schema(
        operation_id="prompts_list",
        parameters=[Query, *paging.PARAMETERS],
        responses={200: Page},
        examples=[paging.example(EXAMPLE)],
    )
    def get(self, request: Request) -> Response:
        """The prompts of the campaigns that the person manages, newest first."""
        asked = reading.query(request, self.Query, paged=True)
        names = {"campaign": "campaign__slug", "author": "author__pseudonym"}
        found = _prompts(request)
        if (retired := asked.pop("retired", None)) is not None:
            found = found.filter(retirement__isnull=not retired)
        found = found.filter(**{names.get(name, name): value for name, value in asked.items()})
        return paging.page(request, found, PromptOutput, order=("-pk",))

    @extend_schema(
        operation_id="prompts_create",
        request=Input,
        responses={200: PromptOutput, 201: PromptOutput},
        examples=[
            OpenApiExample("a question", {"campaign": "helpful", **LINE}, request_only=True),
            OpenApiExample("stored", EXAMPLE, response_only=True),
        ],
    )
    def post(self, request: Request) -> Response:
        """Brings one prompt in, to be answered by the campaign's sampling plan; 200 where its id was there already."""
        asked = reading.body(request, self.Input)
        campaign, item = _to_fill(asked.pop("campaign"), person(request)), _checked(asked)
        done = prompt_sets.bring_in(campaign=campaign, items=[item], by=person(request))
        found = _prompts(request).get(campaign=campaign, external_id=item.external_id)
        return Response(PromptOutput(found).data, status=201 if done.stored else 200)


class ManyPrompts(Operation):
    scopes = {"POST": Scope.MANAGE}
    in_one_transaction = False  # an id that is there already is passed by
    reads_a_stream = True

    class Output(Loaded):
        asked_again = serializers.IntegerField(help_text="Of those skipped, whose sampling had failed.")

    @extend_schema(
        operation_id="prompts_create_many",
        request=REQUEST,
        responses={200: Output},
        examples=[
            OpenApiExample("a line", orjson.dumps(LINE).decode(), request_only=True, media_type=NDJSON),
            OpenApiExample(
                "stored",
                {"stored": 1, "skipped": 0, "asked_again": 0, "failed": 0, "lines": [], "stopped_after": None},
                response_only=True,
            ),
        ],
    )
    def post(self, request: Request, slug: str) -> Response:
        """Brings in a fixed set, one prompt a line, as it comes; an `id` that the campaign has already is skipped.

        A line that cannot be used is told with its number and the rest goes on, until ten thousand failed.
        """
        check_lines(request)
        campaign, by = _to_fill(slug, person(request)), person(request)

        def store(chunk: list[ImportedPrompt]) -> dict[str, int]:
            done = prompt_sets.bring_in(campaign=campaign, items=chunk, by=by)
            return {name: len(getattr(done, name)) for name in ("stored", "skipped", "asked_again")}

        told = load(self.body_of(request), parse=parse_prompt, store=store, at_once=CHUNK)
        return Response({"asked_again": 0, **told})


class OnePrompt(Operation):
    scopes = {"GET": Scope.MANAGE}

    @extend_schema(
        operation_id="prompts_read",
        responses={200: PromptOutput},
        examples=[OpenApiExample("a prompt", EXAMPLE, response_only=True)],
    )
    def get(self, request: Request, pk: int) -> Response:
        """One prompt."""
        return Response(PromptOutput(get_object_or_404(_prompts(request), pk=pk)).data)


class RetirePrompt(Operation):
    scopes = {"POST": Scope.MANAGE}

    @extend_schema(
        operation_id="prompts_retire",
        request=None,
        responses={200: PromptOutput},
        examples=[OpenApiExample("retired", {**EXAMPLE, "retired_at": "2026-11-24T09:00:00Z"}, response_only=True)],
    )
    def post(self, request: Request, pk: int) -> Response:
        """The prompt is asked no more, nor judged by anybody who has not begun; its dialogue ends.

        So are the later turns of the dialogue, which have it in their history. What somebody has judged, holds or
        reviews is finished, and what is sealed stays. Retiring it twice is no error.
        """
        prompt_sets.retire(prompt=get_object_or_404(_prompts(request), pk=pk), by=person(request))
        return Response(PromptOutput(_prompts(request).get(pk=pk)).data)


def _prompts(request: Request) -> QuerySet[Prompt]:
    managed = managing.campaigns(request).order_by().values("pk")
    return Prompt.objects.filter(campaign__in=managed).select_related("campaign", "author", "retirement")


def _to_fill(slug: str, user: User) -> Campaign:
    campaign = campaign_or_404(slug)
    permissions.check_can_manage(user, campaign)
    return campaign


def _checked(asked: dict[str, Any]) -> ImportedPrompt:
    try:
        return parse_prompt(orjson.dumps(asked))
    except InvalidInput as error:  # as a line of a file is told of
        raise InvalidInput(_("Nothing was stored: %(reason)s.") % {"reason": error}, field="prompt") from None
