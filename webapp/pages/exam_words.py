"""Pass marks in words, and what was reached of them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import floor

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from annotation.exam_results import MarkResult
from annotation.models import Measure, PassMark


@dataclass(frozen=True)
class MarkWords:
    asks: str
    reached: str
    passed: bool | None


def asks(mark: PassMark) -> str:
    parts = " + ".join(map(str, mark.parts))
    if mark.measure == Measure.SHARE:
        words = {"parts": parts, "bound": number_format((mark.bound * 100).normalize(), use_l10n=True)}
        if mark.is_strict:
            return _("Part %(parts)s: more than %(bound)s%% as the reference") % words
        return _("Part %(parts)s: at least %(bound)s%% as the reference") % words
    words = {"parts": parts, "bound": number_format(mark.bound.normalize())}
    if mark.measure == Measure.COUNT:
        if mark.is_strict:
            return _("Part %(parts)s: more than %(bound)s questions as the reference") % words
        return _("Part %(parts)s: at least %(bound)s questions as the reference") % words
    if mark.is_strict:
        return _("Part %(parts)s: an average of more than %(bound)s of five points") % words
    return _("Part %(parts)s: an average of at least %(bound)s of five points") % words


def in_words(result: MarkResult) -> MarkWords:
    reached = result.reached
    value = "" if reached is None or reached.value is None else _value(result.mark, reached.value)
    return MarkWords(asks(result.mark), value, reached.passed if reached else None)


def _value(mark: PassMark, value: Fraction) -> str:
    """Rounded down, so that nobody reads the mark that they just missed."""
    if mark.measure == Measure.COUNT:
        return str(value)
    scale = 100 if mark.measure == Measure.SHARE else 1
    places = 1 if mark.measure == Measure.SHARE else 2
    rounded = Decimal(floor(value * scale * 10**places)) / 10**places
    words = number_format(rounded.normalize() if rounded else rounded)
    return f"{words}%" if mark.measure == Measure.SHARE else words
