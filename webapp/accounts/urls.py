"""Signing in and all that belongs to it: django-allauth's views with our pages. What is not here does not exist."""

from __future__ import annotations

from functools import wraps
from typing import Any

from allauth.account import views as account
from allauth.mfa.base import views as steps
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from allauth.usersessions import views as sessions
from django.conf import settings
from django.contrib.auth.views import LogoutView
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import path, re_path
from django.views.decorators.http import require_http_methods

from webapp.accounts.step_events import View, with_events


def with_email(view: View) -> View:
    """A page that sends e-mail exists only where the site can."""

    @wraps(view)
    def only_with_email(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not settings.SENDS_EMAIL:
            raise Http404
        return view(request, *args, **kwargs)

    return only_with_email


def nothing(request: HttpRequest) -> HttpResponseBase:
    """Under a name that allauth looks up: accounts come from invitations only, and always with a password."""
    raise Http404


def sends_email() -> bool:
    """Asked by the template."""
    return bool(settings.SENDS_EMAIL)


sign_in = account.LoginView.as_view(template_name="sign_in.html", extra_context={"sends_email": sends_email})
sign_out = LogoutView.as_view()
set_password = account.PasswordResetFromKeyView.as_view(template_name="password_new.html")
list_sessions = transaction.atomic(sessions.ListUserSessionsView.as_view(template_name="sessions.html"))
totp_on = with_events(totp.ActivateTOTPView.as_view(template_name="totp.html"))
totp_off = with_events(totp.DeactivateTOTPView.as_view(template_name="totp_off.html"))
add_passkey = with_events(passkeys.AddWebAuthnView.as_view(template_name="passkey.html"))
passkey_off = with_events(passkeys.RemoveWebAuthnView.as_view(template_name="passkey_off.html"))
new_codes = with_events(codes.GenerateRecoveryCodesView.as_view(template_name="recovery_codes_new.html"))
confirm = {"template_name": "confirm.html"}

urlpatterns = [
    path("sign-in/", sign_in, name="sign_in"),
    path("sign-in/", sign_in, name="account_login"),
    path("sign-in/code/", steps.AuthenticateView.as_view(template_name="sign_in_code.html"), name="mfa_authenticate"),
    path("sign-in/passkey/", passkeys.LoginWebAuthnView.as_view(), name="mfa_login_webauthn"),
    path("sign-in/closed/", account.AccountInactiveView.as_view(template_name="closed.html"), name="account_inactive"),
    path("sign-up/", nothing, name="account_signup"),
    path("sign-out/", sign_out, name="sign_out"),
    path("sign-out/", sign_out, name="account_logout"),
    path("account/", steps.IndexView.as_view(template_name="account.html"), name="mfa_index"),
    path("account/sessions/", list_sessions, name="usersessions_list"),
    path(
        "account/password/",
        account.PasswordChangeView.as_view(template_name="password.html"),
        name="account_change_password",
    ),
    path("account/password/set/", nothing, name="account_set_password"),
    path("account/confirm/", account.ReauthenticateView.as_view(**confirm), name="account_reauthenticate"),
    path("account/confirm/code/", steps.ReauthenticateView.as_view(**confirm), name="mfa_reauthenticate"),
    path(
        "account/confirm/passkey/",
        passkeys.ReauthenticateWebAuthnView.as_view(**confirm),
        name="mfa_reauthenticate_webauthn",
    ),
    path("account/app/", totp_on, name="mfa_activate_totp"),
    path("account/app/off/", totp_off, name="mfa_deactivate_totp"),
    path("account/passkeys/", steps.IndexView.as_view(template_name="account.html"), name="mfa_list_webauthn"),
    path("account/passkeys/add/", add_passkey, name="mfa_add_webauthn"),
    path("account/passkeys/<int:pk>/remove/", passkey_off, name="mfa_remove_webauthn"),
    path(
        "account/codes/",
        codes.ViewRecoveryCodesView.as_view(template_name="recovery_codes.html"),
        name="mfa_view_recovery_codes",
    ),
    path("account/codes/new/", new_codes, name="mfa_generate_recovery_codes"),
    path(
        "password/",
        with_email(account.PasswordResetView.as_view(template_name="password_reset.html")),
        name="account_reset_password",
    ),
    path(
        "password/sent/",
        with_email(account.PasswordResetDoneView.as_view(template_name="password_sent.html")),
        name="account_reset_password_done",
    ),
    path(
        "password/done/",
        with_email(account.PasswordResetFromKeyDoneView.as_view(template_name="password_done.html")),
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^password/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[^/]+)/$",
        with_email(set_password),
        name="account_reset_password_from_key",
    ),
]

for pattern in urlpatterns:  # Django's form views take PUT for POST
    pattern.callback = require_http_methods(["GET", "HEAD", "POST"])(pattern.callback)
