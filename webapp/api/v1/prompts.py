"""Prompts of a campaign: read them, and bring in those of a fixed set."""

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

from preferences.choices import AttackVector, Category, RiskCategory
from preferences.errors import InvalidInput
from preferences.importing import ImportedPrompt, parse_prompt
from preferences.lines import ID_LIMIT
from preferences.models import Prompt
from webapp.accounts.models import Scope
from webapp.api import managing, paging, reading
from webapp.api.authentication import person
from webapp.api.operations import Operation
from workers import prompt_sets

LABELS = {"category": "factual", "second_category": "", "risk_category": "", "attack_vector": ""}
EXAMPLE = {
    "id": 5120,
    "external_id": "p-17",
    "text": "Why is the sky blue?",
    **LABELS,
    "author": None,
    "created_at": "2026-11-20T08:00:00Z",
}


class PromptOutput(serializers.Serializer[Prompt]):
    id = serializers.IntegerField()
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


class MessageInput(serializers.Serializer[Any]):
    role = serializers.ChoiceField(choices=["user", "assistant"])
    content = serializers.CharField(trim_whitespace=False)


class Prompts(Operation):
    scopes = {"GET": Scope.MANAGE, "POST": Scope.MANAGE}

    class Query(serializers.Serializer[Any]):
        external_id = serializers.CharField(max_length=ID_LIMIT, required=False)
        author = serializers.CharField(max_length=60, required=False, help_text="A pseudonym.")
        category = serializers.ChoiceField(choices=Category.choices, required=False)
        risk_category = serializers.ChoiceField(choices=RiskCategory.choices, required=False)
        attack_vector = serializers.ChoiceField(choices=AttackVector.choices, required=False)

    class Input(serializers.Serializer[Any]):
        id = serializers.CharField(max_length=ID_LIMIT, help_text="Its id in your set; once seen it is skipped.")
        prompt = MessageInput(many=True, allow_empty=False, help_text="It ends with the user's message.")
        category = serializers.ChoiceField(choices=Category.choices, required=False)
        second_category = serializers.ChoiceField(choices=Category.choices, required=False)
        risk_category = serializers.ChoiceField(choices=RiskCategory.choices, required=False)
        attack_vector = serializers.ChoiceField(choices=AttackVector.choices, required=False)

    Page = paging.pages_of(PromptOutput)

    @extend_schema(
        operation_id="prompts_list",
        parameters=[Query, *paging.PARAMETERS],
        responses={200: Page},
        examples=[paging.example(EXAMPLE)],
    )
    def get(self, request: Request, slug: str) -> Response:
        """The campaign's prompts, newest first."""
        asked = reading.query(request, self.Query, paged=True)
        if "author" in asked:
            asked["author__pseudonym"] = asked.pop("author")
        return paging.page(request, _prompts(request, slug).filter(**asked), PromptOutput, order=("-pk",))

    @extend_schema(
        operation_id="prompts_bring_in",
        request=Input,
        responses={200: PromptOutput, 201: PromptOutput},
        examples=[
            OpenApiExample(
                "a question",
                {"id": "p-17", "prompt": [{"role": "user", "content": EXAMPLE["text"]}], "category": "factual"},
                request_only=True,
            ),
            OpenApiExample("stored", EXAMPLE, response_only=True),
        ],
    )
    def post(self, request: Request, slug: str) -> Response:
        """Brings one prompt in, to be answered by the campaign's sampling plan; 200 where its id was there already."""
        campaign, asked = managing.campaign(request, slug), reading.body(request, self.Input)
        done = prompt_sets.bring_in(campaign=campaign, items=[_checked(asked)], by=person(request))
        found = _prompts(request, slug).get(external_id=asked["id"])
        return Response(PromptOutput(found).data, status=201 if done.stored else 200)


class OnePrompt(Operation):
    scopes = {"GET": Scope.MANAGE}

    @extend_schema(
        operation_id="prompts_read",
        responses={200: PromptOutput},
        examples=[OpenApiExample("a prompt", EXAMPLE, response_only=True)],
    )
    def get(self, request: Request, slug: str, pk: int) -> Response:
        """One prompt."""
        return Response(PromptOutput(get_object_or_404(_prompts(request, slug), pk=pk)).data)


def _prompts(request: Request, slug: str) -> QuerySet[Prompt]:
    return managing.campaign(request, slug).prompts.select_related("author")


def _checked(asked: dict[str, Any]) -> ImportedPrompt:
    try:
        return parse_prompt(orjson.dumps(asked))
    except InvalidInput as error:  # as a line of a file is told of
        raise InvalidInput(_("This prompt cannot be used: %(reason)s.") % {"reason": error}, field="prompt") from None
