from __future__ import annotations

from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import InvalidToken
from django.core.management.base import BaseCommand
from django.db import transaction

from exports.webhooks import signing
from exports.webhooks.models import WebhookSecret

ENCRYPTED = ("secret", "seed")  # in the data of an authenticator: of an app's codes, and of recovery codes


class Command(BaseCommand):
    help = (
        "Encrypts with SECRET_KEY what an earlier key in SECRET_KEY_FALLBACKS encrypted: the secrets of webhooks and "
        "of second steps at sign-in. Run it after a change of the key; then nothing stored needs the earlier one."
    )

    @transaction.atomic
    def handle(self, **options: Any) -> None:
        webhooks, lost, people, lost_steps = 0, 0, 0, 0
        for one in WebhookSecret.objects.select_for_update():
            try:
                one.encrypted = signing.encrypted(signing.decrypted(one.encrypted))
            except signing.SecretLost:
                lost += 1
                continue
            one.save(update_fields=["encrypted"])
            webhooks += 1
        adapter = get_adapter()
        for authenticator in Authenticator.objects.select_for_update():
            known = {name: authenticator.data[name] for name in ENCRYPTED if name in authenticator.data}
            if not known:
                continue
            try:
                authenticator.data |= {name: adapter.encrypt(adapter.decrypt(value)) for name, value in known.items()}
            except InvalidToken:
                lost_steps += 1
                continue
            authenticator.save(update_fields=["data"])
            people += 1
        self.stdout.write(f"Encrypted anew: {webhooks} secrets of webhooks, {people} of second steps.")
        if lost:
            self.stdout.write(f"{lost} secrets of webhooks cannot be read with any key; make new ones on their pages.")
        if lost_steps:
            self.stdout.write(f"{lost_steps} second steps cannot be read with any key; their owners set up new ones.")
