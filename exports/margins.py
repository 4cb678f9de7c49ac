"""The number that a degree becomes (Llama 2, table 27)."""

from __future__ import annotations

from collections.abc import Mapping

from preferences.choices import Degree

MARGINS: Mapping[str, Mapping[Degree, float] | None] = {
    "small": {
        Degree.SIGNIFICANTLY_BETTER: 1.0,
        Degree.BETTER: 2 / 3,
        Degree.SLIGHTLY_BETTER: 1 / 3,
        Degree.NEGLIGIBLY_BETTER: 0.0,
    },
    "large": {
        Degree.SIGNIFICANTLY_BETTER: 3.0,
        Degree.BETTER: 2.0,
        Degree.SLIGHTLY_BETTER: 1.0,
        Degree.NEGLIGIBLY_BETTER: 0.0,
    },
    "none": None,
}
