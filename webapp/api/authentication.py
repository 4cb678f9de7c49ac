"""Who asks, by the token in the header, and what the token may do."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from preferences import origin
from preferences.errors import NotAllowed
from webapp.accounts import second_steps, tokens
from webapp.accounts.models import AccessToken, Scope, User

if TYPE_CHECKING:
    from rest_framework.views import APIView


class MissingScope(NotAllowed):
    """The token may not do this, whatever its person may."""

    code = "missing_scope"


def person(request: Request) -> User:
    """For whom the token acts."""
    return cast("User", request.user)


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer margin_…`; no cookie signs in here, so no other site can act by somebody's browser."""

    def authenticate(self, request: Request) -> tuple[User, AccessToken] | None:
        words = get_authorization_header(request).split()
        if not words:
            return None
        if len(words) != 2 or words[0].lower() != b"bearer":
            raise AuthenticationFailed(_("Write the token as: Authorization: Bearer margin_…"))
        token = tokens.find(words[1].decode(errors="replace"))
        if token is None:
            raise AuthenticationFailed(
                _("This token is not known, was revoked or has ended. Make a new one under Account, Access tokens.")
            )
        origin.known_by(f"token:{token.pk}")
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def scope_of(request: Request, view: APIView) -> Scope | None:
    """What the operation takes; None where the address has no such method."""
    scopes: dict[str, Scope] = view.scopes  # type: ignore[attr-defined]  # a view without them is an error
    # HEAD is answered by what answers GET: it tells sizes and hashes.
    return scopes.get("GET" if request.method == "HEAD" else request.method or "")


class HasScope(BasePermission):
    """Each view has `scopes`: by method, the scope that the operation takes."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        token = cast("AccessToken | None", request.auth)
        if token is None:
            return False
        scope = scope_of(request, view)
        if scope is not None and scope not in token.scopes:  # a method that is not there is a 405
            raise MissingScope(
                _("This token may not do that: it takes the scope “%(scope)s”. Make one that has it.")
                % {"scope": scope}
            )
        if scope not in (None, Scope.JUDGE):
            second_steps.check(token.user)
        return True
