from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

from django.db import transaction
from django.db.models import BigIntegerField, Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from preferences import lifecycle
from preferences.actions import events, slots
from preferences.choices import ComparisonStatus, Purpose, SlotStatus, TurnStatus
from preferences.errors import InvalidInput
from preferences.models import Comparison, Response, Slot, Turn
from preferences.prepared import Given, KeptUpdate


class Answered(NamedTuple):
    """A turn with both of its responses."""

    turn: Turn
    response_a: Response
    response_b: Response


@transaction.atomic
def open_pair(*, turn: Turn, response_a: Response, response_b: Response) -> Comparison:
    """Makes the comparison of two responses to one turn, with a slot for each judgment that its campaign wants."""
    if response_a.text.strip() == response_b.text.strip():
        raise InvalidInput(_("The two responses are the same text: there is nothing to compare."))
    return _open({turn: [_item(turn, response_a, response_b)]})[0]


@transaction.atomic
def open_ratings(*, turn: Turn, responses: Sequence[Response]) -> list[Comparison]:
    """Makes an item of each response to one turn, to be rated on its own, with its slots."""
    return _open({turn: [_item(turn, response) for response in responses]})


@transaction.atomic
def open_all(*, answered: Sequence[Answered]) -> list[Comparison]:
    """What the campaigns have judged of turns that have both responses: each pair, or each response on its own.

    However many turns, it takes one statement a table.
    """
    for turn, response_a, response_b in answered:
        if not turn.dialogue.campaign.rates_one and response_a.text.strip() == response_b.text.strip():
            raise InvalidInput(_("The two responses are the same text: there is nothing to compare."))
    return _open(
        {
            turn: [_item(turn, response_a), _item(turn, response_b)]
            if turn.dialogue.campaign.rates_one
            else [_item(turn, response_a, response_b)]
            for turn, response_a, response_b in answered
        }
    )


def _item(turn: Turn, response_a: Response, response_b: Response | None = None) -> Comparison:
    return Comparison(campaign=turn.dialogue.campaign, turn=turn, response_a=response_a, response_b=response_b)


def _open(items_of: Mapping[Turn, Sequence[Comparison]]) -> list[Comparison]:
    opened = Comparison.objects.bulk_create([item for items in items_of.values() for item in items])
    Slot.objects.bulk_create([slot for item in opened for slot in slots.wanted(item)])
    lifecycle.advance_all(list(items_of), TurnStatus.READY)
    events.record_all([events.event("comparison.opened", item, by=None, campaign=item.campaign) for item in opened])
    return opened


@transaction.atomic
def copy(*, original: Comparison, purpose: Purpose, key: uuid.UUID | None = None) -> Comparison:
    """The same pair once more, to learn about its annotators; without slots, and never finished nor sealed."""
    copied = Comparison.objects.create(
        key=key or uuid.uuid4(),
        campaign=original.campaign,
        turn_id=original.turn_id,
        response_a_id=original.response_a_id,
        response_b_id=original.response_b_id,
        source=original.source,
        purpose=purpose,
    )
    events.record("comparison.copied", copied, by=None, campaign=original.campaign, original=original.pk)
    return copied


@transaction.atomic
def fail_turn(*, turn: Turn, reason: str) -> None:
    """No pair came about; `reason` is a sentence for the annotator."""
    lifecycle.advance(turn, TurnStatus.FAILED, failure=reason[:300])
    events.record("turn.failed", turn, by=None, campaign=turn.dialogue.campaign, reason=reason)


@transaction.atomic
def retry_turn(*, turn: Turn) -> None:
    lifecycle.advance(turn, TurnStatus.SAMPLING, failure="")
    events.record("turn.retried", turn, by=None, campaign=turn.dialogue.campaign)


def withdraw_untouched(*, turn: Turn) -> int:
    """Withdraws what of a turn's pairs nobody has judged, holds or reviews; returns how many.

    Call inside the transaction that has the event and holds the turn's row.
    """
    pairs = Comparison.objects.filter(turn=turn, status=ComparisonStatus.OPEN, purpose=Purpose.COLLECTION, held=False)
    keys = list(pairs.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
    found = Slot.objects.select_for_update(no_key=True).filter(comparison__in=keys).order_by("pk")
    touched = {slot.comparison_id for slot in found if slot.status in (SlotStatus.LEASED, SlotStatus.FILLED)}
    untouched = set(keys) - touched
    slots.close(untouched)
    return lifecycle.advance_many(pairs.filter(pk__in=untouched), ComparisonStatus.OPEN, ComparisonStatus.WITHDRAWN)


def hold(comparisons: QuerySet[Comparison]) -> None:
    """Keeps them out of batches until `let_go`. Call inside the transaction that has the event and holds their rows."""
    comparisons.update(held=True)


def let_go(comparison: Comparison) -> None:
    """Call inside the transaction that has the event and holds the comparison's row."""
    Comparison.objects.filter(pk=comparison.pk).update(held=False)


def finish_if_judged(comparison: Comparison) -> bool:
    """Marks a collected comparison whose last slot was filled. Call while holding the comparison's row lock."""
    return _finish().run({"pk": comparison.pk, "finished_at": timezone.now()}) == 1


@cache
def _finish() -> KeptUpdate:
    unfilled = Slot.objects.filter(comparison=OuterRef("pk")).exclude(status=SlotStatus.FILLED)
    given = Given("pk", BigIntegerField())
    whole = Comparison.objects.filter(~Exists(unfilled), pk=given, purpose=Purpose.COLLECTION)
    return lifecycle.kept_advance(whole, ComparisonStatus.OPEN, ComparisonStatus.JUDGED, "finished_at")
