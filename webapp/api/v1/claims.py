"""Claims: take the next comparison, keep it, give it back, ask a reviewer to look at it. The rules are the pages'."""

from __future__ import annotations

import uuid
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotation import heartbeats, leases, queue, readings, writing
from annotation.leases import LeaseLost
from annotation.visibility import with_sight
from preferences.actions import flags
from preferences.choices import AssignmentStatus, FlagReason, SkipReason
from preferences.errors import Conflict
from preferences.models import Guideline
from webapp.accounts.models import Scope, User
from webapp.api import paging, reading
from webapp.api.authentication import person
from webapp.api.operations import Operation
from webapp.api.v1 import sights
from webapp.api.v1.sights import ClaimOutput
from webapp.pages.compare import mine
from webapp.pages.requests import campaign_or_404

GONE = OpenApiResponse(None, "Done.")
NONE_LEFT = OpenApiResponse(None, "Nothing is left for this person in the campaign now.")


class Claims(Operation):
    scopes = {"GET": Scope.JUDGE, "POST": Scope.JUDGE}

    class Input(serializers.Serializer[Any]):
        campaign = serializers.SlugField()

    Page = paging.pages_of(ClaimOutput)

    @extend_schema(
        operation_id="claims_list",
        parameters=paging.PARAMETERS,
        responses={200: Page},
        examples=[paging.example(sights.CLAIM)],
    )
    def get(self, request: Request) -> Response:
        """What the person holds now, the newest first."""
        held = with_sight(leases.held(person(request)), person(request))
        return paging.page(request, held, ClaimOutput, order=("-created_at",))

    @extend_schema(
        operation_id="claims_take",
        request=Input,
        responses={200: ClaimOutput, 204: NONE_LEFT},
        examples=[
            OpenApiExample("of a campaign", {"campaign": "helpful"}, request_only=True),
            OpenApiExample("a pair", sights.CLAIM, response_only=True, status_codes=["200"]),
        ],
    )
    def post(self, request: Request) -> Response:
        """The comparison that the person holds of the campaign, else the next one, leased to them."""
        campaign = campaign_or_404(reading.body(request, self.Input)["campaign"])
        found = queue.claim(campaign=campaign, by=person(request))
        return Response(status=204) if found is None else Response(sights.claim(found))


class OneClaim(Operation):
    scopes = {"GET": Scope.JUDGE}

    @extend_schema(
        operation_id="claims_read",
        responses={200: ClaimOutput},
        examples=[OpenApiExample("a pair", sights.CLAIM, response_only=True)],
    )
    def get(self, request: Request, key: uuid.UUID) -> Response:
        """One claim of the person's that they hold or have judged; `lease_lost` where it is no longer theirs."""
        assignment = mine(key, person(request))
        if assignment.status not in (AssignmentStatus.ACTIVE, AssignmentStatus.SUBMITTED):
            raise LeaseLost(_("This comparison is no longer yours. What you wrote is kept as a draft: reclaim it."))
        return Response(sights.claim(assignment))


class Heartbeat(Operation):
    scopes = {"POST": Scope.JUDGE}
    in_one_transaction = False  # what was typed is kept also where the lease is lost

    class Input(serializers.Serializer[Any]):
        draft = serializers.DictField(
            child=serializers.CharField(allow_blank=True, trim_whitespace=False),
            required=False,
            help_text=f"What was chosen and typed so far, as texts: {', '.join(sights.DRAFT_FIELDS)}.",
        )

        def validate_draft(self, sent: dict[str, str]) -> dict[str, str]:
            if unknown := sorted(sent.keys() - set(sights.DRAFT_FIELDS)):
                raise serializers.ValidationError({name: _("There is no field of this name here.") for name in unknown})
            return sent

    class Output(serializers.Serializer[Any]):
        seconds = serializers.IntegerField(
            allow_null=True, help_text="For how long the lease is renewed; null where the verdict is stored already."
        )
        draft_version = serializers.CharField(allow_blank=True)

    @extend_schema(
        operation_id="claims_heartbeat",
        request=Input,
        responses={200: Output},
        examples=[
            OpenApiExample("a draft", {"draft": {"verdict": "2", "rationale": "The left one"}}, request_only=True),
            OpenApiExample(
                "kept", {"seconds": 1200, "draft_version": "5b0e…"}, response_only=True, status_codes=["200"]
            ),
        ],
    )
    def post(self, request: Request, key: uuid.UUID) -> Response:
        """Renews the lease, counts the seconds of work since the last one, keeps the draft.

        The draft is kept also where the answer is `lease_lost`.
        """
        draft = reading.body(request, self.Input).get("draft")
        beat = heartbeats.beat(key=key, by=person(request), draft=draft)
        is_held = beat.assignment.status == AssignmentStatus.ACTIVE
        seconds = sights.seconds_left(beat.assignment) if is_held else None
        return Response({"seconds": seconds, "draft_version": beat.version})


