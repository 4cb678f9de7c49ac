"""Judgments: send one and take the next comparison, list one's own, change one, improve the chosen response."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotation import queue
from preferences.choices import JudgmentRole
from preferences.models import Judgment
from webapp.accounts.models import Scope, User
from webapp.api import paging, reading
from webapp.api.authentication import person
from webapp.api.operations import Operation
from webapp.api.v1 import sights
from webapp.api.v1.sights import AnswerInput, ClaimOutput, JudgmentOutput

ANSWER = {"verdict": 2, "rationale": "The right one is wrong."}


class Submit(Operation):
    scopes = {"POST": Scope.JUDGE}

    class Input(AnswerInput):
        next = serializers.BooleanField(default=True, help_text="Whether to take the next comparison as well.")

    class Output(serializers.Serializer[Any]):
        judgment = JudgmentOutput()
        asks_edit = serializers.BooleanField(help_text="Whether the chosen response is to be improved first.")
        next = ClaimOutput(allow_null=True, help_text="Already leased; null where there is none, or none yet.")

    @extend_schema(
        operation_id="claims_submit",
        request=Input,
        responses={200: Output},
        examples=[
            OpenApiExample("a verdict", ANSWER, request_only=True),
            OpenApiExample(
                "stored", {"judgment": sights.JUDGMENT, "asks_edit": False, "next": sights.CLAIM}, response_only=True
            ),
        ],
    )
    def post(self, request: Request, key: uuid.UUID) -> Response:
        """Records the verdict and hands back the next comparison, in one transaction.

        Sent again it stores nothing and answers the same; another verdict for the same claim is a conflict.
        """
        asked, by = reading.body(request, self.Input), person(request)
        answer = sights.answer_in(asked)
        if asked["next"]:
            done = queue.submit_and_claim(key=key, by=by, answer=answer)
            judgment, following = done.judgment, done.following
        else:
            judgment, following = queue.submit(key=key, by=by, answer=answer), None
        return Response(
            {
                "judgment": sights.given(judgment, key),
                "asks_edit": queue.asks_edit(judgment),
                "next": sights.claim(following) if following else None,
            }
        )


class Judgments(Operation):
    scopes = {"GET": Scope.JUDGE}

    class Query(serializers.Serializer[Any]):
        campaign = serializers.SlugField(required=False, help_text="Only those of this campaign.")

    Page = paging.pages_of(JudgmentOutput)

    @extend_schema(
        operation_id="judgments_list",
        parameters=[Query, *paging.PARAMETERS],
        responses={200: Page},
        examples=[paging.example(sights.JUDGMENT)],
    )
    def get(self, request: Request) -> Response:
        """The person's own judgments, the newest first."""
        asked = reading.query(request, self.Query, paged=True)
        found = _own(person(request))
        if "campaign" in asked:
            found = found.filter(comparison__campaign__slug=asked["campaign"])
        return paging.page(request, found, JudgmentOutput, order=("-created_at",))


class OneJudgment(Operation):
    scopes = {"GET": Scope.JUDGE, "PUT": Scope.JUDGE}

    class Input(AnswerInput):
        revision = serializers.IntegerField(min_value=0, max_value=30_000, help_text="The one that the person saw.")

    @extend_schema(
        operation_id="judgments_read",
        responses={200: JudgmentOutput},
        examples=[OpenApiExample("one", sights.JUDGMENT, response_only=True)],
    )
    def get(self, request: Request, key: uuid.UUID) -> Response:
        """One judgment of the person's."""
        return Response(_told(get_object_or_404(_own(person(request)), assignment__key=key)))

    @extend_schema(
        operation_id="judgments_revise",
        request=Input,
        responses={200: JudgmentOutput},
        examples=[
            OpenApiExample("another verdict", {**ANSWER, "verdict": 3, "revision": 0}, request_only=True),
            OpenApiExample("changed", {**sights.JUDGMENT, "revision": 1}, response_only=True),
        ],
    )
    def put(self, request: Request, key: uuid.UUID) -> Response:
        """Changes the person's own verdict, until its batch is sealed."""
        asked = reading.body(request, self.Input)
        answer = sights.answer_in(asked)
        queue.revise(key=key, by=person(request), answer=answer, revision=asked["revision"])
        return self.get(request, key)


class EditedResponse(Operation):
    scopes = {"PUT": Scope.JUDGE}

    class Input(serializers.Serializer[Any]):
        text = serializers.CharField(trim_whitespace=False, help_text="The whole response as it should be.")
        pasted = serializers.IntegerField(min_value=0, max_value=2_000_000_000, allow_null=True, default=None)

    @extend_schema(
        operation_id="judgments_edit",
        request=Input,
        responses={200: JudgmentOutput},
        examples=[
            OpenApiExample("improved", {"text": "Air scatters blue light more than red light."}, request_only=True),
            OpenApiExample("stored", {**sights.JUDGMENT, "edited": "Air scatters …"}, response_only=True),
        ],
    )
    def put(self, request: Request, key: uuid.UUID) -> Response:
        """Stores the response that the person chose as they improved it; its own text again takes the edit back."""
        asked, by = reading.body(request, self.Input), person(request)
        queue.edit_chosen(key=key, by=by, text=asked["text"], pasted=asked["pasted"])
        return Response(_told(get_object_or_404(_own(by), assignment__key=key)))


def _own(user: User) -> QuerySet[Judgment]:
    found = Judgment.objects.filter(annotator=user, role=JudgmentRole.RATING, assignment__isnull=False)
    return found.select_related("assignment", "comparison__campaign", "edited_response")


def _told(judgment: Judgment) -> dict[str, Any]:
    return sights.given(judgment, judgment.assignment.key)
