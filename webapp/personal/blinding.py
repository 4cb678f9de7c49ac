"""A verdict as its person gave it: left and right.

Which response stands for A and which for B is told to nobody who judges: in a set that was brought in, A may be the
same model all the way. Numbers of comparisons are not told either: pairs that come twice, or with a known answer, are
made later than those around them, and would be known by it.
"""

from __future__ import annotations

from typing import Any

from preferences.choices import Chosen, Position

_OF_THE_RECORD = ("comparison", "response", "chosen", "safety_a", "safety_b")


def verdict(row: dict[str, Any]) -> dict[str, Any]:
    """A row with shown_left, chosen, safety_a and safety_b -> the same with chosen, safety_left and safety_right."""
    told = dict(row)
    scores = {Position.A: told.pop("safety_a"), Position.B: told.pop("safety_b")}
    left = Position(told.pop("shown_left") or Position.A)
    if told["chosen"] == Chosen.RATED:
        return {**told, "safety": scores[Position.A]}
    side = {left: "left", left.other: "right"}.get(told["chosen"], told["chosen"])
    return {**told, "chosen": side, "safety_left": scores[left], "safety_right": scores[left.other]}


def about(row: dict[str, Any]) -> dict[str, Any]:
    """A row with a subject, noun:number -> the same without the number of a comparison or a response."""
    noun = row["subject"].partition(":")[0]
    return {**row, "subject": noun} if noun in _OF_THE_RECORD else row


def event(row: dict[str, Any]) -> dict[str, Any]:
    """The same without what only the record knows."""
    told = about(row)
    return {**told, "data": _without(told["data"])} if "data" in told else told


def _without(data: dict[str, Any]) -> dict[str, Any]:
    return {
        name: _without(value) if isinstance(value, dict) else value
        for name, value in data.items()
        if name not in _OF_THE_RECORD
    }
