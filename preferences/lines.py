"""The fields of one line of an import file, each read and checked. No database in here."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
from django.db.models import TextChoices
from django.utils.translation import gettext as _

from preferences.choices import AttackVector, Category, RiskCategory
from preferences.errors import InvalidInput
from preferences.models.dialogues import Message

ROLES = ("system", "user", "assistant")
TEXT_LIMIT = 1_000_000
ID_LIMIT = 200
LABELS: Mapping[str, type[TextChoices]] = {
    "category": Category,
    "second_category": Category,
    "risk_category": RiskCategory,
    "attack_vector": AttackVector,
}


def fields_of(line: bytes, known: Collection[str]) -> dict[str, Any]:
    """The object of a line, which has no other fields than the known ones; InvalidInput with the reason else."""
    try:
        data = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise InvalidInput(_("not JSON: %(error)s") % {"error": error}) from None
    if not isinstance(data, dict):
        raise InvalidInput(_("not a JSON object"))
    if unknown := sorted(set(data) - set(known)):
        raise InvalidInput(
            _("unknown field “%(field)s”; known are %(known)s")
            % {"field": unknown[0], "known": ", ".join(sorted(known))}
        )
    return data


def prompt(data: Mapping[str, Any]) -> tuple[Message, ...]:
    """The messages of “prompt”, of which the last is the user's and the one that is answered."""
    messages = tuple(_message(message) for message in listed(data, "prompt"))
    if not messages or messages[-1]["role"] != "user":
        raise InvalidInput(_("“prompt” must be a list of messages that ends with the user's"))
    if not messages[-1]["content"]:
        raise InvalidInput(_("the last message of “prompt” is empty"))
    return messages


def labels(data: Mapping[str, Any]) -> dict[str, str]:
    """What the prompt is about, by the names of Prompt's fields; each may be absent."""
    found = {field: _word(data, field, words) for field, words in LABELS.items()}
    if found["second_category"] and found["category"] in ("", found["second_category"]):
        raise InvalidInput(_("“second_category” needs another “category” beside it"))
    return found


def listed(data: Mapping[str, Any], field: str) -> list[Any]:
    value = data.get(field, [])
    if not isinstance(value, list):
        raise InvalidInput(_("“%(field)s” must be a list") % {"field": field})
    return value


def text(
    data: Mapping[str, Any], field: str, *, limit: int = TEXT_LIMIT, absent: str | None = None, empty: bool = False
) -> str:
    value = data.get(field)
    if value is None and absent is not None:
        return absent
    if not isinstance(value, str):
        wrong = _("“%(field)s” must be a text") if field in data else _("“%(field)s” is missing")
        raise InvalidInput(wrong % {"field": field})
    if not value and not empty:
        raise InvalidInput(_("“%(field)s” is empty") % {"field": field})
    if len(value) > limit:
        raise InvalidInput(
            _("“%(field)s” has %(length)s characters; the limit is %(limit)s")
            % {"field": field, "length": f"{len(value):,}", "limit": f"{limit:,}"}
        )
    if "\x00" in value:
        raise InvalidInput(_("“%(field)s” contains a NUL character, which no database keeps") % {"field": field})
    return value


def seconds(value: Any) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e9:
        raise InvalidInput(_("“seconds” must be a number from 0 up"))
    return float(value)


def moment(value: Any) -> datetime | None:
    if value is None:
        return None
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise InvalidInput(
            _("“at” is %(value)s; write an ISO 8601 time such as 2026-11-23T10:00:00Z") % {"value": repr(value)}
        ) from None
    try:
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except OverflowError:
        raise InvalidInput(_("“at” is %(value)s, which no calendar has in UTC") % {"value": repr(value)}) from None


def _message(message: Any) -> Message:
    if not isinstance(message, dict) or message.get("role") not in ROLES:
        raise InvalidInput(
            _("each message of “prompt” needs a role, one of %(roles)s, and a content") % {"roles": ", ".join(ROLES)}
        )
    return {"role": message["role"], "content": text(message, "content", empty=True)}


def _word(data: Mapping[str, Any], field: str, words: type[TextChoices]) -> str:
    value = data.get(field)
    if value in (None, ""):
        return ""
    if not isinstance(value, str) or value not in words.values:
        raise InvalidInput(
            _("“%(field)s” is %(value)s; write one of %(known)s")
            % {"field": field, "value": repr(value), "known": ", ".join(words.values)}
        )
    return value
