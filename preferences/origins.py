"""What a batch is made of: the variants that answered, the guidelines that people judged by, the code that sealed."""

from __future__ import annotations

import hashlib
from typing import Any

from django.db.models import Count, QuerySet

from preferences.models import Comparison, Guideline, Judgment
from preferences.versions import code_version


def origins(comparisons: QuerySet[Comparison]) -> dict[str, Any]:
    """Plain values that a batch keeps.

    `variants`: a line for each model that answered, as it was where it ran, with its number of responses.
    `guidelines`: a line for each version that somebody judged by, with the SHA-256 of its text and its number of
    judgments. `code_version`: the commit.
    """
    return {
        "variants": _variants(comparisons),
        "guidelines": _guidelines(comparisons),
        "code_version": code_version(),
    }


_VARIANT = {
    "name": "variant__name",
    "iteration": "variant__iteration",
    "engine": "engine",
    "engine_version": "engine_version",
    "weights_hash": "weights_hash",
    "revision": "revision",
}


def _variants(comparisons: QuerySet[Comparison]) -> list[dict[str, Any]]:
    counts: dict[tuple[Any, ...], int] = {}
    for side in ("response_a", "response_b"):
        shown = comparisons.filter(**{f"{side}__isnull": False}).order_by()
        for *found, responses in shown.values_list(*(f"{side}__{path}" for path in _VARIANT.values())).annotate(
            Count("pk")
        ):
            counts[tuple(found)] = counts.get(tuple(found), 0) + responses
    return [
        {**dict(zip(_VARIANT, found, strict=True)), "responses": responses}
        for found, responses in sorted(counts.items())
    ]


def _guidelines(comparisons: QuerySet[Comparison]) -> list[dict[str, Any]]:
    judged = Judgment.objects.filter(comparison__in=comparisons.values("pk"), guideline__isnull=False)
    counts = dict(judged.order_by().values_list("guideline").annotate(Count("pk")))
    found = Guideline.objects.filter(pk__in=counts).order_by("campaign__slug", "version").select_related("campaign")
    return [
        {
            "campaign": one.campaign.slug,
            "version": one.version,
            "sha256": hashlib.sha256(one.text.encode()).hexdigest(),
            "judgments": counts[one.pk],
        }
        for one in found
    ]
