"""Sampling ahead: while people judge, the responses to the next imported prompts are there already, within a budget.

A prompt that an annotator writes is asked for when it is sent, since nobody knows it before. Those of an imported set
are known: their turns wait without runs, and as many are asked for as the campaign keeps ready.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from preferences.choices import CampaignStatus, SamplingStatus, SlotStatus, TurnStatus
from preferences.errors import Conflict
from preferences.models import Campaign, Slot, Turn
from workers import actions
from workers.models import SamplingRun

if TYPE_CHECKING:
    from webapp.accounts.models import User

UNFINISHED = (SamplingStatus.PENDING, SamplingStatus.RUNNING)


@transaction.atomic
def refill(*, campaign: Campaign) -> set[int]:
    """Asks for the responses of the oldest waiting prompts, as many as are missing from what is kept ready.

    Returns the variants that have work by it. Conflict where the sampling plan has no active variants.
    """
    Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)  # one at a time, else both fill the same gap
    room = max(campaign.ready_ahead - ready(campaign), 0)
    turns = waiting(campaign).select_related("dialogue__campaign").order_by("pk")[:room]
    return {run.variant_id for turn in turns for run in actions.request_pair(turn=turn, by=None, ahead=True)}


@transaction.atomic
def ask(*, turn: Turn, by: User | None) -> list[SamplingRun]:
    """Asks for the responses of a prompt that waits until its campaign runs short, beyond what is kept ready.

    Asked for twice it is asked once: nothing is returned the second time. Conflict where there is nothing to ask.
    """
    campaign = Campaign.objects.select_for_update(no_key=True).get(pk=turn.dialogue.campaign_id)  # as `refill`
    if turn.sampling_runs.exists():
        return []
    _check_goes_on(campaign)
    if not waiting(campaign).filter(pk=turn.pk).exists():
        raise Conflict(_("No model answers this prompt: it was retired, or came with its responses."))
    return actions.request_pair(turn=turn, by=by, ahead=True)


@transaction.atomic
def ask_again(*, turn: Turn, by: User | None) -> set[int]:
    """“Try again” on a turn, as `actions.retry`; Conflict where its campaign is closed.

    Returns its variants, which have work by it.
    """
    _check_goes_on(turn.dialogue.campaign)
    actions.retry(turn=turn, by=by)
    return set(turn.sampling_runs.values_list("variant", flat=True))


def _check_goes_on(campaign: Campaign) -> None:
    if campaign.status == CampaignStatus.CLOSED:
        raise Conflict(_("“%(campaign)s” is closed: no model is asked any more.") % {"campaign": campaign})


def ready(campaign: Campaign) -> int:
    """Comparisons that nobody has judged yet, and those whose responses are being sampled ahead."""
    unjudged = Slot.objects.filter(campaign=campaign, status=SlotStatus.OPEN, number=0)
    asked = SamplingRun.objects.filter(ahead=True, status__in=UNFINISHED, turn__dialogue__campaign=campaign)
    return unjudged.count() + asked.values("turn").distinct().count()


def waiting(campaign: Campaign) -> QuerySet[Turn]:
    """Turns of imported prompts that no model has been asked about."""
    return Turn.objects.filter(_unasked(), dialogue__campaign=campaign)


def short_campaigns() -> Sequence[Campaign]:
    """Campaigns with such turns, in which people may work or soon will."""
    turns = Turn.objects.filter(_unasked(), dialogue__campaign=OuterRef("pk"))
    at_work = Campaign.objects.filter(status__in=[CampaignStatus.DRAFT, CampaignStatus.OPEN], ready_ahead__gt=0)
    return list(at_work.filter(Exists(turns)).order_by("-priority", "pk"))


def _unasked() -> Q:
    asked = SamplingRun.objects.filter(turn=OuterRef("pk"))
    return Q(status=TurnStatus.SAMPLING, dialogue__author__isnull=True) & ~Q(Exists(asked))
