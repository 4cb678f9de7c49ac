"""The number that a degree becomes: as in Llama 2, table 27, or by a mapping of one's own.

Wherever a margin is asked for it is one word: a name of `MARGINS`, or four numbers such as
“significantly=1,better=0.66,slightly=0.33,negligibly=0”.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from django.utils.translation import gettext as _

from preferences.choices import Degree
from preferences.errors import InvalidInput
from preferences.text import printable

NO_MARGIN = "none"
# Wherever nobody says which. Reward models with it are the most accurate on average (Llama 2, Table 28).
DEFAULT = "small"
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


CUSTOM = "custom"
EXAMPLE = "significantly=1,better=0.66,slightly=0.33,negligibly=0"
LONGEST_TOLD = 100  # characters of what somebody typed that a sentence gives back
LARGEST = 1000.0  # the loss of a pair whose margin is not reached is the margin itself: more ends a training at once


def canonical(typed: str) -> str:
    """A name as it is; a mapping in one spelling, whatever its order. InvalidInput where it is neither."""
    if typed in MARGINS:
        return typed
    if "=" not in typed:
        raise InvalidInput(
            _("There is no margin “%(name)s”; known are %(known)s, or four numbers such as %(example)s.")
            % {"name": printable(typed, LONGEST_TOLD), "known": ", ".join(MARGINS), "example": EXAMPLE},
            field="margin",
        )
    found = _parsed(typed)
    return ",".join(f"{degree.value.partition('_')[0]}={found[degree]!r}" for degree in Degree)


def by_degree(margin: str) -> Mapping[Degree, float] | None:
    """What each degree becomes; None where there is no margin."""
    return MARGINS[margin] if margin in MARGINS else _parsed(margin)


def _parsed(typed: str) -> Mapping[Degree, float]:
    words = {word: degree for degree in Degree for word in (degree.value, degree.value.partition("_")[0])}
    found: dict[Degree, float] = {}
    for part in typed.split(","):
        word, _equals, number = (piece.strip() for piece in part.partition("="))
        degree = words.get(word)
        if degree is None or degree in found:
            raise InvalidInput(
                _("“%(part)s” is not in the margin's form: each of %(degrees)s once, with = and a number.")
                % {"part": printable(part.strip(), LONGEST_TOLD), "degrees": ", ".join(Degree.values)},
                field="margin",
            )
        found[degree] = _number(number)
    if missing := [degree.value for degree in Degree if degree not in found]:
        raise InvalidInput(
            _("The margin says no number for %(missing)s; all four degrees need one.")
            % {"missing": ", ".join(missing)},
            field="margin",
        )
    return found


def _number(typed: str) -> float:
    try:
        number = float(typed)
    except ValueError:
        number = math.nan
    if not 0 <= number <= LARGEST:
        raise InvalidInput(
            _("“%(number)s” cannot be a margin; write a number from 0 to %(most)d, such as 0.66.")
            % {"number": printable(typed, LONGEST_TOLD), "most": LARGEST},
            field="margin",
        )
    return number


def check_margin(name: str) -> None:
    """InvalidInput where no name of MARGINS is said; a reward model is trained with one of these."""
    if name not in MARGINS:
        raise InvalidInput(
            _("There is no margin “%(name)s”; known are %(known)s.") % {"name": name, "known": ", ".join(MARGINS)},
            field="margin",
        )
