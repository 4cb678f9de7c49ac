"""Constraints and triggers that several models need."""

from __future__ import annotations

from collections.abc import Sequence

import pgtrigger
from django.db.models import CheckConstraint, Q, TextChoices

from preferences.choices import Chosen, ComparisonStatus

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


# What an UPDATE and DELETE of a row that stays are told, in PL/pgSQL; as pgtrigger.Protect tells it.
REFUSED = "RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;"


# That an erasure is under way in this transaction, and no other.
_ERASING = """EXISTS (
    SELECT 1 FROM preferences_erasure WHERE id::text = current_setting('margin.erasing', true) AND at = now()
)"""


def let_erase(*columns: str) -> str:
    """The beginning of a trigger's PL/pgSQL: lets an UPDATE through that changes these columns at most, by an erasure.

    An erasure is made in the very transaction that wrote its row, which is named by margin.erasing: who takes out words
    leaves who did it and why.
    """
    others = "- '{" + ",".join(columns) + "}'::text[]"
    return f"""
        IF TG_OP = 'UPDATE' AND COALESCE(current_setting('margin.erasing', true), '') <> '' THEN
            IF to_jsonb(NEW) {others} = to_jsonb(OLD) {others} AND {_ERASING} THEN
                RETURN NEW;
            END IF;
        END IF;
    """


def erased_whole(name: str = "append_only") -> pgtrigger.Trigger:
    """As append_only; an erasure deletes whole rows, which nothing but a copy of words is lost with."""
    func = f"IF TG_OP = 'DELETE' AND {_ERASING} THEN RETURN OLD; END IF; {REFUSED}"
    operation = pgtrigger.Update | pgtrigger.Delete
    return pgtrigger.Trigger(name=name, operation=operation, when=pgtrigger.Before, func=func)


def append_only(name: str = "append_only", *, erasable: Sequence[str] = ()) -> pgtrigger.Trigger:
    """Rows are written once: PostgreSQL refuses every update and delete, but an erasure's of the columns named."""
    operation = pgtrigger.Update | pgtrigger.Delete
    if not erasable:
        return pgtrigger.Protect(name=name, operation=operation)
    func = let_erase(*erasable) + REFUSED
    return pgtrigger.Trigger(name=name, operation=operation, when=pgtrigger.Before, func=func)


def never_emptied() -> pgtrigger.Trigger:
    """TRUNCATE asks no trigger of rows, so that the table itself refuses it wherever its rows are kept by triggers."""
    return pgtrigger.Trigger(
        name="never_emptied",
        level=pgtrigger.Statement,
        operation=pgtrigger.Truncate,
        when=pgtrigger.Before,
        func="RAISE EXCEPTION 'table % is never emptied', TG_TABLE_NAME;",
    )


def part_of_a_batch(comparison: str) -> str:
    """SQL: whether a row of preferences_comparison stands in a sealed batch, or stood in one until it was erased.

    The status is asked first: of the many that are open nobody looks for items.
    """
    return f"""(
        {comparison}.status = '{ComparisonStatus.SEALED}' OR {comparison}.status = '{ComparisonStatus.WITHDRAWN}'
        AND EXISTS (SELECT 1 FROM preferences_batchitem WHERE comparison_id = {comparison}.id)
    )"""
