from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from preferences import lifecycle
from preferences.actions import events, slots, variants
from preferences.choices import ComparisonStatus, SlotStatus, Source, TurnStatus
from preferences.importing import ImportedComparison
from preferences.models import (
    Campaign,
    Comparison,
    Dialogue,
    Event,
    Judgment,
    Prompt,
    Response,
    Slot,
    Turn,
    Variant,
)
from preferences.models.prompts import family_of

if TYPE_CHECKING:
    from webapp.accounts.models import User


@dataclass
class Imported:
    """What became of a chunk: ids stored now, and ids that the campaign had already."""

    stored: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


@transaction.atomic
def add_chunk(
    *,
    campaign: Campaign,
    items: Sequence[ImportedComparison],
    annotator_of: Callable[[str], User],
    by: User | None,
) -> Imported:
    """Stores comparisons made elsewhere, with their votes; an id seen before in the campaign is skipped.

    All or nothing: a chunk is one transaction, so that an import killed at any moment can be run again.
    """
    Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)  # two imports of one file take turns
    result = Imported()
    fresh = _fresh(campaign, items, result)
    if not fresh:
        return result
    comparisons = _comparisons(campaign, fresh)
    made = _slots(fresh, comparisons)
    judgments = _judgments(fresh, comparisons, made, annotator_of)
    _settle(comparisons, judgments)
    Event.objects.bulk_create(
        events.event("comparison.imported", comparison, by=by, campaign=campaign, external_id=comparison.external_id)
        for comparison in comparisons
    )
    return result


def _fresh(campaign: Campaign, items: Sequence[ImportedComparison], result: Imported) -> list[ImportedComparison]:
    ids = [item.external_id for item in items]
    seen = set(Comparison.objects.filter(campaign=campaign, external_id__in=ids).values_list("external_id", flat=True))
    fresh = []
    for item in items:
        if item.external_id in seen:
            result.skipped.append(item.external_id)
            continue
        seen.add(item.external_id)
        result.stored.append(item.external_id)
        fresh.append(item)
    return fresh


def _comparisons(campaign: Campaign, items: list[ImportedComparison]) -> list[Comparison]:
    known = _variants({name for item in items for name in (item.variant_a, item.variant_b)})
    prompts = Prompt.objects.bulk_create(
        Prompt(campaign=campaign, text=item.prompt[-1]["content"], family=family_of(item.prompt[-1]["content"]))
        for item in items
    )
    dialogues = Dialogue.objects.bulk_create(
        Dialogue(campaign=campaign, context=list(item.prompt[:-1]), family=_family(item)) for item in items
    )
    turns = Turn.objects.bulk_create(
        Turn(dialogue=dialogue, index=0, prompt=prompt) for dialogue, prompt in zip(dialogues, prompts, strict=True)
    )
    lifecycle.advance_many(Turn.objects.filter(pk__in=[t.pk for t in turns]), TurnStatus.SAMPLING, TurnStatus.READY)
    sides = [
        Response.objects.bulk_create(
            Response(
                turn=turn,
                variant=known[getattr(item, f"variant_{side}")],
                text=getattr(item, f"response_{side}"),
                source=Source.IMPORTED,
            )
            for item, turn in zip(items, turns, strict=True)
        )
        for side in ("a", "b")
    ]
    return Comparison.objects.bulk_create(
        Comparison(
            campaign=campaign,
            turn=turn,
            response_a=a,
            response_b=b,
            source=Source.IMPORTED,
            external_id=item.external_id,
        )
        for item, turn, a, b in zip(items, turns, *sides, strict=True)
    )


def _family(item: ImportedComparison) -> str:
    """The family of the dialogue's first user message, also where it stands in the imported context."""
    return family_of(next(message["content"] for message in item.prompt if message["role"] == "user"))


def _variants(names: set[str]) -> dict[str, Variant]:
    return {name: variants.register(name=name, engine=variants.IMPORTED, by=None) for name in sorted(names)}


def _slots(items: list[ImportedComparison], comparisons: list[Comparison]) -> dict[int, list[Slot]]:
    made = Slot.objects.bulk_create(
        slot
        for item, comparison in zip(items, comparisons, strict=True)
        for slot in slots.wanted(comparison, len(item.votes))
    )
    by_comparison: dict[int, list[Slot]] = {comparison.pk: [] for comparison in comparisons}
    for slot in made:
        by_comparison[slot.comparison_id].append(slot)
    return by_comparison


def _judgments(
    items: list[ImportedComparison],
    comparisons: list[Comparison],
    made: dict[int, list[Slot]],
    annotator_of: Callable[[str], User],
) -> list[Judgment]:
    now = timezone.now()
    return Judgment.objects.bulk_create(
        Judgment(
            slot=slot,
            comparison=comparison,
            annotator=annotator_of(vote.annotator),
            source=Source.IMPORTED,
            chosen=vote.verdict.chosen,
            degree=vote.verdict.degree or "",
            rationale=vote.rationale,
            active_seconds=vote.seconds,
            created_at=vote.at or now,
        )
        for item, comparison in zip(items, comparisons, strict=True)
        for vote, slot in zip(item.votes, made[comparison.pk], strict=False)  # fewer votes leave slots open
    )


def _settle(comparisons: list[Comparison], judgments: list[Judgment]) -> None:
    """Fills the voted slots and finishes the comparisons that have all their judgments."""
    voted = Slot.objects.filter(pk__in=[judgment.slot_id for judgment in judgments])
    lifecycle.advance_many(voted, SlotStatus.OPEN, SlotStatus.LEASED)
    lifecycle.advance_many(voted, SlotStatus.LEASED, SlotStatus.FILLED)
    unfilled = Slot.objects.filter(comparison=OuterRef("pk")).exclude(status=SlotStatus.FILLED)
    whole = Comparison.objects.filter(~Exists(unfilled), pk__in=[comparison.pk for comparison in comparisons])
    lifecycle.advance_many(whole, ComparisonStatus.OPEN, ComparisonStatus.JUDGED, finished_at=timezone.now())
