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
        raise InvalidInput(f"not JSON: {error}") from None
    if not isinstance(data, dict):
        raise InvalidInput("not a JSON object")
    _known(data, FIELDS, "field")
    votes = tuple(_vote(vote, scale) for vote in _list(data, "votes"))
    if len(votes) > most_votes:
        raise InvalidInput(f"has {len(votes)} votes; the campaign wants at most {most_votes} a comparison")
    if len({vote.annotator for vote in votes}) != len(votes):
        raise InvalidInput("has two votes of one annotator")
    response_a, response_b = _text(data, "response_a", empty=True), _text(data, "response_b", empty=True)
    if response_a == response_b:
        raise InvalidInput("the two responses are the same text")
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
        raise InvalidInput("“prompt” must be a list of messages that ends with the user's")
    if not messages[-1]["content"]:
        raise InvalidInput("the last message of “prompt” is empty")
    return messages


def _message(message: Any) -> Message:
    if not isinstance(message, dict) or message.get("role") not in ROLES:
        raise InvalidInput(f"each message of “prompt” needs a role, one of {', '.join(ROLES)}, and a content")
    return {"role": message["role"], "content": _text(message, "content", empty=True)}


def _vote(vote: Any, scale: Scale) -> ImportedVote:
    if not isinstance(vote, dict):
        raise InvalidInput("each vote must be an object")
    _known(vote, VOTE_FIELDS, "vote field")
    chosen, degree = vote.get("chosen"), vote.get("degree")
    if chosen not in Chosen.values:
        raise InvalidInput(f"“chosen” is {chosen!r}; write a, b or tie")
    if degree is not None and degree not in Degree.values:
        raise InvalidInput(f"“degree” is {degree!r}; write one of {', '.join(Degree.values)}")
    verdict = Verdict(Chosen(chosen), Degree(degree) if degree else None)
    try:
        check_on_scale(scale, verdict)
    except DomainError as error:
        raise InvalidInput(f"a vote is off the campaign's scale: {error}") from None
    return ImportedVote(
        annotator=_text(vote, "annotator", limit=60),
        verdict=verdict,
        rationale=_text(vote, "rationale", absent="", empty=True),
        seconds=_seconds(vote.get("seconds")),
        at=_moment(vote.get("at")),
    )


def _known(data: Mapping[str, Any], known: set[str], what: str) -> None:
    if unknown := sorted(set(data) - known):
        raise InvalidInput(f"unknown {what} “{unknown[0]}”; known are {', '.join(sorted(known))}")


def _list(data: Mapping[str, Any], field: str) -> list[Any]:
    value = data.get(field, [])
    if not isinstance(value, list):
        raise InvalidInput(f"“{field}” must be a list")
    return value


def _text(
    data: Mapping[str, Any], field: str, *, limit: int = TEXT_LIMIT, absent: str | None = None, empty: bool = False
) -> str:
    value = data.get(field)
    if value is None and absent is not None:
        return absent
    if not isinstance(value, str):
        raise InvalidInput(f"“{field}” must be a text" if field in data else f"“{field}” is missing")
    if not value and not empty:
        raise InvalidInput(f"“{field}” is empty")
    if len(value) > limit:
        raise InvalidInput(f"“{field}” has {len(value):,} characters; the limit is {limit:,}")
    if "\x00" in value:
        raise InvalidInput(f"“{field}” contains a NUL character, which no database keeps")
    return value


def _seconds(value: Any) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e9:
        raise InvalidInput("“seconds” must be a number from 0 up")
    return float(value)


def _moment(value: Any) -> datetime | None:
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise InvalidInput(f"“at” is {value!r}; write an ISO 8601 time such as 2026-11-23T10:00:00Z") from None
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError:
        raise InvalidInput(f"“at” is {value!r}, which no calendar has in UTC") from None
