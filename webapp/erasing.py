"""Erasing a person or a dialogue from all sides at once: the record, people's work, accounts and exports."""

from __future__ import annotations

from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _

from annotation import erasures as work
from annotation import leases, people, permissions
from exports import erasures as exported
from preferences.actions import erasures
from preferences.erasing import Erasing
from preferences.errors import NotAllowed
from preferences.models import Comparison, Demonstration, Dialogue, Flag, Prompt
from webapp.accounts import erasing as accounts
from webapp.accounts.models import User
from webapp.api import idempotency
from webapp.rendering import cached


@transaction.atomic
def erase_person(*, person: User, reason: str, by: User | None) -> Erasing:
    """For who may stop the person's work; `by` is None where an operator acts."""
    people.check_can_stop(person, by)
    held = leases.alone(person)  # who is just sending an answer waits, and is refused
    beside = [work.take_out, accounts.take_out, exported.withdraw]
    found = erasures.erase_person(person=held, reason=reason, by=by, beside=beside)
    if by is not None:
        _check_wrote_only_where_managed(found, held, by)
    _forget(found)
    return found


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
    _forget(found)
    return found


def _check_wrote_only_where_managed(found: Erasing, person: User, by: User) -> None:
    """Who was taken off a campaign left their words and its batches with it, which are its managers'."""
    touched = Comparison.objects.filter(pk__in=found.removed | found.changed)
    campaigns = {
        *touched.values_list("campaign", flat=True),
        *Dialogue.objects.filter(pk__in=found.dialogues).values_list("campaign", flat=True),
        *Prompt.objects.filter(author=person).values_list("campaign", flat=True),
        *Demonstration.objects.filter(author=person).values_list("campaign", flat=True),
        *Flag.objects.filter(annotator=person).values_list("comparison__campaign", flat=True),
    }
    if campaigns - set(permissions.managed_by(by).values_list("pk", flat=True)):
        raise NotAllowed(
            _("This person also wrote in campaigns that you do not manage. Ask an administrator. Nothing was erased.")
        )


def _forget(found: Erasing) -> None:
    idempotency.forget()
    transaction.on_commit(partial(cached.forget, found.words), robust=True)
