"""What a signal says, in plain words: a figure for the table, a sentence for the person's page, and what is usual."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from annotation.models.concerns import SignalName
from annotation.quality.work import Signal

# Those whose value is a share of occasions; the others are a coefficient, an evenness and a length.
SHARES = {
    SignalName.GOLD,
    SignalName.CONSISTENCY,
    SignalName.SIDES,
    SignalName.LENGTH,
    SignalName.PACE,
    SignalName.COPIED,
    SignalName.PASTED,
}

MEANINGS: Mapping[SignalName, Any] = {
    SignalName.AGREEMENT: gettext_lazy(
        "Gwet's AC2 of this person against the others who judged the same. It is usual within 0.1 of the "
        "campaign's own figure, or above it."
    ),
    SignalName.GOLD: gettext_lazy(
        "Work whose verdict is known, mixed in unseen: how often the person judged it so. The campaign's "
        "bar, or 70% where it has none, is usual."
    ),
    SignalName.CONSISTENCY: gettext_lazy(
        "Some pairs come a second time with the sides swapped: how often the person chose the same response again. "
        "What the others reach, less 15 points, is usual."
    ),
    SignalName.SIDES: gettext_lazy(
        "How often the response on the left was chosen. Which response stands left is drawn by lot, so that 45% to 55% "
        "is usual."
    ),
    SignalName.LENGTH: gettext_lazy(
        "How often the longer response was chosen. Longer can be better: what the others do, 15 points more or less, "
        "is usual."
    ),
    SignalName.SCALE: gettext_lazy(
        "How evenly the places of the scale are used, from 0 (one place only) to 1 (all alike). What the middle person "
        "of the campaign reaches, less 0.25, is usual."
    ),
    SignalName.RUN: gettext_lazy(
        "The most judgments in a row in the same place of the scale, beside what the same judgments would give in "
        "random order."
    ),
    SignalName.PACE: gettext_lazy(
        "How many judgments took far less active time, for what there was to read, than nearly all of the campaign's. "
        "Up to 20% is usual: people read at different speeds."
    ),
    SignalName.COPIED: gettext_lazy(
        "How many prompts are nearly the same as an earlier one of somebody else. Up to 10% is usual."
    ),
    SignalName.PASTED: gettext_lazy(
        "How many long answers (100 characters or more: reasons, edits, prompts) were mostly pasted. The person's "
        "browser counts this, so that it hints and proves nothing. Up to 20% is usual."
    ),
}

_UNUSUAL: Mapping[SignalName, Any] = {
    SignalName.AGREEMENT: gettext_lazy("Agrees with others less than people of this campaign do."),
    SignalName.GOLD: gettext_lazy("Misses known verdicts more often than is usual."),
    SignalName.CONSISTENCY: gettext_lazy("Judges the same pair differently more often than others do."),
    SignalName.SIDES: gettext_lazy("Chooses one side far more often than the other."),
    SignalName.LENGTH: gettext_lazy("Goes by length more, or less, than others do."),
    SignalName.SCALE: gettext_lazy("Uses fewer places of the scale than others do."),
    SignalName.RUN: gettext_lazy("Gave the same place so many times in a row that chance hardly does it."),
    SignalName.PACE: gettext_lazy("Is often faster than the texts can be read."),
    SignalName.COPIED: gettext_lazy("Often writes what somebody else had written before."),
    SignalName.PASTED: gettext_lazy("Often pastes long answers."),
}


def figure(signal: Signal) -> str:
    """The value as it stands in a table."""
    if signal.value is None:
        return "–"
    if signal.name in SHARES:
        return _("%(percent)s%%") % {"percent": round(100 * signal.value)}
    return f"{signal.value:.0f}" if signal.name is SignalName.RUN else f"{signal.value:.2f}"


def sentence(signal: Signal) -> str:
    """What is unusual, or why nothing is."""
    if signal.unusual:
        return str(_UNUSUAL[signal.name])
    if signal.p is None:
        return _("Too little to say.")
    if _is_outside(signal):
        return _("Outside of what is usual, but not by more than chance can do.")
    return _("As usual.")


def _is_outside(signal: Signal) -> bool:
    value = signal.value or 0.0
    low, high = signal.at_least, signal.at_most
    return (low is not None and value < low) or (high is not None and value > high)


def interval(signal: Signal) -> str:
    """The value with its 95% interval and what it rests on."""
    if signal.value is None:
        return _("Nothing to count yet.")
    low, high = _number(signal, signal.low), _number(signal, signal.high)
    words = {"value": figure(signal), "n": signal.n, "low": low, "high": high}
    if signal.low is None:
        return _("%(value)s of %(n)s") % words
    return _("%(value)s, 95%% interval %(low)s to %(high)s, from %(n)s") % words


def usual(signal: Signal) -> str:
    """The usual range as a line."""
    words = {"low": _number(signal, signal.at_least), "high": _number(signal, signal.at_most)}
    cases: list[tuple[bool, Callable[[], str]]] = [
        (signal.at_least is not None and signal.at_most is not None, lambda: _("usual: %(low)s to %(high)s") % words),
        (signal.at_least is not None, lambda: _("usual: %(low)s or more") % words),
        (signal.at_most is not None, lambda: _("usual: %(high)s or less") % words),
    ]
    return next((say() for holds, say in cases if holds), "")


def _number(signal: Signal, value: float | None) -> str:
    if value is None:
        return ""
    return f"{100 * value:.0f}%" if signal.name in SHARES else f"{value:.2f}"
