"""allauth's forms of passkeys, which answer damaged JSON with a sentence."""

from __future__ import annotations

from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.webauthn import forms

# What the parts of a browser's answer are read with, where one of them is missing or of another kind.
DAMAGED = (KeyError, TypeError, AttributeError, ValueError, IndexError)


class _Reading:
    def clean_credential(self) -> Any:
        try:
            return super().clean_credential()  # type: ignore[misc]
        except DAMAGED:
            raise get_adapter().validation_error("incorrect_code") from None


class AddPasskey(forms.AddWebAuthnForm):  # type: ignore[misc]
    def clean(self) -> dict[str, Any]:
        try:
            cleaned: dict[str, Any] = super().clean()
        except DAMAGED:
            raise get_adapter().validation_error("incorrect_code") from None
        return cleaned


class UsePasskey(_Reading, forms.AuthenticateWebAuthnForm):  # type: ignore[misc]
    pass


class SignInByPasskey(_Reading, forms.LoginWebAuthnForm):  # type: ignore[misc]
    pass


class ConfirmByPasskey(_Reading, forms.ReauthenticateWebAuthnForm):  # type: ignore[misc]
    pass
