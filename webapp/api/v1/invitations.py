"""Invitations: the only way to an account."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import transaction
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotation import invitations as actions
from annotation.models import Invitation, Role
from webapp.accounts.models import Scope
from webapp.api import managing, paging, reading
from webapp.api.operations import Operation
from webapp.pages.invitations import is_mailed, mail, roles_of

ROLES = [{"campaign": "helpful", "role": "annotator"}]
EXAMPLE = {
    "id": 31,
    "email": "ann@example.com",
    "vendor": "Example Labs",
    "locale": "en-US",
    "roles": ROLES,
    "invited_by": "calm-heron-512904",
    "invited_at": "2026-11-20T08:00:00Z",
    "expires_at": "2026-11-27T08:00:00Z",
}


class InvitedRole(serializers.Serializer[Any]):
    campaign = serializers.SlugField(source="campaign.slug")
    role = serializers.ChoiceField(choices=Role.choices)


class InvitationOutput(serializers.Serializer[Invitation]):
    id = serializers.IntegerField()
    email = serializers.CharField()
    vendor = serializers.CharField()
    locale = serializers.CharField()
    roles = InvitedRole(many=True)
    invited_by = serializers.CharField(
        source="invited_by.pseudonym", default=None, allow_null=True, help_text="A pseudonym; null: a command."
    )
    invited_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()


class Invitations(Operation):
    scopes = {"GET": Scope.MANAGE, "POST": Scope.MANAGE}

    class Input(serializers.Serializer[Any]):
        roles = InvitedRole(many=True, allow_empty=False)
        email = serializers.CharField(required=False, default="", allow_blank=True)
        vendor = serializers.CharField(required=False, default="", allow_blank=True)
        locale = serializers.CharField(required=False, default="", allow_blank=True)

    class Made(InvitationOutput):
        link = serializers.CharField(help_text="Shown this once.")
        to_be_mailed = serializers.BooleanField(
            help_text="It is mailed once it is stored; whether it goes out is not known by then, so keep the link. "
            "false: there is no address, or no e-mail here."
        )

    Page = paging.pages_of(InvitationOutput)

    @extend_schema(
        operation_id="invitations_list",
        parameters=paging.PARAMETERS,
        responses={200: Page},
        examples=[paging.example(EXAMPLE)],
    )
    def get(self, request: Request) -> Response:
        """Those that nobody has accepted or withdrawn, newest first."""
        return paging.page(request, actions.waiting(managing.manager(request)), InvitationOutput, order=("-pk",))

    @extend_schema(
        operation_id="invitations_send",
        request=Input,
        responses={201: Made},
        examples=[
            OpenApiExample("an annotator", {"roles": ROLES, "email": "ann@example.com"}, request_only=True),
            OpenApiExample(
                "sent",
                {**EXAMPLE, "link": "https://margin.example/invitations/…", "to_be_mailed": True},
                response_only=True,
            ),
        ],
    )
    def post(self, request: Request) -> Response:
        """Makes an invitation, whose link is told this once, and mails it where there is an address."""
        by, asked = managing.manager(request), reading.body(request, self.Input)
        words = [f"{role['campaign']['slug']}:{role['role']}" for role in asked.pop("roles")]
        made, token = actions.invite(roles=roles_of(words, by), by=by, **asked)
        link = request.build_absolute_uri(reverse("accept_invitation", args=[token]))
        told = {**InvitationOutput(made).data, "link": link, "to_be_mailed": is_mailed(made)}
        transaction.on_commit(partial(mail, made, link), robust=True)
        return Response(told, status=201)


class OneInvitation(Operation):
    scopes = {"GET": Scope.MANAGE, "DELETE": Scope.MANAGE}

    @extend_schema(
        operation_id="invitations_read",
        responses={200: InvitationOutput},
        examples=[OpenApiExample("an invitation", EXAMPLE, response_only=True)],
    )
    def get(self, request: Request, pk: int) -> Response:
        """One that waits, without its link."""
        return Response(InvitationOutput(_one(request, pk)).data)

    @extend_schema(operation_id="invitations_withdraw", responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Withdraws it: its link leads nowhere any more."""
        actions.withdraw(invitation=_one(request, pk), by=managing.manager(request))
        return Response(status=204)


def _one(request: Request, pk: int) -> Invitation:
    return get_object_or_404(actions.waiting(managing.manager(request)), pk=pk)
