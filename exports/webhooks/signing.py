"""Signatures of messages as Standard Webhooks 1.0.0 has them, and secrets at rest.

A receiver recomputes HMAC-SHA256 over "id.timestamp.body" and refuses what is old (docs/webhooks.md).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.encoding import force_bytes

PREFIX = "whsec_"
SECRET_BYTES = 32  # the standard wants 24 to 64


class SecretLost(Exception):
    """A stored secret cannot be decrypted: it was encrypted under another SECRET_KEY."""


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signatures(of: Sequence[str], *, message: str, timestamp: int, body: bytes) -> str:
    """The header webhook-signature: one signature for each of the secrets, the newest first."""
    signed = f"{message}.{timestamp}.".encode() + body
    return " ".join(f"v1,{_signature(secret, signed)}" for secret in of)


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def encrypted(secret: str) -> str:
    return _fernet().encrypt(secret.encode()).decode()


def decrypted(stored: str) -> str:
    try:
        return _fernet().decrypt(stored.encode()).decode()
    except InvalidToken:
        raise SecretLost from None


def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(_key(one)) for one in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _key(secret_key: str | bytes) -> bytes:
    # SECRET_KEY is long and random, so that no slow derivation is needed; `info` keeps it apart from its other uses.
    derived = HKDF(hashes.SHA256(), length=32, salt=None, info=b"margin webhooks").derive(force_bytes(secret_key))
    return base64.urlsafe_b64encode(derived)
