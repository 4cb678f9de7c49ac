"""One line of an import file -> a checked comparison. No database in here.

A line is {"id", "prompt": [{"role", "content"}, ...], "response_a", "response_b", "variant_a"?, "variant_b"?,
"votes"?: [{"annotator", "chosen": "a" | "b" | "tie", "degree"?, "rationale"?, "seconds"?, "at"?}]}.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from django.utils.translation import gettext as _

from preferences.choices import Chosen, Degree
from preferences.errors import DomainError, InvalidInput
from preferences.models.dialogues import Message
from preferences.scales import Scale, Verdict, check_on_scale

ROLES = ("system", "user", "assistant")
TEXT_LIMIT = 1_000_000
FIELDS = {"id", "prompt", "response_a", "response_b", "variant_a", "variant_b", "votes"}
VOTE_FIELDS = {"annotator", "chosen", "degree", "rationale", "seconds", "at"}


@dataclass(frozen=True)
class ImportedVote:
    annotator: str
    verdict: Verdict
    rationale: str
    seconds: float | None
    at: datetime | None


@dataclass(frozen=True)
class ImportedComparison:
    external_id: str
    prompt: tuple[Message, ...]
    response_a: str
    response_b: str
    variant_a: str
    variant_b: str
    votes: tuple[ImportedVote, ...]


def parse(line: bytes, scale: Scale, *, most_votes: int) -> ImportedComparison:
    """The comparison of one line; DomainError with the reason where it cannot be one."""
    try:
        data = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise InvalidInput(_("not JSON: %(error)s") % {"error": error}) from None
    if not isinstance(data, dict):
        raise InvalidInput(_("not a JSON object"))
    if unknown := sorted(set(data) - FIELDS):
        raise InvalidInput(
            _("unknown field “%(field)s”; known are %(known)s")
            % {"field": unknown[0], "known": ", ".join(sorted(FIELDS))}
        )
    votes = tuple(_vote(vote, scale) for vote in _list(data, "votes"))
    if len(votes) > most_votes:
        raise InvalidInput(
            _("has %(votes)d votes; the campaign wants at most %(most)d a comparison")
            % {"votes": len(votes), "most": most_votes}
        )
    if len({vote.annotator for vote in votes}) != len(votes):
        raise InvalidInput(_("has two votes of one annotator"))
    response_a, response_b = _text(data, "response_a", empty=True), _text(data, "response_b", empty=True)
    if response_a == response_b:
        raise InvalidInput(_("the two responses are the same text"))
    return ImportedComparison(
        external_id=_text(data, "id", limit=200),
        prompt=_prompt(data),
        response_a=response_a,
        response_b=response_b,
        variant_a=_text(data, "variant_a", limit=120, absent="unknown a"),
        variant_b=_text(data, "variant_b", limit=120, absent="unknown b"),
        votes=votes,
    )


def _prompt(data: Mapping[str, Any]) -> tuple[Message, ...]:
    messages = tuple(_message(message) for message in _list(data, "prompt"))
    if not messages or messages[-1]["role"] != "user":
        raise InvalidInput(_("“prompt” must be a list of messages that ends with the user's"))
    if not messages[-1]["content"]:
        raise InvalidInput(_("the last message of “prompt” is empty"))
    return messages


def _message(message: Any) -> Message:
    if not isinstance(message, dict) or message.get("role") not in ROLES:
        raise InvalidInput(
            _("each message of “prompt” needs a role, one of %(roles)s, and a content") % {"roles": ", ".join(ROLES)}
        )
    return {"role": message["role"], "content": _text(message, "content", empty=True)}


def _vote(vote: Any, scale: Scale) -> ImportedVote:
    if not isinstance(vote, dict):
        raise InvalidInput(_("each vote must be an object"))
    if unknown := sorted(set(vote) - VOTE_FIELDS):
        raise InvalidInput(
            _("unknown vote field “%(field)s”; known are %(known)s")
            % {"field": unknown[0], "known": ", ".join(sorted(VOTE_FIELDS))}
        )
    chosen, degree = vote.get("chosen"), vote.get("degree")
    if chosen not in Chosen.values:
        raise InvalidInput(_("“chosen” is %(value)s; write a, b or tie") % {"value": repr(chosen)})
    if degree is not None and degree not in Degree.values:
        raise InvalidInput(
            _("“degree” is %(value)s; write one of %(known)s")
            % {"value": repr(degree), "known": ", ".join(Degree.values)}
        )
    verdict = Verdict(Chosen(chosen), Degree(degree) if degree else None)
    try:
        check_on_scale(scale, verdict)
    except DomainError as error:
        raise InvalidInput(_("a vote is off the campaign's scale: %(error)s") % {"error": error}) from None
    return ImportedVote(
        annotator=_text(vote, "annotator", limit=60),
        verdict=verdict,
        rationale=_text(vote, "rationale", absent="", empty=True),
        seconds=_seconds(vote.get("seconds")),
        at=_moment(vote.get("at")),
    )


def _list(data: Mapping[str, Any], field: str) -> list[Any]:
    value = data.get(field, [])
    if not isinstance(value, list):
        raise InvalidInput(_("“%(field)s” must be a list") % {"field": field})
    return value


def _text(
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


def _seconds(value: Any) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e9:
        raise InvalidInput(_("“seconds” must be a number from 0 up"))
    return float(value)


def _moment(value: Any) -> datetime | None:
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise InvalidInput(
            _("“at” is %(value)s; write an ISO 8601 time such as 2026-11-23T10:00:00Z") % {"value": repr(value)}
        ) from None
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError:
        raise InvalidInput(_("“at” is %(value)s, which no calendar has in UTC") % {"value": repr(value)}) from None
