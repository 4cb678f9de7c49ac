"""Blinding: what an annotator may see of a comparison, and nothing else reaches a page.

A `Sight` has no variant, no engine, no temperature, no token count and no identifier of a response.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, Exists, F, Model, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Concat, JSONObject

from annotation.models import Assignment, Care, Draft, GuidelineReading
from preferences.choices import Position
from preferences.models import Campaign, Comparison, Guideline, Message, Turn

if TYPE_CHECKING:
    from webapp.accounts.models import User

M = TypeVar("M", bound=Model)

_COMPARISON = ("campaign", "turn__dialogue", "turn__prompt", "response_a", "response_b")


@dataclass(frozen=True)
class Sight:
    """One comparison as its annotator sees it: the conversation, then two texts, left and right, or one."""

    key: uuid.UUID
    campaign: Campaign
    messages: list[Message]
    texts: list[str]  # from left to right
    is_live: bool  # a turn of the annotator's own dialogue
    guideline_version: int | None
    guideline_is_read: bool
    draft: dict[str, str]
    draft_version: str
    veil: bool
    break_minutes: int
    leased_until: datetime


def position_left(comparison: Comparison, by: User) -> Position:
    """Which response this annotator sees on the left: a fair coin for each annotator and comparison.

    Drawn from the comparison's random key, which no browser sees, so that a pair that is taken up again stands as
    before and a draft about “left” stays true. One response, which is rated, has no side.
    """
    return coin(comparison.key, by) if comparison.is_pair else Position.A


def coin(key: uuid.UUID, by: User) -> Position:
    digest = hashlib.sha256(f"{key}:{by.pk}".encode()).digest()
    return Position.A if digest[0] % 2 else Position.B


def with_sight(rows: QuerySet[M], by: User) -> QuerySet[M]:
    """Rows that have a `comparison` (slots, assignments), with all that `sight_of` needs, in one query."""
    facts: dict[str, Any] = {
        "seen": JSONObject(
            history=ArraySubquery(_history()),
            guideline=Subquery(_guideline(by)),
            draft=Subquery(_draft(by)),
            care=Subquery(_care(by)),
        )
    }
    found: QuerySet[M] = rows.select_related(*(f"comparison__{name}" for name in _COMPARISON)).annotate(**facts)
    return found


def _history() -> QuerySet[Turn, Any]:
    earlier = Turn.objects.filter(
        dialogue=OuterRef("comparison__turn__dialogue"), index__lt=OuterRef("comparison__turn__index")
    )
    words = JSONObject(user=F("prompt__text"), assistant=F("chosen_response__text"))
    return earlier.order_by("index").values(words=words)


def _guideline(by: User) -> QuerySet[Guideline, Any]:
    read = GuidelineReading.objects.filter(guideline=OuterRef("pk"), annotator=by)
    versions = Guideline.objects.filter(campaign=OuterRef("comparison__campaign")).annotate(is_read=Exists(read))
    facts = JSONObject(id=F("pk"), version=F("version"), is_read=F("is_read"))
    return versions.order_by("-version").values(facts=facts)[:1]


def _draft(by: User) -> QuerySet[Draft, Any]:
    subject = Concat(Value("comparison:"), Cast(OuterRef("comparison_id"), CharField()))
    facts = JSONObject(fields=F("fields"), version=F("version"))
    return Draft.objects.filter(annotator=by, subject=subject).values(facts=facts)[:1]


def _care(by: User) -> QuerySet[Care, Any]:
    return Care.objects.filter(annotator=by).values(facts=JSONObject(veil=F("veil"), break_minutes=F("break_minutes")))


def sight_of(assignment: Assignment) -> Sight:
    """What the holder of an assignment sees; the row comes from `with_sight`."""
    comparison, seen = assignment.comparison, assignment.seen
    guideline = seen["guideline"] or {}
    care = seen["care"] or {"veil": Care().veil, "break_minutes": Care().break_minutes}
    return Sight(
        key=assignment.key,
        campaign=comparison.campaign,
        messages=_messages(comparison, seen["history"]),
        texts=comparison.texts(assignment.left),
        is_live=comparison.turn.dialogue.author_id == assignment.annotator_id,
        guideline_version=guideline.get("version"),
        guideline_is_read=guideline.get("is_read", False),
        draft=_draft_of(assignment),
        draft_version=(seen["draft"] or {}).get("version", ""),
        veil=comparison.campaign.is_safety and care["veil"],
        break_minutes=care["break_minutes"],
        leased_until=assignment.leased_until,
    )


def _draft_of(assignment: Assignment) -> dict[str, str]:
    """The draft of the first verdict until it is stored, then that of a change to it."""
    draft: dict[str, str] = (assignment.seen["draft"] or {}).get("fields", {})
    return draft if bool(assignment.judgment_id) is bool(draft.get("revision")) else {}


def _messages(comparison: Comparison, history: list[dict[str, str | None]]) -> list[Message]:
    messages: list[Message] = list(comparison.turn.dialogue.context)
    for words in history:
        messages += [{"role": role, "content": text} for role, text in words.items() if text is not None]
    return [*messages, {"role": "user", "content": comparison.turn.prompt.text}]
