"""What a batch is made of: the variants that answered, the guidelines that people judged by, the code that sealed."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Count, QuerySet

from preferences.models import Comparison, Guideline, Judgment
from preferences.rows import Row
from preferences.versions import code_version

# By their names in a response of a row (preferences.rows), which has a revision only where there is one.
VARIANT = {
    "variant": "variant__name",
    "iteration": "variant__iteration",
    "engine": "engine",
    "engine_version": "engine_version",
    "weights_hash": "weights_hash",
    "revision": "revision",
}


class Variants:
    """Counts the responses of each model, as it was where it ran, while the rows of a batch pass."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[Any, ...]] = Counter()

    @classmethod
    def of(cls, comparisons: QuerySet[Comparison]) -> Variants:
        """Those of comparisons whose rows do not pass."""
        made = cls()
        for side in ("response_a", "response_b"):
            paths = [f"{side}__{path}" for path in VARIANT.values()]
            shown = comparisons.filter(**{f"{side}__isnull": False}).order_by()
            for *found, responses in shown.values_list(*paths).annotate(Count("pk")):
                made._counts[tuple(found)] += responses
        return made

    def over(self, rows: Iterable[tuple[int, Row]]) -> Iterator[tuple[int, Row]]:
        """The rows as they are."""
        for key, row in rows:
            for response in (row["response_a"], row["response_b"]):
                if response is not None:
                    self._counts[tuple([response.get(name, "") for name in VARIANT])] += 1
            yield key, row

    def told(self) -> list[dict[str, Any]]:
        """A line for each."""
        names = ["name" if name == "variant" else name for name in VARIANT]
        return [
            {**dict(zip(names, found, strict=True)), "responses": responses}
            for found, responses in sorted(self._counts.items())
        ]


def origins(comparisons: QuerySet[Comparison], variants: Variants) -> dict[str, Any]:
    """Plain values that a batch keeps.

    `variants`: a line for each model that answered, with its number of responses. `guidelines`: a line for each version
    that somebody judged by, with the SHA-256 of its text and its number of judgments. `code_version`: the commit.
    """
    return {
        "variants": variants.told(),
        "guidelines": _guidelines(comparisons),
        "code_version": code_version(),
    }


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