class Skip(Operation):
    scopes = {"POST": Scope.JUDGE}

    class Input(serializers.Serializer[Any]):
        reason = serializers.ChoiceField(choices=SkipReason.choices)
        note = serializers.CharField(allow_blank=True, default="", max_length=queue.SKIP_NOTE_LIMIT)

    @extend_schema(
        operation_id="claims_skip",
        request=Input,
        responses={204: GONE},
        examples=[OpenApiExample("why", {"reason": "expertise", "note": "Organic chemistry"}, request_only=True)],
    )
    def post(self, request: Request, key: uuid.UUID) -> Response:
        """Gives the comparison back for somebody else, and says why."""
        queue.skip(key=key, by=person(request), **reading.body(request, self.Input))
        return Response(status=204)


class Flag(Operation):
    scopes = {"POST": Scope.JUDGE}

    class Input(serializers.Serializer[Any]):
        reason = serializers.ChoiceField(choices=FlagReason.choices)
        note = serializers.CharField(allow_blank=True, default="", max_length=flags.NOTE_LIMIT)

    @extend_schema(
        operation_id="claims_flag",
        request=Input,
        responses={204: GONE},
        examples=[OpenApiExample("why", {"reason": "broken", "note": "It ends in noise."}, request_only=True)],
    )
    def post(self, request: Request, key: uuid.UUID) -> Response:
        """Asks a reviewer to look at the comparison; the person goes on with it."""
        assignment = mine(key, person(request))
        flags.raise_flag(comparison=assignment.comparison, by=person(request), **reading.body(request, self.Input))
        return Response(status=204)


class Reclaim(Operation):
    scopes = {"POST": Scope.JUDGE}

    @extend_schema(
        operation_id="claims_reclaim",
        request=None,
        responses={200: ClaimOutput},
        examples=[OpenApiExample("a pair", sights.CLAIM, response_only=True)],
    )
    def post(self, request: Request, key: uuid.UUID) -> Response:
        """Takes up again what was lost or given back, under a claim of its own, where others have not taken it."""
        found = queue.reclaim(key=key, by=person(request))
        return Response(sights.claim(found))


class ClaimGuideline(Operation):
    scopes = {"GET": Scope.JUDGE, "POST": Scope.JUDGE}

    class Input(serializers.Serializer[Any]):
        version = serializers.IntegerField(min_value=1, max_value=2_000_000_000)

    class Output(serializers.Serializer[Any]):
        version = serializers.IntegerField()
        text = serializers.CharField(help_text="Markdown.")

    @extend_schema(
        operation_id="claims_guideline",
        responses={200: Output},
        examples=[OpenApiExample("version 3", {"version": 3, "text": "# Guideline"}, response_only=True)],
    )
    def get(self, request: Request, key: uuid.UUID) -> Response:
        """The current guideline of the claim's campaign."""
        guideline = writing.current_guideline(mine(key, person(request)).comparison.campaign)
        return Response({"version": guideline.version, "text": guideline.text})

    @extend_schema(
        operation_id="claims_guideline_read",
        request=Input,
        responses={204: GONE},
        examples=[OpenApiExample("version 3", {"version": 3}, request_only=True)],
    )
    def post(self, request: Request, key: uuid.UUID) -> Response:
        """The person says that they read this version, without which no verdict is taken."""
        version, by = reading.body(request, self.Input)["version"], person(request)
        confirm(writing.current_guideline(mine(key, by).comparison.campaign), version, by)
        return Response(status=204)


def confirm(guideline: Guideline, version: int, by: User) -> None:
    """The person says that they read this version, which is the current one."""
    if guideline.version != version:
        raise Conflict(_("A newer version was published meanwhile. Here it is; read this one."))
    readings.confirm(guideline=guideline, by=by)
