"""The form that asks for an export: what it offers, what was typed into it, and what that means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from exports import catalogue
from exports.formats import FORMATS
from exports.public_sets import PublicSet
from exports.selections import OTHERS
from preferences.choices import Degree
from preferences.errors import DomainError
from preferences.margins import CUSTOM, DEFAULT, MARGINS


@dataclass(frozen=True)
class DegreeField:
    """A number of one's own for a degree: `name` is that of the field."""

    name: str
    degree: Degree
    typed: str


@dataclass(frozen=True)
class SetField:
    """A public set that may be ticked."""

    set: PublicSet
    ticked: bool


def context(typed: QueryDict) -> dict[str, Any]:
    """What export_form.html is made of."""
    sets, unusable = _sets()
    ticked = typed.getlist("public")
    return {
        "formats": FORMATS,
        "margins": [(name, _numbers(by_degree)) for name, by_degree in MARGINS.items()],
        "custom": CUSTOM,
        "degrees": [DegreeField(_field(one), one, typed.get(_field(one), "")) for one in Degree],
        "mixes": OTHERS,
        "sets": [SetField(one, one.name in ticked) for one in sets],
        "sets_unusable": unusable,
        "typed": typed,
    }


def asked(typed: QueryDict) -> dict[str, Any]:
    """As exports.actions.request takes it. Public sets are part of the form where a mix is chosen, and only there."""
    mix = typed.get("mix", "")
    return {
        "format": typed.get("format", ""),
        "margin": _margin(typed),
        "mix": mix,
        "public": catalogue.chosen(typed.getlist("public")) if mix else [],
        "stop": bool(mix) and "stop" in typed,
    }


def _margin(typed: QueryDict) -> str:
    margin = typed.get("margin", DEFAULT)
    if margin != CUSTOM:
        return margin
    return ",".join(f"{_field(degree)}={typed.get(_field(degree), '').strip()}" for degree in Degree)


def _field(degree: Degree) -> str:
    return degree.value.partition("_")[0]


def _numbers(by_degree: Mapping[Degree, float] | None) -> str:
    """What the degrees become, from the strongest on; empty for no margin."""
    return ", ".join(f"{number:.2g}" for number in (by_degree or {}).values())


def _sets() -> tuple[Sequence[PublicSet], str]:
    """Those that may be chosen, or why there are none."""
    try:
        return catalogue.known(), ""
    except DomainError as error:
        return [], str(error)
