"""The number that a degree becomes (Llama 2, table 27)."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from preferences.choices import Degree
from preferences.errors import InvalidInput

NO_MARGIN = "none"
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
    NO_MARGIN: None,
}


def check_margin(name: str) -> None:
    if name not in MARGINS:
        raise InvalidInput(
            _("There is no margin “%(name)s”; known are %(known)s.") % {"name": name, "known": ", ".join(MARGINS)},
            field="margin",
        )
