"""The people of a manager's campaigns: read them, pause and resume their work, give and take roles."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotation import memberships, permissions
from annotation import people as actions
from annotation.models import Membership, Role
from webapp.accounts.models import Scope, User
from webapp.api import managing, paging, reading
from webapp.api.operations import Operation
from webapp.pages.people import matches, role_of, shown
from webapp.pages.requests import campaign_or_404

ROLE = {"id": 88, "campaign": "helpful", "role": "annotator", "paused_at": None, "paused_reason": ""}
EXAMPLE = {
    "pseudonym": "calm-heron-512904",
    "username": "ann",
    "first_name": "Ann",
    "last_name": "Example",
    "email": "ann@example.com",
    "vendor": "Example Labs",
    "locale": "en-US",
    "paused_at": None,
    "paused_reason": "",
    "last_seen": "2026-11-20T08:00:00Z",
    "roles": [ROLE],
}


class RoleOutput(serializers.Serializer[Membership]):
    id = serializers.IntegerField()
    campaign = serializers.CharField(source="campaign.slug")
    role = serializers.ChoiceField(choices=Role.choices)
    paused_at = serializers.DateTimeField(allow_null=True)
    paused_reason = serializers.CharField()


class PersonOutput(serializers.Serializer[User]):
    pseudonym = serializers.CharField(help_text="The name by which everything else knows them.")
    username = serializers.CharField()
    first_name = serializers.CharField()
    last_name = serializers.CharField()
    email = serializers.CharField()
    vendor = serializers.CharField()
    locale = serializers.CharField()
    paused_at = serializers.DateTimeField(allow_null=True, help_text="Of the whole account.")
    paused_reason = serializers.CharField()
    last_seen = serializers.DateTimeField(allow_null=True)
    roles = RoleOutput(many=True, help_text="In the campaigns of who asks.")


class ReasonInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=actions.REASON_LIMIT)


WHY = {"reason": "Answers faster than anybody can read."}
SINCE = {"paused_at": "2026-11-20T08:00:00Z", "paused_reason": WHY["reason"]}


class People(Operation):
    scopes = {"GET": Scope.MANAGE}

    class Query(serializers.Serializer[Any]):
        campaign = serializers.SlugField(required=False)
        role = serializers.ChoiceField(choices=Role.choices, required=False)
        q = serializers.CharField(required=False, max_length=150, help_text="Words of a name, pseudonym, address, …")

    Page = paging.pages_of(PersonOutput)

    @extend_schema(
        operation_id="people_list",
        parameters=[Query, *paging.PARAMETERS],
        responses={200: Page},
        examples=[paging.example(EXAMPLE)],
    )
    def get(self, request: Request) -> Response:
        """The people of the manager's campaigns, by pseudonym."""
        asked, managed = reading.query(request, self.Query, paged=True), managing.campaigns(request)
        found = shown(managing.manager(request)).filter(matches(asked.pop("q", "")))
        if asked:
            of = {"campaign__slug": asked["campaign"]} if "campaign" in asked else {}
            of |= {"role": asked["role"]} if "role" in asked else {}
            theirs = Membership.objects.filter(campaign__in=managed.order_by().values("pk"), **of)
            found = found.filter(pk__in=theirs.values("user"))
        return paging.page(request, found, PersonOutput, order=("pseudonym",))


class OnePerson(Operation):
    scopes = {"GET": Scope.MANAGE, "PATCH": Scope.MANAGE}

    class Input(serializers.Serializer[Any]):
        vendor = serializers.CharField(required=False, allow_blank=True)
        locale = serializers.CharField(required=False, allow_blank=True, help_text="A BCP 47 tag, such as en-US.")

    @extend_schema(
        operation_id="people_read",
        responses={200: PersonOutput},
        examples=[OpenApiExample("a person", EXAMPLE, response_only=True)],
    )
    def get(self, request: Request, pseudonym: str) -> Response:
        """One person."""
        return _answer(request, pseudonym)

    @extend_schema(
        operation_id="people_describe",
        request=Input,
        responses={200: PersonOutput},
        examples=[
            OpenApiExample("where from", {"vendor": "Example Labs", "locale": "en-US"}, request_only=True),
            OpenApiExample("a person", EXAMPLE, response_only=True),
        ],
    )
    def patch(self, request: Request, pseudonym: str) -> Response:
        """Notes the firm or platform through which the person works, and the language and country."""
        by, who = managing.manager(request), _theirs(request, pseudonym)
        told = {"vendor": who.vendor, "locale": who.locale} | reading.body(request, self.Input)
        actions.describe(user=who, by=by, **told)
        return _answer(request, pseudonym)


