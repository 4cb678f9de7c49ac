from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from preferences import text as texts
from preferences.actions import events
from preferences.choices import Category, ComparisonStatus, Purpose, RiskCategory, SlotStatus
from preferences.errors import Conflict, InvalidInput
from preferences.models import Campaign, Comparison, Pool, Slot

if TYPE_CHECKING:
    from webapp.accounts.models import User

NAME_LIMIT = 120


@transaction.atomic
def create(*, campaign: Campaign, name: str, by: User | None) -> Pool:
    """A part of the campaign's comparisons that will be kept for certain people; empty at first."""
    name = texts.checked(name, what=_("The name"), limit=NAME_LIMIT, field="name")
    pool, created = Pool.objects.get_or_create(campaign=campaign, name=name)
    if not created:
        raise Conflict(_("There is a pool “%(name)s” already; use that one or choose another name.") % {"name": name})
    events.record("pool.created", pool, by=by, campaign=campaign, name=name)
    return pool


@transaction.atomic
def keep(*, pool: Pool, count: int | None, category: str = "", by: User | None) -> int:
    """Keeps the oldest comparisons that everybody could have for the pool's people; returns how many there were.

    What somebody holds or has judged stays theirs; the judgments that a comparison still lacks are kept.
    """
    if count is None or count < 1:
        raise InvalidInput(_("Write how many comparisons to keep, as a whole number from 1."), field="count")
    if category and category not in (RiskCategory if pool.campaign.is_safety else Category).values:
        raise InvalidInput(_("Choose one of the categories, or all of them."), field="category")
    chosen = list(_everybodys(pool.campaign, category).values_list("pk", flat=True)[:count])
    found = len(chosen)
    if not found:
        raise Conflict(_("No comparison that everybody may judge is left to be kept for “%(pool)s”.") % {"pool": pool})
    _move(Slot.objects.filter(comparison__in=chosen, pool=None), pool)
    events.record("pool.filled", pool, by=by, campaign=pool.campaign, comparisons=found, category=category)
    return found


@transaction.atomic
def give_back(*, pool: Pool, by: User | None) -> int:
    """What the pool's people have not judged is everybody's again; returns how many judgments that is."""
    freed = _move(Slot.objects.filter(pool=pool), None)
    if freed:
        events.record("pool.given_back", pool, by=by, campaign=pool.campaign, slots=freed)
    return freed


def told(found: int, pool: Pool) -> str:
    return ngettext(
        "%(count)d comparison is kept for “%(pool)s” from now on.",
        "%(count)d comparisons are kept for “%(pool)s” from now on.",
        found,
    ) % {"count": found, "pool": pool}


def _move(slots: QuerySet[Slot], pool: Pool | None) -> int:
    """Those that are not filled, held one after the other as a lease holds two of them: the lower number first."""
    unfilled = slots.exclude(status=SlotStatus.FILLED)
    held = list(unfilled.select_for_update(no_key=True).order_by("comparison", "number").values_list("pk", flat=True))
    return Slot.objects.filter(pk__in=held).update(pool=pool)


def _everybodys(campaign: Campaign, category: str) -> QuerySet[Comparison]:
    """Open comparisons with a slot that is in no pool, oldest first."""
    found = Comparison.objects.filter(
        campaign=campaign,
        purpose=Purpose.COLLECTION,
        status=ComparisonStatus.OPEN,
        slots__pool=None,
        slots__status__in=[SlotStatus.OPEN, SlotStatus.WAITING],
    )
    if category:
        prompt = "turn__prompt__risk_category" if campaign.is_safety else "turn__prompt__category"
        found = found.filter(**{prompt: category})
    return found.order_by("pk").distinct()
