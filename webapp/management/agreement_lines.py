"""How agreement is told on the command line: a line for each coefficient, as JSON or as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from preferences.stats.agreement import Agreement

# The fields of the JSON that the table shows, in its order: what the line is about, and its numbers.
ABOUT = ("campaign", "batch", "part")
FIGURES = ("value", "se", "low", "high", "percent_agreement", "chance_agreement", "units", "ratings", "raters")


def line(found: Agreement, *, raters: int, weights: str, categories: Sequence[Any], **more: Any) -> dict[str, Any]:
    """The fields of the JSON; numbers as they were computed."""
    return {
        "coefficient": found.coefficient,
        "value": found.value,
        "se": found.se,
        "low": found.low,
        "high": found.high,
        "percent_agreement": found.percent_agreement,
        "chance_agreement": found.chance_agreement,
        "units": found.units,
        "ratings": found.ratings,
        "raters": raters,
        "confidence": found.confidence,
        "weights": weights,
        "categories": list(categories),
        **more,
        "note": found.note,
    }


def table(lines: Sequence[dict[str, Any]]) -> str:
    """For people: a row for each line, numbers to six digits, and below them what there is to say of them."""
    if not lines:
        return "Nothing has been rated yet."
    about = [name for name in ABOUT if name in lines[0]]
    heading = [*about, "coefficient", *(name.replace("_", " ") for name in FIGURES)]
    rows = [
        [*(str(one[name]) for name in about), one["coefficient"], *(_figure(one[name]) for name in FIGURES)]
        for one in lines
    ]
    widths = [max(map(len, column)) for column in zip(heading, *rows, strict=True)]
    notes = [": ".join([*(str(one[name]) for name in about), one["note"]]) for one in lines if one["note"]]
    return "\n".join([*(_aligned(row, widths, len(about) + 1) for row in (heading, *rows)), *notes])


def _aligned(row: Sequence[str], widths: Sequence[int], words: int) -> str:
    """Words to the left, numbers to the right."""
    cells = zip(row, widths, strict=True)
    return "  ".join(
        cell.ljust(width) if place < words else cell.rjust(width) for place, (cell, width) in enumerate(cells)
    )


def _figure(number: float | None) -> str:
    if number is None:
        return "–"
    return f"{number:,}" if isinstance(number, int) else f"{number:.6f}"
