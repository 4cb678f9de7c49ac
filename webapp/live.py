"""Live dialogues from all sides at once: what a person may write, the record, and the models that answer it."""

from __future__ import annotations

import uuid
from dataclasses import asdict, dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from annotation import caps, claimants, drafts, queue, writing
from annotation.models import Assignment
from preferences.actions import dialogues, prompts
from preferences.actions.prompts import Labels
from preferences.choices import DialogueStatus, Kind, Purpose, TurnStatus
from preferences.errors import Conflict, NotAllowed
from preferences.models import Campaign, Dialogue, Turn
from webapp.accounts.models import User
from workers import actions, prefetch, tasks


@dataclass(frozen=True)
class Written:
    """A user message as it was sent; `pasted` counts characters, where who sends it counts them."""

    text: str
    key: uuid.UUID | None = None
    pasted: int | None = None


@transaction.atomic
def begin(*, campaign: Campaign, written: Written, labels: Labels, by: User) -> Turn:
    """A prompt of the person's own, asked of two models; its draft is done with."""
    if campaign.kind in (Kind.RED_TEAM, Kind.DEMONSTRATION):
        raise NotAllowed(
            _("“%(campaign)s” has no prompts whose answers are compared: its work begins on its page under “My work”.")
            % {"campaign": campaign}
        )
    claimants.at_work(by, campaign)
    caps.check(campaign, by)
    seconds = writing.taken(about=campaign, campaign=campaign, by=by)
    turn = prompts.submit(campaign=campaign, by=by, active_seconds=seconds, **asdict(written), **asdict(labels))
    _ask_for_pair(turn, by)
    drafts.drop(about=campaign, by=by)
    return turn


@transaction.atomic
def go_on(*, dialogue: Dialogue, written: Written, by: User) -> Turn:
    """The next turn of the person's dialogue, asked of two models; its draft is done with."""
    claimants.at_work(by, dialogue.campaign)
    caps.check(dialogue.campaign, by)
    seconds = writing.taken(about=dialogue, campaign=dialogue.campaign, by=by)
    turn = dialogues.continue_with(dialogue=dialogue, by=by, active_seconds=seconds, **asdict(written))
    _ask_for_pair(turn, by)
    drafts.drop(about=dialogue, by=by)
    return turn


@transaction.atomic
def ask_again(*, turn: Turn, by: User) -> None:
    """Once more for the person's turn, where a model failed."""
    claimants.at_work(by, turn.dialogue.campaign)
    tasks.wake_after_commit(prefetch.ask_again(turn=turn, by=by))


@transaction.atomic
def end(*, dialogue: Dialogue, by: User) -> None:
    """Ends the person's dialogue, where it did not end before, and does with its draft."""
    dialogue = Dialogue.objects.select_for_update().get(pk=dialogue.pk)
    if dialogue.status != DialogueStatus.ENDED:  # a double click
        dialogues.end(dialogue=dialogue, by=by)
    drafts.drop(about=dialogue, by=by)


def claim(*, turn: Turn, by: User) -> Assignment:
    """The comparison of the person's turn, leased to them once both answers are there."""
    if turn.status != TurnStatus.READY:
        raise Conflict(_("There is nothing to compare yet: the models have not both answered."))
    return queue.claim_own(comparison=turn.comparisons.get(purpose=Purpose.COLLECTION), by=by)


def _ask_for_pair(turn: Turn, by: User) -> None:
    """Two responses for a turn, once: what was sent twice has its pair already."""
    if turn.sampling_runs.exists():
        return
    runs = actions.request_pair(turn=turn, by=by)
    tasks.wake_after_commit({run.variant_id for run in runs})
