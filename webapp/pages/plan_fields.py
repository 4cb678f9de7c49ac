"""The fields of a campaign's plan: what was typed, with a sentence beside it where it cannot be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from django.utils.translation import gettext as _

from preferences.choices import Kind
from preferences.errors import DomainError, InvalidInput
from preferences.models import Campaign
from preferences.planning import Expected

LONGEST = 40


@dataclass(frozen=True)
class Field:
    name: str
    label: str
    typed: str
    refused: str = ""
    mode: str = "decimal"
    type: str = "text"
    group: str = ""


@dataclass(frozen=True)
class Bounds:
    """Of what may be typed, and what one of it stands for: a hundredth where it is a percentage."""

    least: float
    most: float
    unit: float = 1.0
    whole: bool = False
    optional: bool = False


BOUNDS = {
    "share": Bounds(0, 100, 0.01),
    "ties": Bounds(0, 100, 0.01),
    "reach": Bounds(0.1, 40, 0.01),
    "agreement": Bounds(0, 1),
    "agreement_reach": Bounds(0.005, 0.5),
    "raters": Bounds(1, 9, whole=True),
    "seconds": Bounds(1, 36_000),
    "wage": Bounds(0, 1_000_000, optional=True),
}


def labels(campaign: Campaign) -> dict[str, dict[str, str]]:
    """The fields of the calculator, in their order, by what they are about; ties where the scale has one."""
    is_rating = campaign.kind == Kind.SAFETY_RATING
    ties = {"ties": _("Expected ties, %")} if campaign.the_scale.has_tie else {}
    return {
        _("Violations") if is_rating else _("Win rate"): {
            "share": _("Expected violations, %") if is_rating else _("Expected wins of one system, %"),
            **ties,
            "reach": _("To within, percentage points"),
        },
        _("Agreement"): {"agreement": _("Expected AC2"), "agreement_reach": _("To within")},
        _("Work"): {
            "raters": _("Raters for each prompt"),
            "seconds": _("Seconds for a judgment"),
            "wage": _("Cost of an hour (optional)"),
        },
    }


def first_guess(campaign: Campaign, seconds: float | None, agreement: float | None) -> dict[str, str]:
    """What stands in the calculator before anybody typed: what was measured, where it was."""
    is_rating = campaign.kind == Kind.SAFETY_RATING
    return {
        "share": "5" if is_rating else "60",
        "ties": "0",
        "reach": "3",
        "agreement": ("0.9" if is_rating else "0.5") if agreement is None else f"{min(max(agreement, 0.0), 1.0):.2f}",
        "agreement_reach": "0.05",
        "raters": str(min(campaign.raters_per_item, int(BOUNDS["raters"].most))),
        "seconds": f"{max(seconds, 1.0):.0f}" if seconds else "120",
        "wage": "",
    }


def asked(campaign: Campaign, typed: Mapping[str, str]) -> tuple[Expected | None, list[Field]]:
    """What the calculator is asked, None where a field cannot be; and the fields as they were typed."""
    fields, numbers = [], {}
    named = [(group, *one) for group, own in labels(campaign).items() for one in own.items()]
    for group, name, label in named:
        field = Field(name, label, typed[name], mode="numeric" if BOUNDS[name].whole else "decimal", group=group)
        try:
            numbers[name] = _number(typed[name], BOUNDS[name])
        except InvalidInput as error:
            field = replace(field, refused=str(error))
        fields.append(field)
    if (numbers.get("share") or 0) + (numbers.get("ties") or 0) > 1:
        together = _("Wins and ties are more than 100% together.")
        fields = [replace(one, refused=together) if one.name == "ties" else one for one in fields]
    if any(field.refused for field in fields):
        return None, fields
    known = {name: number or 0.0 for name, number in numbers.items()}
    expected = Expected(
        share=known["share"],
        ties=known.get("ties", 0.0),
        agreement=known["agreement"],
        reach=known["reach"],
        agreement_reach=known["agreement_reach"],
        raters=int(known["raters"]),
        seconds=known["seconds"],
        wage=numbers["wage"],
    )
    return expected, fields


def goal_of(campaign: Campaign) -> dict[str, str]:
    """The plan as its form shows it; what is not planned is empty."""
    return {
        "planned_comparisons": str(campaign.planned_comparisons or ""),
        "planned_until": campaign.planned_until.isoformat() if campaign.planned_until else "",
        "agreement_gate": "" if campaign.agreement_gate is None else f"{campaign.agreement_gate:g}",
        "verdict_rule": campaign.verdict_rule,
    }


def goal_fields(typed: Mapping[str, str], error: DomainError | None) -> list[Field]:
    fields = [
        Field("planned_comparisons", _("Comparisons to finish"), typed["planned_comparisons"], mode="numeric"),
        Field("planned_until", _("Last day"), typed["planned_until"], type="date"),
        Field("agreement_gate", _("Gate of agreement, AC2"), typed["agreement_gate"]),
    ]
    return [replace(one, refused=str(error)) if error and error.field == one.name else one for one in fields]


def whole_of(typed: Mapping[str, str], name: str) -> int | None:
    """A whole number, None where nothing is typed; InvalidInput where it is none."""
    text = typed.get(name, "").strip()
    if text and not (text.isascii() and text.isdigit() and len(text) < 19):
        raise InvalidInput(_("“%(typed)s” is no whole number.") % {"typed": text[:LONGEST]}, field=name)
    return int(text) if text else None


def decimal_of(typed: Mapping[str, str], name: str) -> float | None:
    text = typed.get(name, "").strip()
    try:
        return float(text.replace(",", ".")) if text else None
    except ValueError:
        raise InvalidInput(_("“%(typed)s” is no number.") % {"typed": text[:LONGEST]}, field=name) from None


def day_of(typed: Mapping[str, str], name: str) -> date | None:
    text = typed.get(name, "").strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise InvalidInput(
            _("“%(typed)s” is no day; write it as 2026-12-31.") % {"typed": text[:LONGEST]}, field=name
        ) from None


def _number(text: str, bounds: Bounds) -> float | None:
    if bounds.optional and not text.strip():
        return None
    try:
        number = float(text.strip().replace(",", "."))
    except ValueError:
        number = float("nan")
    if not bounds.least <= number <= bounds.most or (bounds.whole and number != int(number)):
        limits = {"least": f"{bounds.least:g}", "most": f"{bounds.most:,.10g}"}
        sentence = _("Write a whole number from %(least)s to %(most)s.") if bounds.whole else None
        raise InvalidInput((sentence or _("Write a number from %(least)s to %(most)s.")) % limits)
    return number * bounds.unit
