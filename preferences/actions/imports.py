from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from preferences import lifecycle
from preferences.actions import events, slots, variants
from preferences.choices import CampaignStatus, ComparisonStatus, Kind, SlotStatus, Source, TurnStatus
from preferences.errors import Conflict
from preferences.importing import ImportedComparison, ImportedPrompt
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


Item = TypeVar("Item", ImportedComparison, ImportedPrompt)


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
    _check_compares(Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk))  # two imports take turns
    result = Imported()
    ids = [item.external_id for item in items]
    seen = set(Comparison.objects.filter(campaign=campaign, external_id__in=ids).values_list("external_id", flat=True))
    fresh = _fresh(items, seen, result)
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


@transaction.atomic
def add_prompts(*, campaign: Campaign, items: Sequence[ImportedPrompt], by: User | None) -> tuple[Imported, list[Turn]]:
    """Stores prompts of a fixed set, each the turn of a dialogue that waits to be sampled; an id once seen is skipped.

    Also before the campaign is open, so that the responses are there when its raters come.
    """
    locked = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)  # two imports of one file take turns
    _check_takes_sets(locked)
    result = Imported()
    ids = [item.external_id for item in items]
    seen = set(Prompt.objects.filter(campaign=campaign, external_id__in=ids).values_list("external_id", flat=True))
    fresh = _fresh(items, seen, result)
    turns = _turns(campaign, fresh, with_ids=True)
    events.record_all(
        [
            events.event("prompt.imported", turn.prompt, by=by, campaign=campaign, external_id=turn.prompt.external_id)
            for turn in turns
        ]
    )
    return result, turns


def _check_compares(campaign: Campaign) -> None:
    if campaign.kind in (Kind.DEMONSTRATION, Kind.RED_TEAM):
        raise Conflict(
            _("“%(campaign)s” compares and rates no responses, so that nothing can be brought in for it.")
            % {"campaign": campaign}
        )


def _check_takes_sets(campaign: Campaign) -> None:
    _check_compares(campaign)
    if campaign.status == CampaignStatus.CLOSED:
        raise Conflict(_("“%(campaign)s” is closed: it takes no new prompts.") % {"campaign": campaign})


def _fresh(items: Sequence[Item], seen: set[str | None], result: Imported) -> list[Item]:
    fresh = []
    for item in items:
        if item.external_id in seen:
            result.skipped.append(item.external_id)
            continue
        seen.add(item.external_id)
        result.stored.append(item.external_id)
        fresh.append(item)
    return fresh


def _turns(campaign: Campaign, items: Sequence[ImportedPrompt], *, with_ids: bool) -> list[Turn]:
    """A dialogue of each, whose context is what was said before the prompt."""
    prompts = Prompt.objects.bulk_create(
        Prompt(
            campaign=campaign,
            text=item.messages[-1]["content"],
            family=family_of(item.messages[-1]["content"]),
            external_id=item.external_id if with_ids else None,
            **item.labels,
        )
        for item in items
    )
    dialogues = Dialogue.objects.bulk_create(
        Dialogue(campaign=campaign, context=list(item.messages[:-1]), family=family_of(item.first)) for item in items
    )
    return Turn.objects.bulk_create(
        Turn(dialogue=dialogue, index=0, prompt=prompt) for dialogue, prompt in zip(dialogues, prompts, strict=True)
    )


def _comparisons(campaign: Campaign, items: list[ImportedComparison]) -> list[Comparison]:
    known = _variants({response.variant for item in items for response in item.responses})
    turns = _turns(campaign, [item.prompt for item in items], with_ids=False)
    lifecycle.advance_many(Turn.objects.filter(pk__in=[t.pk for t in turns]), TurnStatus.SAMPLING, TurnStatus.READY)
    sides = [
        Response.objects.bulk_create(
            Response(
                turn=turn,
                variant=known[response.variant],
                text=response.text,
                source=Source.IMPORTED,
                system_prompt=response.system_prompt,
            )
            for response, turn in zip(responses, turns, strict=True)
        )
        for responses in zip(*(item.responses for item in items), strict=True)
    ]
    return Comparison.objects.bulk_create(
        Comparison(
            campaign=campaign,
            turn=turn,
            response_a=responses[0],
            response_b=responses[1] if len(responses) > 1 else None,
            source=Source.IMPORTED,
            external_id=item.external_id,
        )
        for item, turn, *responses in zip(items, turns, *sides, strict=True)
    )


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
            safety_a=vote.verdict.rating,
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
