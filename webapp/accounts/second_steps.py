"""Managers sign in with a second step, a code of an app or a passkey.

Who manages and has none is led to set one up before any page that managers have and annotators have not, and their
programs are refused until then. Once it is set up, a password that was guessed opens no campaign; before, whoever knows
the password may set it up.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from annotation import permissions
from preferences.errors import NotAllowed
from webapp.accounts.models import User
from webapp.doors import DOORS, Answer, Person

STEPS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
_THEIRS = (Person.MANAGER, Person.ELSEWHERE, Person.ADMINISTRATOR)


class SecondStepMissing(NotAllowed):
    """The person manages, and signs in with a password alone."""

    code = "second_step_missing"


def is_missing(user: User) -> bool:
    """Whether the person has to set a second step up before they manage; never where REQUIRE_MFA is off."""
    if not settings.REQUIRE_MFA or not permissions.is_manager(user):
        return False
    return not Authenticator.objects.filter(user=user, type__in=STEPS).exists()


def check(user: User) -> None:
    if is_missing(user):
        raise SecondStepMissing(
            _("Managers sign in with a second step first. Set one up under Account and safety; then this is open.")
        )


def is_for_managers(name: str, method: str) -> bool:
    """Whether an address is open to some manager and to no annotator."""
    answers = DOORS.get(name, {}).get("GET" if method == "HEAD" else method, {})
    return answers.get(Person.ANNOTATOR) != Answer.YES and Answer.YES in {answers.get(person) for person in _THEIRS}


class SecondStepMiddleware:
    """Stands below AuthenticationMiddleware and MessageMiddleware. The API's tokens are checked with their scopes."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        found = request.resolver_match
        if not settings.REQUIRE_MFA or found is None or not is_for_managers(found.url_name or "", request.method or ""):
            return None
        if not request.user.is_authenticated or not is_missing(request.user):
            return None
        messages.warning(
            request,
            _("Managers sign in with a second step. Add a passkey or set up an app here; then their pages are open."),
        )
        return redirect("mfa_index")
