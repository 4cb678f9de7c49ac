"""Drafts: what was chosen and typed and not yet sent, kept on the server under its subject."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Model
from django.utils import timezone

from annotation.models import Draft, WritingTime
from preferences import text as texts
from preferences.choices import AttackVector, RiskCategory

if TYPE_CHECKING:
    from webapp.accounts.models import User

FIELDS = (
    "verdict",
    "safety_left",
    "safety_right",
    "rationale",
    "text",
    "category",
    "second_category",
    "risk_category",
    "attack_vector",
    "feedback",
    "turns",  # that the form shows
    "pasted",  # characters, of the text beside it
    "revision",  # of the stored verdict that is being changed; none before the first
)
MOST_TURNS = 20  # of a form, each with a prompt and an answer
REPORT = (  # on a red-team dialogue
    "degree",
    *(f"violating_{turn}" for turn in range(MOST_TURNS)),
    *(f"area_{word}" for word in RiskCategory.values),
    *(f"vector_{word}" for word in AttackVector.values),
)
TURNS = tuple(f"{part}_{turn}" for turn in range(1, MOST_TURNS + 1) for part in ("prompt", "answer"))
COUNTERS = {"turns", "pasted"}  # worth nothing without a text
FIELD_LIMIT = 200_000  # more than any field may hold when it is sent, so that what is too long is kept too
KEPT_FOR = timedelta(days=30)


def subject_of(row: Model) -> str:
    return f"{row._meta.model_name}:{row.pk}"


@dataclass(frozen=True)
class Kept:
    """A draft as it is stored, with its version; both empty where there is none."""

    fields: dict[str, str] = field(default_factory=dict)
    version: str = ""


def keep(*, about: Model, fields: Mapping[str, str], by: User) -> str:
    """Stores the draft in place of the one before and returns its version; an empty one is removed."""
    kept = {
        name: texts.storable(fields[name])[:FIELD_LIMIT]
        for name in (*FIELDS, *TURNS, *REPORT)
        if fields.get(name, "").strip()
    }
    if not kept.keys() - COUNTERS:
        drop(about=about, by=by)
        return ""
    stored = {"fields": kept, "version": uuid.uuid4()}
    draft, _created = Draft.objects.update_or_create(annotator=by, subject=subject_of(about), defaults=stored)
    return str(draft.version)


def find(*, about: Model, by: User) -> Kept:
    found = Draft.objects.filter(annotator=by, subject=subject_of(about)).first()
    return Kept(dict(found.fields), str(found.version)) if found else Kept()


def find_all(*, about: Sequence[Model], by: User) -> dict[str, Kept]:
    """Those that there are, by `subject_of`."""
    found = Draft.objects.filter(annotator=by, subject__in=[subject_of(row) for row in about])
    return {draft.subject: Kept(dict(draft.fields), str(draft.version)) for draft in found}


def drop(*, about: Model, by: User) -> None:
    Draft.objects.filter(annotator=by, subject=subject_of(about)).delete()


def purge() -> int:
    """Removes drafts that nobody came back to, with the time put into them; returns how many."""
    WritingTime.objects.filter(updated_at__lt=timezone.now() - KEPT_FOR).delete()
    return Draft.objects.filter(updated_at__lt=timezone.now() - KEPT_FOR).delete()[0]
