"""Constraints and triggers that several models need."""

from __future__ import annotations

import pgtrigger
from django.db.models import CheckConstraint, Q, TextChoices

LOCALE = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$"  # as far as BCP 47 can be told by its form


def one_of(field: str, words: type[TextChoices], *, name: str, blank: bool = False) -> CheckConstraint:
    """The database's own list of the words that a field may hold."""
    return CheckConstraint(condition=Q(**{f"{field}__in": [*words.values, *([""] if blank else [])]}), name=name)


def paused_for_a_reason(name: str) -> CheckConstraint:
    """For a row with paused_at and paused_reason: both are there, or neither."""
    working, paused = Q(paused_at__isnull=True, paused_reason=""), Q(paused_at__isnull=False) & ~Q(paused_reason="")
    return CheckConstraint(condition=working | paused, name=name)


def append_only(name: str = "append_only") -> pgtrigger.Protect:
    """Rows are written once: PostgreSQL refuses every update and delete."""
    return pgtrigger.Protect(name=name, operation=pgtrigger.Update | pgtrigger.Delete)
