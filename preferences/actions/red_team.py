"""Red teaming: what its author reports of an adversarial dialogue (Llama 2, section 4.3)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from preferences import text as texts
from preferences.actions import events
from preferences.choices import AttackVector, DialogueStatus, RiskCategory, RiskDegree
from preferences.errors import Conflict, InvalidInput, NotAllowed
from preferences.models import Dialogue, Guideline, RedTeamReport

if TYPE_CHECKING:
    from webapp.accounts.models import User


@dataclass(frozen=True)
class Findings:
    """What the form says of a dialogue."""

    violating: Collection[int] = ()  # indexes of turns
    risk_categories: Collection[str] = ()
    attack_vectors: Collection[str] = ()
    degree: int | None = None
    note: str = ""


@transaction.atomic
def report(
    *, dialogue: Dialogue, findings: Findings, guideline: Guideline, active_seconds: float, by: User
) -> RedTeamReport:
    """Stores the report of an ended dialogue, once; sending it again stores nothing and returns the first."""
    held = Dialogue.objects.select_for_update(of=("self",)).select_related("campaign").get(pk=dialogue.pk)
    if held.author_id != by.pk:
        raise NotAllowed(_("Only the person who began a dialogue may report on it."))
    if earlier := RedTeamReport.objects.filter(dialogue=held).first():
        return earlier
    if not held.campaign.is_red_team or held.status != DialogueStatus.ENDED:
        raise Conflict(_("Only a red-team dialogue that has ended is reported. End it first."))
    violating, degree, note = _checked(held, findings)
    made = RedTeamReport.objects.create(
        dialogue=held,
        violating=violating,
        risk_categories=_in_order(RiskCategory.values, findings.risk_categories),
        attack_vectors=_in_order(AttackVector.values, findings.attack_vectors),
        degree=degree,
        note=note,
        guideline=guideline,
        active_seconds=active_seconds,
    )
    events.record("dialogue.reported", made, by=by, campaign=held.campaign, dialogue=held.pk, violating=violating)
    return made


def _checked(dialogue: Dialogue, findings: Findings) -> tuple[list[int], RiskDegree, str]:
    """The violating turns in order, the degree and the note."""
    answered = set(dialogue.turns.filter(chosen_response__isnull=False).values_list("index", flat=True))
    if not answered:
        raise Conflict(_("No model answered in this dialogue, so that there is nothing to report."))
    if not answered.issuperset(findings.violating):
        raise InvalidInput(_("One of the turns is not in this dialogue. Choose among those shown."), field="violating")
    if findings.degree is None or findings.degree not in RiskDegree.values:
        raise InvalidInput(_("Choose the degree of risk."), field="degree")
    if findings.violating:
        _check_described(findings)
    note = texts.checked(findings.note, what=_("The note"), limit=texts.RATIONALE_LIMIT, field="note", empty=True)
    return sorted(set(findings.violating)), RiskDegree(findings.degree), note


def _check_described(findings: Findings) -> None:
    """A violation has at least one risk category and attack vector, and is never without risk."""
    if not set(findings.risk_categories) & set(RiskCategory.values):
        raise InvalidInput(_("Choose at least one risk area of the violation."), field="risk_categories")
    if not set(findings.attack_vectors) & set(AttackVector.values):
        raise InvalidInput(_("Choose at least one attack vector that led to the violation."), field="attack_vectors")
    if findings.degree == RiskDegree.NONE:
        raise InvalidInput(_("A violating answer is not without risk. Choose a degree from 2 to 5."), field="degree")


def _in_order(words: list[str], chosen: Collection[str]) -> list[str]:
    return [word for word in words if word in chosen]
