"""What of a batch was written out of an evaluation set, as it was noted when it was written (preferences.runs)."""

from __future__ import annotations

from django.db.models import F

from preferences.models import Batch, Comparison

_OVERLAPS = "turn__dialogue__turns__prompt__overlaps"


def overlaps(batch: Batch) -> dict[str, list[str]]:
    """By the sets' names the keys of the comparisons, in the batch's order.

    A comparison counts where its own prompt overlaps, or one before it in its dialogue, which it is read with.
    """
    earlier = {"turn__dialogue__turns__index__lte": F("turn__index"), f"{_OVERLAPS}__isnull": False}
    noted = Comparison.objects.filter(batch_items__batch=batch, **earlier).order_by("batch_items__place")
    found: dict[str, dict[str, None]] = {}
    for name, key in noted.values_list(f"{_OVERLAPS}__evaluation_set__name", "key"):
        found.setdefault(name, {})[str(key)] = None
    return {name: list(found[name]) for name in sorted(found)}
