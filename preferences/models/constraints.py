"""Constraints and triggers that several models need."""

from __future__ import annotations

import pgtrigger
from django.db.models import CheckConstraint, Q, TextChoices

from preferences.choices import Chosen

LOCALE = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$"  # as far as BCP 47 can be told by its form


def one_of(field: str, words: type[TextChoices], *, name: str, blank: bool = False) -> CheckConstraint:
    """The database's own list of the words that a field may hold."""
    return CheckConstraint(condition=Q(**{f"{field}__in": [*words.values, *([""] if blank else [])]}), name=name)


def safety_scores(name: str) -> CheckConstraint:
    """For a row with a verdict: a rating has the score of its one response; elsewhere both have one, or neither has."""
    scored = {side: Q(**{f"safety_{side}__isnull": False, f"safety_{side}__range": (1, 5)}) for side in ("a", "b")}
    none = Q(safety_a__isnull=True, safety_b__isnull=True)
    rated = Q(chosen=Chosen.RATED, degree="", safety_b__isnull=True) & scored["a"]
    return CheckConstraint(condition=rated | ~Q(chosen=Chosen.RATED) & (none | scored["a"] & scored["b"]), name=name)


def paused_for_a_reason(name: str) -> CheckConstraint:
    """For a row with paused_at and paused_reason: both are there, or neither."""
    working, paused = Q(paused_at__isnull=True, paused_reason=""), Q(paused_at__isnull=False) & ~Q(paused_reason="")
    return CheckConstraint(condition=working | paused, name=name)


def append_only(name: str = "append_only") -> pgtrigger.Protect:
    """Rows are written once: PostgreSQL refuses every update and delete."""
    return pgtrigger.Protect(name=name, operation=pgtrigger.Update | pgtrigger.Delete)
