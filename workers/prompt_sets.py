"""A fixed set of prompts, brought into a campaign and answered by its sampling plan (Llama 2, A.3.7 and 4.4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from preferences.actions import events, imports, prompts
from preferences.choices import TurnStatus
from preferences.importing import ImportedPrompt
from preferences.models import Campaign, Prompt, Turn
from workers import actions, cancellations, prefetch, tasks
from workers.models import SamplingRun

if TYPE_CHECKING:
    from webapp.accounts.models import User


@dataclass(frozen=True)
class BroughtIn:
    """What became of a chunk, by the ids of its prompts."""

    stored: list[str]
    skipped: list[str]  # which the campaign had already
    asked_again: list[str]  # of these, whose sampling had failed


@transaction.atomic
def bring_in(*, campaign: Campaign, items: Sequence[ImportedPrompt], by: User | None) -> BroughtIn:
    """Stores the prompts that the campaign does not have and asks for the responses of as many as it keeps ready.

    All or nothing. The others are asked for as people judge (workers/prefetch.py).
    """
    with events.together():
        result, _turns = imports.add_prompts(campaign=campaign, items=items, by=by)
        variants = prefetch.refill(campaign=campaign)
        failed = _failed(campaign, result.skipped)
        for turn in failed:
            actions.retry(turn=turn, by=by)
            variants |= set(turn.sampling_runs.values_list("variant", flat=True))
    tasks.wake_after_commit(variants)
    return BroughtIn(result.stored, result.skipped, [turn.prompt.external_id or "" for turn in failed])


@transaction.atomic
def retire(*, prompt: Prompt, by: User | None) -> None:
    """The prompt is asked no more, nor judged by anybody who has not begun, nor is what its dialogue went on with.

    Retired twice, it is retired once.
    """
    Campaign.objects.select_for_update(no_key=True).get(pk=prompt.campaign_id)  # who asks for it now has asked, or not
    list(prompts.dialogues_with(prompt).select_for_update(no_key=True).order_by("pk"))  # nor do they go on meanwhile
    cancellations.end_runs(SamplingRun.objects.filter(turn__in=prompts.turns_with(prompt)), prompts.RETIRED)
    prompts.retire(prompt=prompt, by=by)


def _failed(campaign: Campaign, ids: Sequence[str]) -> list[Turn]:
    turns = Turn.objects.filter(
        prompt__campaign=campaign, prompt__external_id__in=ids, status=TurnStatus.FAILED, prompt__retirement=None
    ).select_related("prompt", "dialogue__campaign")
    return list(turns.order_by("pk"))
