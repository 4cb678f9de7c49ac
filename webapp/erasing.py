"""Erasing a person or a dialogue from all sides at once: the record, people's work, accounts and exports."""

from __future__ import annotations

from django.db import transaction

from annotation import erasures as work
from annotation import leases, people, permissions
from exports import erasures as exported
from preferences.actions import erasures
from preferences.erasing import Erasing
from preferences.models import Comparison
from webapp.accounts import erasing as accounts
from webapp.accounts.models import User


@transaction.atomic
def erase_person(*, person: User, reason: str, by: User | None) -> Erasing:
    """For who may stop the person's work; `by` is None where an operator acts."""
    people.check_can_stop(person, by)
    held = leases.alone(person)  # who is just sending an answer waits, and is refused
    beside = [work.take_out, accounts.take_out, exported.withdraw]
    return erasures.erase_person(person=held, reason=reason, by=by, beside=beside)


@transaction.atomic
def erase_comparison(*, comparison: Comparison, reason: str, by: User | None) -> Erasing:
    """The comparison's dialogue, whose words stand in the rows of all its turns. For managers of its campaign."""
    dialogue = comparison.turn.dialogue
    if by is not None:
        permissions.check_can_manage(by, dialogue.campaign)
    beside = [work.take_out, exported.withdraw]
    found = erasures.erase_dialogue(dialogue=dialogue, reason=reason, by=by, beside=beside)
    if by is not None:
        others = Comparison.objects.filter(pk__in=found.removed).exclude(campaign=dialogue.campaign)
        for other in others.select_related("campaign"):
            permissions.check_can_manage(by, other.campaign)
    return found
