"""What is mixed into the queue to learn about its annotators: gold, whose verdict is known, and repeats.

On the page neither can be told from other work. Both are comparisons of their own, copies of collected ones, so that
the record keeps one judgment of each annotator for a comparison.
"""

from __future__ import annotations

import random
import uuid
from datetime import timedelta

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from annotation.claimants import Claimant
from annotation.models import Assignment, Gold, Repeat
from annotation.visibility import coin, with_sight
from preferences.actions import comparisons, events, slots
from preferences.choices import ComparisonStatus, JudgmentRole, Purpose, Source
from preferences.models import Batch, BatchItem, Campaign, Comparison, Judgment, Slot
from preferences.weeks import week_of

REPEATED_AFTER = timedelta(hours=2)  # sooner, a person remembers the pair and not what they think of it
OFFERED = 50  # repeats are drawn from so many of the person's judgments that are old enough

_dice = random.SystemRandom()


def hidden(campaign: Campaign, claimant: Claimant) -> Slot | None:
    """Now and then the slot of a gold comparison or of a repeat, at the campaign's shares; else None."""
    if not (campaign.gold_share or campaign.repeat_share):
        return None
    drawn = _dice.random()
    if drawn < campaign.gold_share:
        return _gold_slot(campaign, claimant)
    if drawn < campaign.gold_share + campaign.repeat_share:
        return _repeat_slot(campaign, claimant)
    return None


def is_sealed(judgment: Judgment, comparison: Comparison) -> bool:
    """Whether the verdict stays as it is: with its batch or, a hidden one, with the first that sealed work of its time.

    What is hidden is in no batch. Could it be changed when nothing else can, it would be known by that.
    """
    if comparison.purpose == Purpose.COLLECTION:
        return comparison.status == ComparisonStatus.SEALED
    of_the_campaign = BatchItem.objects.filter(batch=OuterRef("pk"), comparison__campaign=comparison.campaign_id)
    week = week_of(judgment.created_at, comparison.campaign.time_zone)
    batches = Batch.objects.filter(week__gte=week, sealed_at__gt=judgment.created_at)
    return batches.filter(Exists(of_the_campaign)).exists()


def _gold_slot(campaign: Campaign, claimant: Claimant) -> Slot | None:
    by = claimant.by
    had = Assignment.objects.filter(comparison=OuterRef("comparison"), annotator=by)
    saw = Assignment.objects.filter(comparison=OuterRef("original"), annotator=by)
    ruled = Judgment.objects.filter(comparison=OuterRef("original"), annotator=by)
    new_to_them = Gold.objects.filter(
        ~Exists(had), ~Exists(saw), ~Exists(ruled), comparison__campaign=campaign, retired_at__isnull=True
    ).exclude(comparison__turn__dialogue__author=by)
    if claimant.opted_out:
        new_to_them = new_to_them.exclude(comparison__turn__prompt__risk_category__in=claimant.opted_out)
    # One that is being judged just now is passed by: to wait for it could end in two people waiting for each other.
    free = new_to_them.select_for_update(no_key=True, skip_locked=True, of=("comparison",))
    found = free.select_related("comparison__campaign").order_by("?").first()
    return _seen(slots.spare(found.comparison), claimant) if found else None


def _repeat_slot(campaign: Campaign, claimant: Claimant) -> Slot | None:
    judgment = _to_repeat(campaign, claimant)
    if judgment is None:
        return None
    original = judgment.comparison
    copy = comparisons.copy(original=original, purpose=Purpose.REPEAT, key=_key_that_swaps(judgment, claimant))
    repeat = Repeat.objects.create(comparison=copy, original=original, annotator=claimant.by)
    events.record("repeat.made", repeat, by=None, campaign=campaign, original=original.pk)
    return _seen(slots.spare(copy), claimant)


def _to_repeat(campaign: Campaign, claimant: Claimant) -> Judgment | None:
    mine: QuerySet[Judgment] = Judgment.objects.filter(
        ~Exists(Repeat.objects.filter(original=OuterRef("comparison"), annotator=claimant.by)),
        annotator=claimant.by,
        source=Source.COLLECTED,
        role=JudgmentRole.RATING,
        created_at__lt=timezone.now() - REPEATED_AFTER,
        comparison__campaign=campaign,
        comparison__purpose=Purpose.COLLECTION,
    )
    mine = mine.exclude(comparison__turn__dialogue__author=claimant.by)
    mine = mine.exclude(comparison__status=ComparisonStatus.WITHDRAWN)
    if claimant.opted_out:
        mine = mine.exclude(comparison__turn__prompt__risk_category__in=claimant.opted_out)
    offered = list(mine.select_related("comparison__campaign").order_by("-created_at")[:OFFERED])
    return _dice.choice(offered) if offered else None


def _key_that_swaps(judgment: Judgment, claimant: Claimant) -> uuid.UUID:
    """A random key under which the person sees on the left what they saw on the right."""
    while True:
        key = uuid.uuid4()
        if coin(key, claimant.by) != judgment.shown_left:
            return key


def _seen(slot: Slot, claimant: Claimant) -> Slot:
    """The slot as the page needs it."""
    return with_sight(Slot.objects.filter(pk=slot.pk), claimant.by).get()
