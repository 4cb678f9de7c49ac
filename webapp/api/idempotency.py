"""Idempotency keys: a write that is sent again is done once, and answered as it was the first time.

By the draft of the IETF (draft-ietf-httpapi-idempotency-key-header): the client makes up a key for each thing that it
wants done and sends it in `Idempotency-Key`, as often as it takes until an answer comes.

The answer is stored in the transaction that did the work, so that a crash leaves both or neither. What was refused did
nothing and stores nothing: the key is as good as new, and the request may be mended and sent again.

Some answers tell a secret this once, of a webhook or an invitation, so that all are stored encrypted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError

from exports import locks
from exports.webhooks import signing
from preferences.errors import Conflict, InvalidInput
from webapp.api.models import StoredAnswer

if TYPE_CHECKING:
    from django.http import HttpRequest

    from webapp.accounts.models import User

HEADER = "Idempotency-Key"
LONGEST = 255
KEPT = timedelta(hours=24)


class InFlight(Conflict):
    """The first request with this key is still being worked on."""

    code = "in_flight"


class KeyReused(InvalidInput):
    """The key belongs to another request."""

    code = "key_reused"


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    is_replayed: bool = False


def key_of(request: HttpRequest) -> str | None:
    """The key of a request, with or without the quotes of a structured field; None where it has none."""
    sent = request.headers.get(HEADER)
    if sent is None:
        return None
    key = sent[1:-1] if len(sent) > 1 and sent[0] == sent[-1] == '"' else sent
    if not (0 < len(key) <= LONGEST and key.isascii() and key.isprintable()):
        raise ValidationError(
            {HEADER: [_("Write 1 to %(most)d printable ASCII characters, such as a UUID.") % {"most": LONGEST}]}
        )
    return key


def fingerprint_of(request: HttpRequest) -> str:
    return fingerprint(request, hashlib.sha256(request.body).hexdigest())


def fingerprint(request: HttpRequest, body_sha256: str) -> str:
    return hashlib.sha256(f"{request.method} {request.get_full_path()} {body_sha256}".encode()).hexdigest()


@transaction.atomic
def once(*, by: User, key: str, fingerprint: str, act: Callable[[], Answer]) -> Answer:
    """The answer of the first time; else what `act` answers, stored in the transaction in which it acts.

    A request beside it with the same key is InFlight; another request under the key is KeyReused. What `act` raises is
    as if the request had never come.
    """
    _hold_until_commit(by, key)
    if stored := _stored(by, key):
        return _replayed(stored, fingerprint)
    made = act()
    _keep(by, key, fingerprint, made)
    return made


def once_told(*, by: User, key: str, fingerprint: Callable[[], str], act: Callable[[], Answer]) -> Answer:
    """As `once`, for work that does no harm when it is done twice and commits as it goes: a crash may have it done
    again. The fingerprint is asked for when the request was read."""
    with locks.alone(_name(by, key)) as got:
        _check(got)
        if stored := _stored(by, key):
            return _replayed(stored, fingerprint())
        made = act()
        _keep(by, key, fingerprint(), made)
        return made


def purge() -> int:
    """Removes the answers of more than a day ago; returns how many."""
    return StoredAnswer.objects.filter(created_at__lt=timezone.now() - KEPT).delete()[0]


def forget() -> None:
    """Removes every answer: after an erasure none may hold its words. A write that is retried over it is done anew."""
    StoredAnswer.objects.all().delete()


def _stored(by: User, key: str) -> StoredAnswer | None:
    """Asked after the lock is held, so that what its holder before us committed is seen."""
    return StoredAnswer.objects.filter(user=by, key=key).first()


def _replayed(stored: StoredAnswer, fingerprint: str) -> Answer:
    if stored.fingerprint != fingerprint:
        raise KeyReused(
            _("This Idempotency-Key was sent before with another request. Nothing was done; use a new key for it."),
            field=HEADER,
        )
    try:
        body = signing.decrypted(bytes(stored.body).decode())
    except signing.SecretLost:
        raise Conflict(
            _("This was done before, but its answer cannot be read any more: SECRET_KEY was changed meanwhile.")
        ) from None
    return Answer(stored.code, body.encode(), is_replayed=True)


def _keep(by: User, key: str, fingerprint: str, made: Answer) -> None:
    body = signing.encrypted(made.body.decode()).encode()
    StoredAnswer.objects.create(user=by, key=key, fingerprint=fingerprint, code=made.status, body=body)


def _hold_until_commit(by: User, key: str) -> None:
    """By the lock that `once_told` holds meanwhile: a key is of one request, whatever that does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [locks.number(_name(by, key))])
        _check(cursor.fetchone()[0])


def _check(got: bool) -> None:
    if not got:
        raise InFlight(_("A request with this Idempotency-Key is being worked on. Send it again in a moment."))


def _name(by: User, key: str) -> str:
    return f"idempotency {by.pk} {key}"
