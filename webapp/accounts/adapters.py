"""How django-allauth behaves here: nobody signs up, its sentences are ours, and its changes write events."""

from __future__ import annotations

import base64
import hashlib
from typing import Any, cast

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.contrib import messages
from django.core.mail import send_mail
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from preferences.actions import events
from webapp.accounts.models import User

WRONG = gettext_lazy("This name and password do not belong together. Check both; capitals count.")
NOT_THE_CODE = gettext_lazy("This code is not right, or it was used already. Wait for the next one, then type it anew.")
DONE = {
    "account/messages/password_changed.txt": gettext_lazy("Your password is changed. Other devices are signed out."),
    "mfa/messages/totp_activated.txt": gettext_lazy("From now on, signing in asks for a code of your app."),
    "mfa/messages/totp_deactivated.txt": gettext_lazy("Signing in asks for no code any more."),
    "mfa/messages/webauthn_added.txt": gettext_lazy("The passkey is stored. You can sign in with it."),
    "mfa/messages/webauthn_removed.txt": gettext_lazy("The passkey is removed."),
    "mfa/messages/recovery_codes_generated.txt": gettext_lazy("These codes are new; the old ones work no more."),
    "usersessions/messages/sessions_logged_out.txt": gettext_lazy("Every other device is signed out."),
}
# What allauth says by these is done then, and said nowhere else; for second steps see webapp/accounts/step_events.py.
VERBS = {"usersessions/messages/sessions_logged_out.txt": "user.sessions_ended"}


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "enter_current_password": gettext_lazy("This is not your password. Check it; capitals count."),
        "incorrect_password": gettext_lazy("This is not your password. Check it; capitals count."),
        "incorrect_code": NOT_THE_CODE,
        "invalid_login": WRONG,
        "username_password_mismatch": WRONG,
        "too_many_login_attempts": gettext_lazy(
            "Too many attempts with a wrong password. Wait five minutes, then try again."
        ),
        "rate_limited": gettext_lazy("Too many attempts in a short time. Wait a few minutes, then try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("mfa_index")

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        """Our own sentence for what was done, and its event; what the next page shows anyway is not said."""
        if verb := VERBS.get(message_template or ""):
            user = cast("User", request.user)
            events.record(verb, user, by=user)
        if sentence := message or DONE.get(message_template or ""):
            messages.add_message(request, level, str(sentence), extra_tags=extra_tags)

    def set_password(self, user: User, password: str) -> None:
        with transaction.atomic():
            super().set_password(user, password)
            events.record("user.password_changed", user, by=user)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """The one kind of e-mail that allauth sends here: to somebody who asked for a new password."""
        if template_prefix == "account/email/password_reset_key":
            text = _("Somebody, you perhaps, asked for a new password. Choose it here:")
            lines = [text, context["password_reset_url"], _("If it was not you, nothing has to be done.")]
        else:  # an address without an account gets an answer too, which takes as long
            lines = [_("Somebody, you perhaps, asked for a new password. This address belongs to no account.")]
        send_mail(_("Your password for Margin"), "\n\n".join(lines), None, [email])


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    error_messages = {**DefaultMFAAdapter.error_messages, "incorrect_code": NOT_THE_CODE}

    def encrypt(self, text: str) -> str:
        """The secrets of codes: a copy of the database alone signs nobody in."""
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _cipher().decrypt(encrypted_text.encode()).decode()

    def get_totp_label(self, user: User) -> str:
        return user.username

    def _get_site_name(self) -> str:
        return "Margin"


def _cipher() -> MultiFernet:
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(hashlib.sha256(f"mfa:{k}".encode()).digest())) for k in keys])
