"""What Margin answers, as values. A field that is not known here is left out, so that a newer server is no error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from functools import cache
from types import UnionType
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")


@dataclass(frozen=True)
class Campaign:
    slug: str
    name: str
    kind: str
    track: str
    scale: str
    question: str
    status: str
    raters_per_item: int
    max_turns: int
    guideline: int | None
    priority: int
    planned_comparisons: int | None
    planned_until: date | None
    agreement_gate: float | None
    created_at: datetime


@dataclass(frozen=True)
class Progress:
    comparisons: int
    finished: int
    wanted: int
    judged: int
    annotators: int
    sampling: int
    failed: int
    responses: int
    leaks: int
    flags: int
    skips: int
    to_review: int


@dataclass(frozen=True)
class Figures:
    """Gwet's AC2 with its interval; None where the ratings cannot tell, and `note` says why."""

    value: float | None
    low: float | None
    high: float | None
    se: float | None
    percent_agreement: float | None
    chance_agreement: float | None
    comparisons: int
    pairs: int
    ratings: int
    note: str | None


@dataclass(frozen=True)
class Held:
    """The interval that is held against the gate: of dialogues, whose turns are not independent."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Part(Figures):
    """Of one week, one batch, one category, …; the key of what is in none is empty."""

    key: str
    label: str


@dataclass(frozen=True)
class Agreement:
    campaign: str
    coefficient: str
    weights: str
    confidence: float
    gate: float | None
    raters: int
    counted_at: datetime
    whole: Figures
    held: Held
    parts: tuple[Part, ...]

    @property
    def is_below_gate(self) -> bool:
        """Whether the whole interval lies below what the campaign is to reach."""
        return self.gate is not None and self.held.high is not None and self.held.high < self.gate


@dataclass(frozen=True)
class Batch:
    id: str
    name: str
    version: int
    superseded: bool
    week: str
    sha256: str
    seed: str
    train: int
    test: int
    sealed_at: datetime


@dataclass(frozen=True)
class Order:
    """A week that the server seals in the background."""

    id: str
    campaign: str
    week: str
    ordered_at: datetime
    batch: str | None
    refused: str


@dataclass(frozen=True)
class ExportFile:
    name: str
    bytes: int
    sha256: str
    rows: int | None


@dataclass(frozen=True)
class Export:
    id: str
    batch: str
    format: str
    margin: str
    mix: str
    status: str
    reason: str
    rows: int | None
    done: int | None
    manifest_sha256: str
    requested_at: datetime
    files: tuple[ExportFile, ...]
    archive: str


@dataclass(frozen=True)
class Prompt:
    id: int
    campaign: str
    external_id: str | None
    text: str
    category: str
    second_category: str
    risk_category: str
    attack_vector: str
    author: str | None
    created_at: datetime
    retired_at: datetime | None


@dataclass(frozen=True)
class SamplingRequest:
    """One response that is asked of a variant; two of a turn make a pair."""

    id: int
    campaign: str
    prompt: int
    turn: int
    position: str
    variant: str
    temperature: float
    top_p: float
    seed: int
    ahead: bool
    status: str
    attempts: int
    reason: str
    response: int | None
    created_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class Comparison:
    id: str
    campaign: str
    external_id: str | None
    source: str
    status: str
    created_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True)
class FailedLine:
    """One of what was pushed, by its place from 1, and why it could not be used."""

    line: int
    reason: str


@dataclass(frozen=True)
class Pushed:
    """How many were stored, how many were there already, and how many failed, with why of the first thousand."""

    stored: int
    skipped: int
    failed: int
    lines: tuple[FailedLine, ...]


@dataclass(frozen=True)
class Variant:
    id: int
    name: str
    iteration: str
    engine: str
    location: str
    max_tokens: int
    status: str
    created_at: datetime


@dataclass(frozen=True)
class RewardModel:
    id: str
    track: str
    base: str
    margin: str
    status: str
    weights_sha256: str
    created_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True)
class Role:
    id: int
    campaign: str
    role: str
    paused_at: datetime | None
    paused_reason: str


@dataclass(frozen=True)
class Person:
    pseudonym: str
    username: str
    email: str
    vendor: str
    locale: str
    paused_at: datetime | None
    paused_reason: str
    last_seen: datetime | None
    roles: tuple[Role, ...]


@dataclass(frozen=True)
class Event:
    id: int
    at: datetime
    verb: str
    subject: str
    person: str | None
    campaign: str | None
    data: Mapping[str, Any]
    request_id: str
    door: str
    through: str
    address: str


def made(kind: type[T], told: Mapping[str, Any]) -> T:
    """The value that an answer stands for."""
    hints = _hints(cast("Any", kind))
    return kind(**{one.name: _value(hints[one.name], told[one.name]) for one in fields(kind)})  # type: ignore[arg-type]


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def _value(hint: Any, told: Any) -> Any:
    if isinstance(hint, UnionType):
        if told is None:
            return None
        (hint,) = (one for one in get_args(hint) if one is not type(None))
    if get_origin(hint) is tuple:
        return tuple(_value(get_args(hint)[0], one) for one in told)
    if hint in (datetime, date):
        return hint.fromisoformat(told)
    return made(hint, told) if is_dataclass(hint) and isinstance(hint, type) else told
