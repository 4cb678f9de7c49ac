"""Requests that are taken back: no worker takes them up any more, and what one brings of them is not stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from preferences import lifecycle
from preferences.actions import comparisons, events
from preferences.choices import SamplingStatus, TurnStatus
from preferences.errors import Conflict
from preferences.models import Turn
from workers.models import SamplingRun

if TYPE_CHECKING:
    from webapp.accounts.models import User

CANCELLED = gettext_noop("A manager took this request back.")


@transaction.atomic
def cancel(*, turn: Turn, by: User | None) -> None:
    """Takes back what is asked of a turn and not answered; the turn fails and may be asked for once more.

    Cancelled twice, it is cancelled once; Conflict where it has its answers.
    """
    ended = end_runs(SamplingRun.objects.filter(turn=turn), CANCELLED)
    held = Turn.objects.select_for_update(no_key=True, of=("self",)).select_related("dialogue__campaign")
    turn = held.get(pk=turn.pk)
    if turn.status == TurnStatus.READY:
        raise Conflict(_("The models have answered already: there is nothing to take back. Retire the prompt instead."))
    if turn.status == TurnStatus.SAMPLING:
        comparisons.fail_turn(turn=turn, reason=CANCELLED)
    elif not ended:
        return
    events.record("sampling.cancelled", turn, by=by, campaign=turn.dialogue.campaign)


def end_runs(runs: QuerySet[SamplingRun], reason: str) -> int:
    """Ends those of the runs that are not over; returns how many.

    Call in the transaction that then takes up their turns, in order. Who holds one has lost it: its result is
    refused as that of any lost lease (workers/recording.py).
    """
    found = runs.select_for_update(no_key=True, of=("self",)).order_by("turn", "pk")
    over = {"holder": None, "leased_until": None, "ended_at": timezone.now()}
    unfinished = list(found.filter(status__in=[SamplingStatus.PENDING, SamplingStatus.RUNNING]))
    for run in unfinished:
        lifecycle.advance(run, SamplingStatus.CANCELLED, reason=reason, **over)
    return len(unfinished)
