"""The categories that ratings are given in, as typed on the command line."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

# A category's place is kept in one byte.
MOST_CATEGORIES = 256


@dataclass(frozen=True)
class RatingScale:
    """Categories in order: numbers by their value, words as they were given.

    Attributes
    ----------
    categories : sequence of str
    values : sequence of float
        What linear and quadratic weights are computed from: the numbers, or for words their places from 1.
    numeric : bool
    """

    categories: Sequence[str]
    values: Sequence[float]
    numeric: bool

    @classmethod
    def parse(cls, text: str) -> Self:
        """From “1,2,3” or “bad,fair,good”; ValueError with a sentence where that is no scale."""
        names = [name.strip() for name in next(csv.reader([text]), [])]
        if not all(names):
            raise ValueError(f"“{text}” has an empty category: write them with commas between, such as 1,2,3,4,5.")
        if endless := next((name for name in names if _is_endless(name)), None):
            raise ValueError(f"“{endless}” is no category: as a number it has no place among others.")
        numbers = [_number(name) for name in names]
        known = [number for number in numbers if number is not None]
        numeric = len(known) == len(names)
        if len(set(known if numeric else names)) < len(names):
            raise ValueError(f"“{text}” names a category twice.")
        if not 2 <= len(names) <= MOST_CATEGORIES:
            raise ValueError(f"“{text}”: a scale has 2 to {MOST_CATEGORIES} categories, not {len(names)}.")
        if numeric:
            ordered = sorted(zip(known, names, strict=True))
            if not math.isfinite(ordered[-1][0] - ordered[0][0]):
                raise ValueError(f"“{text}”: these categories lie too far apart to be weighed.")
            return cls([name for _value, name in ordered], [value for value, _name in ordered], numeric)
        return cls(names, range(1, len(names) + 1), numeric)

    def places(self) -> dict[str, int]:
        """The place, from 0, of what a file may say; a number may be written otherwise, such as 3.0 for 3."""
        if self.numeric:
            return _PlacesOfNumbers(self)
        return {name: place for place, name in enumerate(self.categories)}


class _PlacesOfNumbers(dict[str, int]):
    def __init__(self, scale: RatingScale) -> None:
        super().__init__((name, place) for place, name in enumerate(scale.categories))
        self._by_value = {value: place for place, value in enumerate(scale.values)}

    def __missing__(self, text: str) -> int:
        number = _number(text)
        if number not in self._by_value:
            raise KeyError(text)
        return self._by_value[number]


def _number(text: str) -> float | None:
    number = _float(text)
    return number if number is not None and math.isfinite(number) else None


def _is_endless(text: str) -> bool:
    """Whether it reads as infinity or as “nan”."""
    number = _float(text)
    return number is not None and not math.isfinite(number)


def _float(text: str) -> float | None:
    if "_" in text:  # Python reads 1_0 as ten; a file of ratings hardly means that
        return None
    try:
        return float(text)
    except ValueError:
        return None