class PausePerson(Operation):
    scopes = {"POST": Scope.MANAGE}

    @extend_schema(
        operation_id="people_pause",
        request=ReasonInput,
        responses={200: PersonOutput},
        examples=[
            OpenApiExample("why", WHY, request_only=True),
            OpenApiExample("paused", {**EXAMPLE, **SINCE}, response_only=True),
        ],
    )
    def post(self, request: Request, pseudonym: str) -> Response:
        """Stops the person's work everywhere and takes their leases back; for who manages all their campaigns."""
        by, who = managing.manager(request), _theirs(request, pseudonym)
        actions.pause(user=who, reason=reading.body(request, ReasonInput)["reason"], by=by)
        return _answer(request, pseudonym)


class ResumePerson(Operation):
    scopes = {"POST": Scope.MANAGE}

    @extend_schema(
        operation_id="people_resume",
        request=None,
        responses={200: PersonOutput},
        examples=[OpenApiExample("a person", EXAMPLE, response_only=True)],
    )
    def post(self, request: Request, pseudonym: str) -> Response:
        """Lets the person work again."""
        actions.resume(user=_theirs(request, pseudonym), by=managing.manager(request))
        return _answer(request, pseudonym)


class Roles(Operation):
    scopes = {"POST": Scope.MANAGE}

    class Input(serializers.Serializer[Any]):
        campaign = serializers.SlugField()
        role = serializers.ChoiceField(choices=Role.choices)

    @extend_schema(
        operation_id="roles_add",
        request=Input,
        responses={201: RoleOutput},
        examples=[
            OpenApiExample("a role", {"campaign": "helpful", "role": "reviewer"}, request_only=True),
            OpenApiExample("added", {**ROLE, "role": "reviewer"}, response_only=True),
        ],
    )
    def post(self, request: Request, pseudonym: str) -> Response:
        """Gives the person a role in a campaign; having it already is no error."""
        by, who, asked = managing.manager(request), _theirs(request, pseudonym), reading.body(request, self.Input)
        campaign = campaign_or_404(asked["campaign"])
        permissions.check_can_manage(by, campaign)
        added = memberships.add(user=who, campaign=campaign, role=Role(asked["role"]), by=by)
        return Response(RoleOutput(added).data, status=201)


class OneRole(Operation):
    scopes = {"GET": Scope.MANAGE, "DELETE": Scope.MANAGE}

    @extend_schema(
        operation_id="roles_read",
        responses={200: RoleOutput},
        examples=[OpenApiExample("a role", ROLE, response_only=True)],
    )
    def get(self, request: Request, pseudonym: str, pk: int) -> Response:
        """One role."""
        return Response(RoleOutput(_role(request, pseudonym, pk)).data)

    @extend_schema(operation_id="roles_remove", responses={204: None})
    def delete(self, request: Request, pseudonym: str, pk: int) -> Response:
        """Takes the role away, and the leases with it; a campaign keeps its last manager."""
        memberships.remove(membership=_role(request, pseudonym, pk), by=managing.manager(request))
        return Response(status=204)


class PauseRole(Operation):
    scopes = {"POST": Scope.MANAGE}

    @extend_schema(
        operation_id="roles_pause",
        request=ReasonInput,
        responses={200: RoleOutput},
        examples=[
            OpenApiExample("why", WHY, request_only=True),
            OpenApiExample("paused", {**ROLE, **SINCE}, response_only=True),
        ],
    )
    def post(self, request: Request, pseudonym: str, pk: int) -> Response:
        """Stops the person's work in this role and takes their leases of the campaign back."""
        held, asked = _role(request, pseudonym, pk), reading.body(request, ReasonInput)
        memberships.pause(membership=held, reason=asked["reason"], by=managing.manager(request))
        return Response(RoleOutput(_role(request, pseudonym, pk)).data)


class ResumeRole(Operation):
    scopes = {"POST": Scope.MANAGE}

    @extend_schema(
        operation_id="roles_resume",
        request=None,
        responses={200: RoleOutput},
        examples=[OpenApiExample("a role", ROLE, response_only=True)],
    )
    def post(self, request: Request, pseudonym: str, pk: int) -> Response:
        """Lets the person work in this role again."""
        memberships.resume(membership=_role(request, pseudonym, pk), by=managing.manager(request))
        return Response(RoleOutput(_role(request, pseudonym, pk)).data)


def _theirs(request: Request, pseudonym: str) -> User:
    return get_object_or_404(shown(managing.manager(request)), pseudonym=pseudonym)


def _role(request: Request, pseudonym: str, pk: int) -> Membership:
    return role_of(_theirs(request, pseudonym), managing.manager(request), pk)


def _answer(request: Request, pseudonym: str) -> Response:
    return Response(PersonOutput(_theirs(request, pseudonym)).data)
