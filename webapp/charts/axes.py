"""Axes: from numbers to places on the plot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, floor, isfinite, log10

STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
TICKS = 5


@dataclass(frozen=True)
class Tick:
    """A place on an axis, in percent, and its word; a minor one gives way where there is little room."""

    at: str
    label: str
    minor: bool = False


@dataclass(frozen=True)
class Axis:
    """A stretch of numbers; `ticks` are those that are written out."""

    low: float
    high: float
    ticks: Sequence[float] = ()
    label: Callable[[float], str] = "{:g}".format

    def share(self, value: float) -> float:
        """Where on the axis the number is, from 0 to 100; what lies beyond is put at the end."""
        if self.high <= self.low:
            return 50.0
        return 100 * min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))

    def drawn(self, *, from_top: bool = False) -> list[Tick]:
        places = [100 - self.share(tick) if from_top else self.share(tick) for tick in self.ticks]
        words = [self.label(tick) for tick in self.ticks]
        return [
            Tick(at(place), word, minor=bool(n % 2)) for n, (place, word) in enumerate(zip(places, words, strict=True))
        ]


def nice_axis(low: float, high: float, *, label: Callable[[float], str] = "{:g}".format, count: int = TICKS) -> Axis:
    """An axis with round ticks that holds both numbers."""
    if not (isfinite(low) and isfinite(high)) or low > high:
        raise ValueError(f"An axis runs from a number to a larger one, not from {low} to {high}.")
    span = high - low or abs(high) or 1.0
    raw = span / count
    power = 10.0 ** floor(log10(raw))
    step = next(step * power for step in STEPS if step * power >= raw)
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    if first == last:
        last += 1
    ticks = [round(place * step, 12) for place in range(first, last + 1)]
    return Axis(ticks[0], ticks[-1], ticks, label)


def at(percent: float) -> str:
    """A place as SVG reads it, whatever the reader's language."""
    return f"{percent:.2f}%"


def thinned(ticks: Sequence[tuple[float, str]], axis: Axis, *, most: int, fewer: int) -> list[Tick]:
    """So many ticks of a horizontal axis at most, fewer where there is little room, the last one for certain."""
    kept = _last_and_every(ticks, ceil(len(ticks) / most))
    stay = _last_and_every(kept, ceil(len(kept) / fewer))
    return [Tick(at(axis.share(value)), label, minor=(value, label) not in stay) for value, label in kept]


def _last_and_every(ticks: Sequence[tuple[float, str]], step: int) -> Sequence[tuple[float, str]]:
    return ticks[::-1][:: max(1, step)][::-1]
