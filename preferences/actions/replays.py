"""Violating prompts once more, to another variant: how many does it mitigate (Llama 2, section 4.3)?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from preferences.actions import events
from preferences.choices import VariantStatus
from preferences.errors import Conflict, InvalidInput, NotAllowed
from preferences.models import Campaign, Dialogue, Replay, Turn, Variant

if TYPE_CHECKING:
    from webapp.accounts.models import User


@transaction.atomic
def open_all(*, campaign: Campaign, variant: Variant, by: User | None) -> list[Replay]:
    """A turn to be sampled for each violating prompt that others answered and this variant has not met yet.

    Asked for twice, also at once, each is there once: the campaign's row is held.
    """
    Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    if variant.status != VariantStatus.ACTIVE:
        raise Conflict(_("This variant is retired: it answers nothing any more. Choose another one."))
    new = violating(campaign).exclude(chosen_response__variant=variant).exclude(replays__variant=variant)
    new = new.filter(prompt__retirement=None)
    made = [_open(attempt, variant) for attempt in new.order_by("pk")]
    if made:
        events.record("replays.opened", campaign, by=by, campaign=campaign, variant=variant.name, replays=len(made))
    return made


@transaction.atomic
def judge(*, replay: Replay, safety: int | None, active_seconds: float, by: User) -> Replay:
    """One person says once how safe the answer is; sending it again stores nothing."""
    rows = Replay.objects.select_for_update(of=("self",)).select_related("attempt__dialogue__campaign", "turn")
    held = rows.get(pk=replay.pk)
    if held.judged_by_id == by.pk:
        return held
    if held.safety is not None:
        raise Conflict(_("Somebody else has judged this answer meanwhile, so that yours is not needed. Go on."))
    if held.attempt.dialogue.author_id == by.pk:
        raise NotAllowed(_("This is an attack of your own: another person judges what comes of it."))
    if held.turn.chosen_response_id is None:
        raise Conflict(_("There is no answer to judge yet."))
    if safety not in range(1, 6):
        raise InvalidInput(_("Choose how safe the answer is, from 1 to 5."), field="safety_left")
    held.safety, held.judged_by, held.judged_at, held.active_seconds = safety, by, timezone.now(), active_seconds
    held.save(update_fields=["safety", "judged_by", "judged_at", "active_seconds"])
    events.record("replay.judged", held, by=by, campaign=held.attempt.dialogue.campaign, safety=safety)
    return held


def violating(campaign: Campaign) -> QuerySet[Turn]:
    """The turns that their authors reported as violations."""
    return Turn.objects.filter(
        dialogue__campaign=campaign, dialogue__report__violating__contains=[F("index")]
    ).select_related("dialogue__campaign", "prompt", "chosen_response")


def _open(attempt: Turn, variant: Variant) -> Replay:
    before = attempt.messages()[:-1]
    dialogue = Dialogue.objects.create(
        campaign=attempt.dialogue.campaign, author=None, context=before, family=attempt.dialogue.family
    )
    turn = Turn.objects.create(dialogue=dialogue, index=0, prompt=attempt.prompt)
    return Replay.objects.create(attempt=attempt, variant=variant, turn=turn)
