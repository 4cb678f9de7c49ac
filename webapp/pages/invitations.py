"""Invitations: a manager sends one, and whoever has its link makes an account, or joins with the one they have."""

from __future__ import annotations

import logging
from smtplib import SMTPException
from typing import Any

from allauth.account.utils import perform_login
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.mail import send_mail
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from annotation import invitations as actions
from annotation import permissions
from annotation.models import Invitation, Role
from preferences.errors import DomainError, InvalidInput
from preferences.models import Campaign
from webapp.accounts.actions import NewAccount, accept_invitation
from webapp.accounts.models import User
from webapp.errors import status_of
from webapp.pages.people import manager
from webapp.pages.requests import person, text_of

log = logging.getLogger(__name__)


@require_http_methods(["GET", "POST"])
@login_required
def invitations(request: HttpRequest) -> HttpResponse:
    """The form, and what waits; after sending, the link, which is shown this once."""
    user = manager(request)
    context: dict[str, Any] = {"error": None, "typed": request.POST, "chosen": request.POST.getlist("role")}
    if request.method == "POST":
        try:
            made, token = actions.invite(
                roles=roles_of(context["chosen"], user),
                by=user,
                email=text_of(request, "email"),
                vendor=text_of(request, "vendor"),
                locale=text_of(request, "locale"),
            )
        except DomainError as error:
            context["error"] = error
        else:
            link = request.build_absolute_uri(reverse("accept_invitation", args=[token]))
            context |= {"made": made, "link": link, "mailed": mail(made, link), "typed": {}, "chosen": []}
    context |= {
        "campaigns": permissions.managed_by(user),
        "roles": Role.choices,
        "waiting": actions.waiting(user),
        "is_manager": True,
    }
    refused = context["error"]
    return render(request, "invitations.html", context, status=status_of(refused) if refused else 200)


@require_POST
@login_required
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    user = manager(request)
    actions.withdraw(invitation=get_object_or_404(actions.waiting(user), pk=pk), by=user)
    return redirect("invitations")


@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def accept(request: HttpRequest, token: str) -> HttpResponse:
    error: DomainError | None = None
    if request.method == "POST":
        try:
            return _accepted(request, token)
        except actions.InvitationOver:
            raise
        except DomainError as refused:
            error = refused
    invitation = actions.find(token)
    actions.check_open(invitation)
    context = {
        "invitation": invitation,
        "roles": invitation.roles.select_related("campaign"),
        "token": token,
        "typed": request.POST or {"email": invitation.email},
        "error": error,
    }
    return render(request, "accept_invitation.html", context, status=status_of(error) if error else 200)


def _accepted(request: HttpRequest, token: str) -> HttpResponse:
    if request.user.is_authenticated and "join" in request.POST:
        actions.accept(token=token, user=person(request))
        return redirect("home")
    fields = ("username", "first_name", "last_name", "email")
    account = NewAccount(
        **{name: text_of(request, name) for name in fields},
        password=request.POST.get("password", ""),
        language=get_language() or "",
    )
    user: User = accept_invitation(token=token, account=account)
    signed_in: HttpResponse = perform_login(request, user)  # as after a password: a second step is not passed by
    return signed_in


def is_mailed(invitation: Invitation) -> bool:
    return bool(invitation.email and settings.SENDS_EMAIL)


def mail(invitation: Invitation, link: str) -> bool | None:
    """Whether the e-mail went out; None where there is no address or no e-mail on this site.

    Of an invitation that is committed: what is taken back is not mailed.
    """
    if not is_mailed(invitation):
        return None
    roles = invitation.roles.select_related("campaign")
    lines = [
        _("You are invited to Margin, where people compare what two models say."),
        "\n".join(f"- {role.campaign.name}: {role.get_role_display()}" for role in roles),
        _("Make your account here; the link works once, for 7 days:"),
        link,
    ]
    try:
        send_mail(_("Your invitation to Margin"), "\n\n".join(lines), None, [invitation.email])
    except (OSError, SMTPException):
        log.exception("The e-mail of invitation %s did not go out.", invitation.pk)
        return False
    return True


def roles_of(chosen: list[str], user: User) -> list[tuple[Campaign, Role]]:
    """The roles that the form's words name, each a campaign and a role."""
    managed = {campaign.slug: campaign for campaign in permissions.managed_by(user)}
    roles = []
    for word in chosen:
        slug, _colon, role = word.rpartition(":")
        if slug not in managed or role not in Role.values:
            raise InvalidInput(_("Choose among the roles that are shown."), field="roles")
        roles.append((managed[slug], Role(role)))
    return roles
