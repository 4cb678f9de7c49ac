"""After a change of SECRET_KEY what is stored is read with the new key alone, and exports come out as before."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.core.management import call_command

from exports.pseudonyms import Pseudonyms
from exports.webhooks import signing
from exports.webhooks.models import WebhookSecret
from tests import factories
from tests.factories.webhooks import WebhookFactory


@pytest.mark.django_db
def test_what_an_earlier_key_encrypted_is_encrypted_with_the_new_one(
    settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    person, secret = factories.user(), signing.new_secret()
    webhook = WebhookFactory()
    stored = WebhookSecret.objects.create(webhook=webhook, encrypted=signing.encrypted(secret))
    totp = Authenticator.objects.create(user=person, type="totp", data={"secret": get_adapter().encrypt("ABC")})
    lost = WebhookSecret.objects.create(webhook=WebhookFactory(), encrypted="of a key that nobody has")
    lost_step = Authenticator.objects.create(user=factories.user(), type="totp", data={"secret": "of no key"})

    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a new key", [settings.SECRET_KEY]
    assert get_adapter().decrypt(totp.data["secret"]) == "ABC"  # nobody is locked out in between
    call_command("rotate_secrets")

    settings.SECRET_KEY_FALLBACKS = []
    for one in (stored, totp):
        one.refresh_from_db()
    assert signing.decrypted(stored.encrypted) == secret
    assert get_adapter().decrypt(totp.data["secret"]) == "ABC"
    told = capsys.readouterr().out
    assert "1 secrets of webhooks cannot be read" in told and "1 second steps cannot be read" in told
    for one in (lost, lost_step):
        one.refresh_from_db()
    assert (lost.encrypted, lost_step.data) == ("of a key that nobody has", {"secret": "of no key"})


def test_an_annotator_keeps_the_name_in_exports_while_the_earlier_key_is_known(settings: Any) -> None:
    before = Pseudonyms("a batch").of(7)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a new key", [settings.SECRET_KEY]
    assert Pseudonyms("a batch").of(7) == before
    settings.SECRET_KEY_FALLBACKS = []
    assert Pseudonyms("a batch").of(7) != before
