"""Feedback: what reviewers said of the person's work, and the answer to what they returned."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotation import returned_work
from annotation.models import Review
from preferences.choices import ReviewStatus
from webapp.accounts.models import Scope, User
from webapp.api import paging, reading
from webapp.api.authentication import person
from webapp.api.operations import Operation
from webapp.api.v1 import sights
from webapp.api.v1.sights import JudgmentOutput
from webapp.pages.returned import SAID, reviews_of

STATUSES = [(str(status), status.label) for status in SAID]
EXAMPLE = {
    "id": "7c1d1f5e-2f0b-4d0e-8b5e-0d4a4f7f3a11",
    "campaign": "helpful",
    "status": "returned",
    "feedback": "Read the right one again: the date is wrong.",
    "answer": "",
    "judgment": sights.JUDGMENT,
    "decided_at": "2026-11-24T09:00:00Z",
}


class FeedbackOutput(serializers.Serializer[Review]):
    id = serializers.UUIDField(source="key")
    campaign = serializers.CharField(source="campaign.slug")
    status = serializers.ChoiceField(
        choices=ReviewStatus.choices,
        help_text="What is returned waits for the person; answered, it waits for a reviewer.",
    )
    feedback = serializers.CharField(allow_blank=True)
    answer = serializers.CharField(allow_blank=True, help_text="What the person answered.")
    judgment = JudgmentOutput(help_text="As it stands; its claim has the pair.")
    decided_at = serializers.DateTimeField(allow_null=True)


class Feedback(Operation):
    scopes = {"GET": Scope.JUDGE}

    class Query(serializers.Serializer[Any]):
        campaign = serializers.SlugField(required=False, help_text="Only on work of this campaign.")
        status = serializers.ChoiceField(choices=STATUSES, required=False)

    Page = paging.pages_of(FeedbackOutput)

    @extend_schema(
        operation_id="feedback_list",
        parameters=[Query, *paging.PARAMETERS],
        responses={200: Page},
        examples=[paging.example(EXAMPLE)],
    )
    def get(self, request: Request) -> Response:
        """What reviewers said of the person's work, the newest first; what is `returned` waits for an answer."""
        asked = reading.query(request, self.Query, paged=True)
        names = {"campaign": "campaign__slug"}
        found = _of(person(request)).filter(status__in=SAID)
        found = found.filter(**{names.get(name, name): value for name, value in asked.items()})
        return paging.page(request, found, FeedbackOutput, order=("-decided_at",))


class OneFeedback(Operation):
    scopes = {"GET": Scope.JUDGE}

    @extend_schema(
        operation_id="feedback_read",
        responses={200: FeedbackOutput},
        examples=[OpenApiExample("returned", EXAMPLE, response_only=True)],
    )
    def get(self, request: Request, key: uuid.UUID) -> Response:
        """What a reviewer said of one judgment. `PUT /judgments/ID/` with the judgment's id changes the verdict."""
        return Response(FeedbackOutput(get_object_or_404(_of(person(request)), key=key)).data)


class AnswerFeedback(Operation):
    scopes = {"POST": Scope.JUDGE}

    class Input(serializers.Serializer[Any]):
        text = serializers.CharField(max_length=returned_work.ANSWER_LIMIT, help_text="Why the verdict is kept.")

    @extend_schema(
        operation_id="feedback_answer",
        request=Input,
        responses={200: FeedbackOutput},
        examples=[
            OpenApiExample("kept", {"text": "The date is right: it is the day of the treaty."}, request_only=True),
            OpenApiExample("waits", {**EXAMPLE, "status": "waiting", "answer": "The date …"}, response_only=True),
        ],
    )
    def post(self, request: Request, key: uuid.UUID) -> Response:
        """Keeps the verdict and tells the reviewer why. Sent again, it is answered once."""
        text, by = reading.body(request, self.Input)["text"], person(request)
        get_object_or_404(_of(by), key=key)
        returned_work.keep(key=key, by=by, answer=text)
        return Response(FeedbackOutput(_of(by).get(key=key)).data)


def _of(user: User) -> QuerySet[Review]:
    return reviews_of(user).select_related("judgment__comparison__campaign", "judgment__edited_response")
