"""What people sign in with beside a password, and sessions that were begun or confirmed with it just now."""

from __future__ import annotations

import time

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from allauth.mfa.webauthn.internal.auth import WebAuthn
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from fido2.cose import ES256
from fido2.webauthn import (
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorAttestationResponse,
    AuthenticatorData,
    CollectedClientData,
    RegistrationResponse,
)

from tests.factories.numbers import number
from webapp.accounts.models import User

SECRET = "JBSWY3DPEHPK3PXP"


def with_app(user: User) -> User:
    """The person has an app that tells codes, and codes for the day they lose it."""
    TOTP.activate(user, SECRET)
    RecoveryCodes.activate(user)
    return user


def passkey(user: User) -> Authenticator:
    """A passkey as a browser would have registered it."""
    key, name = ec.generate_private_key(ec.SECP256R1()).public_key(), f"key {number()}".encode()
    held = AttestedCredentialData.create(b"\0" * 16, name, ES256.from_cryptography_key(key))
    flags = AuthenticatorData.FLAG.AT | AuthenticatorData.FLAG.UP
    attested = AttestationObject.create("none", AuthenticatorData.create(b"\0" * 32, flags, 0, bytes(held)), {})
    client = CollectedClientData.create("webauthn.create", b"x" * 16, "https://margin.example")
    response = AuthenticatorAttestationResponse(client_data=client, attestation_object=attested)
    registered = RegistrationResponse(raw_id=name, response=response)
    return WebAuthn.add(user, "A key", dict(registered)).instance


def confirmed(user: User) -> Client:
    """A browser in which the person signed in, and confirmed it a moment ago."""
    client = Client(raise_request_exception=False)
    client.force_login(user)
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time(), "reauthenticated": True}]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    return client
