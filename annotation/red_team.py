"""Red teaming as people's work: one adversarial dialogue at a time, and a report of it before the next."""

from __future__ import annotations

import uuid
from dataclasses import asdict
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from annotation import claimants, writing
from preferences.actions import dialogues, prompts
from preferences.actions import red_team as actions
from preferences.actions.prompts import Labels
from preferences.actions.red_team import Findings
from preferences.choices import DialogueStatus, TurnStatus
from preferences.errors import Conflict
from preferences.models import Campaign, Dialogue, RedTeamReport, Turn

if TYPE_CHECKING:
    from webapp.accounts.models import User


@transaction.atomic
def begin(
    *, campaign: Campaign, text: str, labels: Labels, by: User, key: uuid.UUID | None = None, pasted: int | None = None
) -> Turn:
    """The first message of a new dialogue, once the one before is over and reported."""
    claimants.at_work(by, campaign)
    if earlier := prompts.sent_before(key, by):
        return earlier
    if unfinished(campaign, by).exists():
        raise Conflict(
            _("You have a dialogue that has not ended or that you have not reported on. Finish it, then begin another.")
        )
    writing.read_guideline(campaign, by)
    seconds = writing.taken(about=campaign, campaign=campaign, by=by)
    return prompts.submit(
        campaign=campaign, text=text, by=by, key=key, pasted=pasted, active_seconds=seconds, **asdict(labels)
    )


@transaction.atomic
def go_on(*, dialogue: Dialogue, text: str, by: User, key: uuid.UUID | None = None, pasted: int | None = None) -> Turn:
    claimants.at_work(by, dialogue.campaign)
    if earlier := prompts.sent_before(key, by):
        return earlier
    seconds = writing.taken(about=dialogue, campaign=dialogue.campaign, by=by)
    return dialogues.continue_with(dialogue=dialogue, text=text, by=by, key=key, pasted=pasted, active_seconds=seconds)


@transaction.atomic
def end(*, dialogue: Dialogue, by: User) -> None:
    """No answer may be on its way: a dialogue that is reported goes on no more. Ending twice is no error."""
    claimants.at_work(by, dialogue.campaign)
    held = Dialogue.objects.select_related("campaign").get(pk=dialogue.pk)
    if held.turns.filter(status=TurnStatus.SAMPLING).exists():
        raise Conflict(_("The model is still answering. Wait for its answer, then end the dialogue."))
    if held.status == DialogueStatus.OPEN:
        dialogues.end(dialogue=held, by=by)


@transaction.atomic
def report(*, dialogue: Dialogue, findings: Findings, by: User) -> RedTeamReport:
    campaign = dialogue.campaign
    claimants.at_work(by, campaign)
    return actions.report(
        dialogue=dialogue,
        findings=findings,
        by=by,
        guideline=writing.read_guideline(campaign, by),
        active_seconds=writing.taken(about=dialogue, campaign=campaign, by=by),
    )


def unfinished(campaign: Campaign, by: User) -> QuerySet[Dialogue]:
    """The person's dialogues that go on or wait for a report; one that no model answered has nothing to report."""
    answered = Turn.objects.filter(dialogue=OuterRef("pk"), chosen_response__isnull=False)
    waits = Q(status=DialogueStatus.ENDED, report__isnull=True) & Exists(answered)
    return Dialogue.objects.filter(Q(status=DialogueStatus.OPEN) | waits, campaign=campaign, author=by).order_by("pk")
