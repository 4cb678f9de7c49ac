"""Sealed comparisons that no pair is made of although they have a verdict: flagged ones, and those that were not blind.

What counts is how things stood when the batch was sealed, so that it comes out the same whenever it is exported.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from preferences.choices import LOOKED_AT
from preferences.models import Batch, Comparison, Flag
from preferences.planner import by_hash

FLAGGED = "a flag that no reviewer had looked at when the batch was sealed"
NOT_BLIND = "a response that says which model wrote it"


def left_out(batch: Batch) -> dict[str, str]:
    """The reasons by key of the comparison; of two, the flag."""
    return marked(Comparison.objects.filter(batch_items__batch=batch), batch.sealed_at)


def marked(comparisons: QuerySet[Comparison], at: datetime) -> dict[str, str]:
    """The same of comparisons that are sealed at this moment."""
    not_blind = comparisons.filter(Q(response_a__identity_leak__gt="") | Q(response_b__identity_leak__gt=""))
    looked_at = Comparison.objects.filter(
        pk=OuterRef("comparison"),
        reviews__status__in=LOOKED_AT,
        reviews__decided_at__gte=OuterRef("created_at"),
        reviews__decided_at__lte=at,
    )
    flags = Flag.objects.filter(comparison__in=comparisons, created_at__lte=at).exclude(Exists(looked_at))
    flagged = Comparison.objects.filter(pk__in=flags.values("comparison"))
    with by_hash():
        return _keys(not_blind, NOT_BLIND) | _keys(flagged, FLAGGED)


def _keys(comparisons: QuerySet[Comparison], reason: str) -> dict[str, str]:
    return {str(key): reason for key in comparisons.values_list("key", flat=True)}
