"""Signatures as Standard Webhooks has them; secrets that nobody reads in the database."""

from __future__ import annotations

import base64
import re
import time
from typing import Any

import pytest

from exports.webhooks import signing
from webapp.paths import BASE_DIR

BODY = b'{"test": 2432232314}'


def receiver_of_the_docs() -> Any:
    """The function that docs/webhooks.md gives to its readers."""
    (code,) = re.findall(r"```python\n(.*?)```", (BASE_DIR / "docs" / "webhooks.md").read_text(), re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)
    return names["verified"]


def headers(*secrets: str, age: int = 0, body: bytes = BODY) -> dict[str, str]:
    timestamp = int(time.time()) - age
    signed = signing.signatures(secrets, message="msg_1", timestamp=timestamp, body=body)
    return {"webhook-id": "msg_1", "webhook-timestamp": str(timestamp), "webhook-signature": signed}


def test_a_signature_is_the_one_that_other_implementations_make() -> None:
    signed = signing.signatures(
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
        message="msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestamp=1614265330,
        body=BODY,
    )
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_documented_receiver_takes_what_is_signed_with_its_secret_or_with_two() -> None:
    verified, old, new = receiver_of_the_docs(), signing.new_secret(), signing.new_secret()
    assert verified(new, headers(new), BODY)
    assert verified(old, headers(new, old), BODY) and verified(new, headers(new, old), BODY)


@pytest.mark.parametrize("changed", ["webhook-id", "webhook-timestamp", "body", "secret", "age"])
def test_the_documented_receiver_refuses_what_was_changed_or_is_old(changed: str) -> None:
    verified, secret = receiver_of_the_docs(), signing.new_secret()
    sent = headers(secret, age=301 if changed == "age" else 0)
    if changed == "webhook-id":
        sent["webhook-id"] = "msg_2"
    if changed == "webhook-timestamp":
        sent["webhook-timestamp"] = str(int(sent["webhook-timestamp"]) + 1)
    body = BODY + b" " if changed == "body" else BODY
    assert not verified(signing.new_secret() if changed == "secret" else secret, sent, body)


def test_secrets_are_long_and_never_the_same() -> None:
    one, two = signing.new_secret(), signing.new_secret()
    assert one != two
    assert one.startswith("whsec_") and 24 <= len(base64.b64decode(one.removeprefix("whsec_"))) <= 64


def test_a_stored_secret_is_read_with_the_key_that_it_was_stored_with_and_no_other(settings: Any) -> None:
    secret = signing.new_secret()
    stored = signing.encrypted(secret)
    assert secret.removeprefix("whsec_") not in stored
    assert signing.encrypted(secret) != stored
    before, settings.SECRET_KEY = settings.SECRET_KEY, "another key"
    with pytest.raises(signing.SecretLost):
        signing.decrypted(stored)
    settings.SECRET_KEY_FALLBACKS = [before]
    assert signing.decrypted(stored) == secret
