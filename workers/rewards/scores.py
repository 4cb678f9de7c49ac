"""Orders of scores in the record: wanted, taken up under a lease, finished with the scores or with a reason."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from preferences.actions import events
from preferences.choices import RewardStatus
from preferences.errors import Conflict, InvalidInput
from preferences.text import storable
from workers.models import RewardModel, ScoringOrder

if TYPE_CHECKING:
    from webapp.accounts.models import User

LEASE = timedelta(seconds=30)  # renewed while the worker lives
MOST_ATTEMPTS = 3  # scorings that ended without a word
MOST_ITEMS, MOST_CHARACTERS = 256, 1_000_000  # of an order, which a model scores in a minute or so
LASTS = timedelta(days=1)  # words that nobody scored go all the same

SILENT = gettext_noop("The scoring ended without a word several times.")
LEFT = gettext_noop("No worker scored it within a day.")


@transaction.atomic
def request(*, model: RewardModel, items: Sequence[Mapping[str, Any]], by: User | None) -> ScoringOrder:
    """Notes which answers are to be scored: each has `messages`, up to the user's last, and a `response`."""
    if model.status != RewardStatus.TRAINED:
        raise Conflict(_("This reward model is not trained: it scores nothing."))
    if not 1 <= len(items) <= MOST_ITEMS:
        raise InvalidInput(_("Send from 1 to %(most)d answers at once.") % {"most": MOST_ITEMS}, field="items")
    letters = sum(
        len(item["response"]) + sum(len(message["content"]) for message in item["messages"]) for item in items
    )
    if letters > MOST_CHARACTERS:
        raise InvalidInput(
            _("These answers have more than %(most)s characters together: send them in parts.")
            % {"most": f"{MOST_CHARACTERS:,}"},
            field="items",
        )
    order = ScoringOrder.objects.create(model=model, items=list(items), requested_by=by, requested_at=timezone.now())
    events.record("scoring_order.requested", order, by=by, model=str(model.pk), items=len(items))
    return order


def unfinished() -> QuerySet[ScoringOrder]:
    """Orders that no living worker holds."""
    lost = Q(holder__isnull=True) | Q(leased_until__lt=timezone.now())
    return ScoringOrder.objects.filter(lost, finished_at__isnull=True).order_by("requested_at")


@transaction.atomic
def take(*, order: ScoringOrder) -> uuid.UUID | None:
    """Leases an order that nobody holds; the holder's key, or None where there is nothing to do."""
    free = unfinished().select_for_update(skip_locked=True).filter(pk=order.pk).first()
    if free is None:
        return None
    free.holder, free.leased_until = uuid.uuid4(), timezone.now() + LEASE
    free.attempts += 1
    free.save(update_fields=["holder", "leased_until", "attempts"])
    if free.attempts > MOST_ATTEMPTS:
        _over(free, problem=SILENT)
        return None
    return free.holder


def renew(*, order: ScoringOrder, holder: uuid.UUID) -> bool:
    """A sign of life; False where the lease was lost."""
    held = ScoringOrder.objects.filter(pk=order.pk, holder=holder)
    return held.update(leased_until=timezone.now() + LEASE) == 1


@transaction.atomic
def finish(*, order: ScoringOrder, holder: uuid.UUID, scores: Sequence[float] | None, problem: str = "") -> bool:
    """Records the scores, or why there are none; False, and nothing stored, where the lease was lost."""
    held = ScoringOrder.objects.select_for_update().get(pk=order.pk)
    if held.holder != holder:
        return False
    _over(held, scores=scores, problem=problem)
    return True


def expire() -> int:
    """Ends the orders that nobody scored for a day; returns how many."""
    ended = 0
    for order in unfinished().filter(requested_at__lt=timezone.now() - LASTS):
        with transaction.atomic():
            held = unfinished().select_for_update(skip_locked=True).filter(pk=order.pk).first()
            if held is not None:
                _over(held, problem=LEFT)
                ended += 1
    return ended


def _over(order: ScoringOrder, *, scores: Sequence[float] | None = None, problem: str = "") -> None:
    order.items, order.scores, order.problem = None, scores, storable(problem)[:300]
    order.holder, order.leased_until, order.finished_at = None, None, timezone.now()
    order.save()
    events.record("scoring_order.finished", order, by=None, problem=order.problem)
