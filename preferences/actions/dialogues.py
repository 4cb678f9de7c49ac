from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from preferences import lifecycle
from preferences.actions import evaluation_sets, events, prompts
from preferences.choices import DialogueStatus, TurnStatus
from preferences.errors import Conflict, NotAllowed
from preferences.models import Dialogue, Response, Turn

if TYPE_CHECKING:
    from webapp.accounts.models import User


@transaction.atomic
def continue_with(
    *,
    dialogue: Dialogue,
    text: str,
    by: User,
    key: uuid.UUID | None = None,
    pasted: int | None = None,
    active_seconds: float | None = None,
) -> Turn:
    """The author's next user message; the history is the server's, ending in the response chosen last."""
    prompts.one_form_at_a_time(by)
    if earlier := prompts.sent_before(key, by):
        return earlier
    dialogue = Dialogue.objects.select_for_update().get(pk=dialogue.pk)
    _check_author(dialogue, by)
    last = dialogue.turns.select_related("prompt").order_by("-index").first()
    if dialogue.status != DialogueStatus.OPEN or last is None or not can_continue(dialogue, last):
        raise Conflict(
            _("This dialogue cannot be continued: it has ended, or its last turn has no chosen response yet.")
        )
    labels = prompts.Labels.of(last.prompt)
    prompt = prompts.store(
        campaign=dialogue.campaign,
        text=text,
        by=by,
        labels=labels,
        key=key,
        pasted=pasted,
        active_seconds=active_seconds,
    )
    turn = Turn.objects.create(dialogue=dialogue, index=last.index + 1, prompt=prompt)
    evaluation_sets.note(prompt=prompt, texts=[prompt.text], by=by)
    events.record("dialogue.continued", dialogue, by=by, campaign=dialogue.campaign, turn=turn.index)
    return turn


@transaction.atomic
def end(*, dialogue: Dialogue, by: User) -> None:
    _check_author(dialogue, by)
    lifecycle.advance(dialogue, DialogueStatus.ENDED)
    events.record("dialogue.ended", dialogue, by=by, campaign=dialogue.campaign)


@transaction.atomic
def answer(*, turn: Turn, response: Response) -> None:
    """The only response of a turn, which nobody compares: it continues the dialogue."""
    lifecycle.advance(turn, TurnStatus.READY, chosen_response=response)
    events.record("turn.answered", turn, by=None, campaign=turn.dialogue.campaign)


def can_continue(dialogue: Dialogue, last: Turn) -> bool:
    return last.chosen_response_id is not None and last.index + 1 < dialogue.campaign.max_turns


def _check_author(dialogue: Dialogue, by: User) -> None:
    if dialogue.author_id != by.pk:
        raise NotAllowed(_("Only the person who began a dialogue may continue or end it."))
