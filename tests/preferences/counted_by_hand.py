"""A record with something in each part of every cut, and its ratings counted by Python, row after row."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from preferences.actions import guidelines, pools, prompts
from preferences.choices import Category, JudgmentRole, Purpose, Track
from preferences.counting import Key, Scope
from preferences.cuts import Cut
from preferences.models import Campaign, Comparison, Judgment, Slot
from preferences.stats.tables import RatingPatterns
from tests import factories, snapshots

SUNDAY = datetime(2026, 11, 15, 11, 30, tzinfo=UTC)  # already Monday in Auckland


def record() -> list[Campaign]:
    """Two campaigns of three raters: dialogues, imported context, two guidelines, two pools, weeks and a batch.

    To be asked for before anything else is stored.
    """
    return snapshots.kept(_record)


def _record() -> list[Campaign]:
    draw = random.Random(3)
    campaign = factories.campaign(raters_per_item=3, max_turns=4, time_zone="Pacific/Auckland")
    other = factories.campaign(track=Track.SAFETY, raters_per_item=3)
    raters = [factories.annotator(campaign) for _ in range(5)]
    for number in range(9):
        if number == 4:
            guidelines.publish(campaign=campaign, text="# Anew", by=None)
        factories.judged_comparison(
            campaign, scores=_scores(draw), by=draw.sample(raters, 3), finished_at=SUNDAY + timedelta(hours=12 * number)
        )
    for first, second in ((Category.FACTUAL, Category.WRITING), (Category.WRITING, "")):
        turn = prompts.submit(
            campaign=campaign, text=f"Who is {first}?", by=None, category=first, second_category=second
        )
        _judge(factories.comparison(of=turn), draw, ratings=2)
    _judge(
        factories.comparison(of=factories.dialogue_turns(campaign, ["One?", "Two?", "Three?"], by=raters[0])[-1]), draw
    )
    for number in range(3):
        _judge(factories.comparison(other), draw, ratings=number)
    _into_pools(campaign, draw)
    factories.import_lines(campaign, [_imported(draw, turns) for turns in (1, 2, 4)])
    factories.batch(campaign, comparisons=1)
    Comparison.objects.filter(pk=factories.judged_comparison(campaign, scores=[1, 1, 4]).pk).update(
        finished_at=SUNDAY - timedelta(days=9)
    )
    return [campaign, other]


def _scores(draw: random.Random) -> list[int]:
    return [draw.choice([-4, -3, -2, -1, 1, 2, 3, 4]) for _ in range(3)]


def _judge(comparison: Comparison, draw: random.Random, *, ratings: int = 3) -> None:
    for score in _scores(draw)[:ratings]:
        factories.judge(comparison, score=score)


def _into_pools(campaign: Campaign, draw: random.Random) -> None:
    """A comparison whose raters came from nowhere and from two pools, and one of a pool alone."""
    made = [pools.create(campaign=campaign, name=name, by=None) for name in ("Old hands", "Newcomers")]
    for pools_of in ([None, *made], [made[1]] * 3):
        comparison = factories.comparison(campaign)
        for slot, pool in zip(comparison.slots.order_by("number"), pools_of, strict=True):
            Slot.objects.filter(pk=slot.pk).update(pool=pool)
        _judge(comparison, draw)


def _imported(draw: random.Random, turns: int) -> dict[str, Any]:
    said = [
        {"role": role, "content": f"{role} {turn} of {turns}"}
        for turn in range(turns)
        for role in ("user", "assistant")
    ]
    system = [{"role": "system", "content": "Be brief."}] if turns == 4 else []
    votes = [factories.vote(f"rater {rater}", draw.choice("ab")) for rater in range(3)]
    return factories.line(prompt=[*system, *said[:-1]], votes=votes)


def by_hand(
    scope: Scope, cut: Cut | None, of: Iterable[tuple[Judgment, Comparison]] | None = None
) -> dict[Key, RatingPatterns]:
    """The patterns of each part; of the whole, under the key 1, without a cut.

    `of` is what `rated` gave, for who cuts the same again and again.
    """
    found: dict[tuple[int, Key], list[int]] = defaultdict(lambda: [0] * len(scope.scale.scores))
    for judgment, comparison in rated(scope) if of is None else of:
        keys = {1} if cut is None else set(keys_of(cut, judgment, comparison))
        for key in keys:
            found[comparison.pk, key][scope.scale.scores.index(judgment.score)] += 1
    tables: dict[Key, list[list[int]]] = defaultdict(list)
    for (_pk, key), counts in found.items():
        tables[key].append(counts)
    return {key: RatingPatterns.from_counts(table) for key, table in tables.items()}


def keys_of(cut: Cut, judgment: Judgment, comparison: Comparison) -> list[Key]:
    """The parts of a cut that a judgment counts in."""
    return _KEYS[cut](judgment, comparison)


def rated(scope: Scope) -> Iterator[tuple[Judgment, Comparison]]:
    """Every judgment that counts in the scope, with its comparison."""
    for judgment in (
        Judgment.objects.filter(role=JudgmentRole.RATING, score__isnull=False)
        .select_related(
            "slot",
            "comparison__campaign",
            "comparison__turn__prompt",
            "comparison__response_a",
            "comparison__response_b",
        )
        .prefetch_related("comparison__batch_items__batch")
    ):
        comparison = judgment.comparison
        if comparison.purpose != Purpose.COLLECTION or comparison.campaign not in scope.campaigns:
            continue
        if not scope.batches or {item.batch for item in comparison.batch_items.all()} & set(scope.batches):
            yield judgment, comparison


def _turn_of(comparison: Comparison) -> int:
    return sum(message["role"] == "user" for message in comparison.turn.messages())


def _monday(comparison: Comparison) -> object:
    if comparison.finished_at is None:
        return None
    day = comparison.finished_at.astimezone(ZoneInfo(comparison.campaign.time_zone)).date()
    return day - timedelta(days=day.weekday())


def _categories(comparison: Comparison) -> list[str]:
    prompt = comparison.turn.prompt
    return [prompt.category, prompt.second_category] if prompt.second_category else [prompt.category]


def _variants(comparison: Comparison) -> str:
    assert comparison.response_b is not None
    pair = sorted([comparison.response_a.variant_id, comparison.response_b.variant_id])
    return " ".join(str(pk) for pk in pair)


_KEYS: dict[Cut, Callable[[Judgment, Comparison], list[Key]]] = {
    Cut.CAMPAIGN: lambda _one, pair: [pair.campaign_id],
    Cut.TRACK: lambda _one, pair: [pair.campaign.track],
    Cut.BATCH: lambda _one, pair: [item.batch_id for item in pair.batch_items.all()] or [None],
    Cut.WEEK: lambda _one, pair: [_monday(pair)],
    Cut.GUIDELINE: lambda one, _pair: [one.guideline_id],
    Cut.CATEGORY: lambda _one, pair: _categories(pair),
    Cut.RISK_CATEGORY: lambda _one, pair: [pair.turn.prompt.risk_category],
    Cut.ATTACK_VECTOR: lambda _one, pair: [pair.turn.prompt.attack_vector],
    Cut.TURN: lambda _one, pair: [_turn_of(pair)],
    Cut.POOL: lambda one, _pair: [one.slot.pool_id if one.slot else None],
    Cut.VARIANTS: lambda _one, pair: [_variants(pair)],
}
