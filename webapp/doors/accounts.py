"""Signing in, and what a person keeps for themselves."""

from __future__ import annotations

from webapp.doors.answers import NOWHERE, OPEN, OWN, SIGNED_IN, Doors, form, get, post

DOORS: Doors = {
    "sign_in": form(OPEN),
    "account_login": form(OPEN),
    "mfa_authenticate": form(OPEN),
    "mfa_login_webauthn": form(OPEN),
    "account_inactive": get(OPEN),
    "account_signup": form(NOWHERE),
    "sign_out": post(OPEN),
    "account_logout": post(OPEN),
    "accept_invitation": form(OPEN),
    "account_reset_password": form(OPEN),
    "account_reset_password_done": get(OPEN),
    "account_reset_password_from_key": form(OPEN),
    "account_reset_password_from_key_done": get(OPEN),
    "language": post(OPEN),
    "mfa_index": get(SIGNED_IN),
    "usersessions_list": form(SIGNED_IN),
    "account_change_password": form(SIGNED_IN),
    "account_set_password": form(NOWHERE),
    "account_reauthenticate": form(SIGNED_IN),
    "mfa_reauthenticate": form(SIGNED_IN),
    "mfa_reauthenticate_webauthn": form(SIGNED_IN),
    "mfa_activate_totp": form(SIGNED_IN),
    "mfa_deactivate_totp": form(SIGNED_IN),
    "mfa_list_webauthn": get(SIGNED_IN),
    "mfa_add_webauthn": form(SIGNED_IN),
    "mfa_remove_webauthn": form(OWN),
    "mfa_view_recovery_codes": get(SIGNED_IN),
    "mfa_generate_recovery_codes": form(SIGNED_IN),
    "tokens": form(SIGNED_IN),
    "revoke_token": post(OWN),
    "settings": form(SIGNED_IN),
    "personal_data": post(SIGNED_IN),
}
