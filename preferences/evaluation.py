"""What came of a helpfulness evaluation: how often one system wins, ties and loses against another.

Llama 2, sections 3.4.2 and A.3.7: several raters judge each prompt on seven points with a tie, and their ratings become
one verdict a prompt. Everything is counted over prompts and named by variant; which response stood on which side never
shows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from preferences import judged
from preferences.choices import VerdictRule
from preferences.judged import Item
from preferences.models import Campaign, Variant
from preferences.stats import Agreement, Interval, ac2, wilson, win_rate_so_far
from preferences.stats.arrays import IntArray
from preferences.stats.paired import half_points, paired_difference
from preferences.verdicts import preferred

PARTS = 5  # quintiles
MOST_TURNS = 8  # from which on dialogues are counted together

Value: TypeAlias = str | int | tuple[int, int]


class Facet(TextChoices):
    """What a report looks at its prompts by."""

    CATEGORY = "category", _("Category of the prompt")
    TURNS = "turns", _("User messages in the dialogue")
    PROMPT_WORDS = "prompt_words", _("Words of the prompt")
    RESPONSE_WORDS = "response_words", _("Words of both responses")


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Of so many prompts, those that one system wins, ties and loses; each share with its interval."""

    prompts: int
    wins: int
    ties: int
    losses: int
    win: Interval
    tie: Interval
    loss: Interval
    win_without_ties: Interval  # wins / (wins + losses)
    win_rate: Interval  # (wins + ties / 2) / prompts
    lead: Interval  # (wins - losses) / prompts, which is twice the win rate less one


@dataclass(frozen=True)
class Line:
    """The prompts of one value: a category, a number of messages, or words from the least to the most."""

    facet: Facet
    value: Value
    outcome: Outcome
    agreement: Agreement


@dataclass(frozen=True)
class Match:
    """One system against another."""

    system: Variant
    against: Variant
    outcome: Outcome
    so_far: Interval  # its win rate with limits that hold however often one looks
    agreement: Agreement
    lines: list[Line]
    verdicts: list[tuple[Item, int]]  # 1 where the system wins, 0 for a tie, -1 where it loses; as they came in
    neither: int  # prompts on which most raters call neither response valid: left out


@dataclass(frozen=True)
class Evaluation:
    rule: VerdictRule
    matches: list[Match]
    unfinished: int
    alone: int  # comparisons of a system with itself: left out


def evaluation(campaign: Campaign) -> Evaluation:
    """Each pair of systems in the campaign; the one registered later comes first, since it is what is tried."""
    found, rule = judged.read(campaign), VerdictRule(campaign.verdict_rule)
    pairs: dict[tuple[int, int], list[Item]] = {}
    for item in found.items:
        if item.variant_b is not None:
            later, earlier = max(item.variant_a, item.variant_b), min(item.variant_a, item.variant_b)
            pairs.setdefault((later, earlier), []).append(item)
    alone = sum(len(pairs.pop(pair)) for pair in [pair for pair in pairs if pair[0] == pair[1]])
    variants = Variant.objects.in_bulk({pk for pair in pairs for pk in pair})
    scores = campaign.the_scale.scores
    matches = [_match(variants[a], variants[b], items, rule, scores) for (a, b), items in pairs.items()]
    matches.sort(key=lambda match: (-match.outcome.prompts, match.system.name, match.against.name))
    return Evaluation(rule, matches, found.unfinished, alone)


def outcome(results: Iterable[int]) -> Outcome:
    """From 1 for each win, 0 for each tie and -1 for each loss."""
    results = list(results)
    n, wins, losses = len(results), results.count(1), results.count(-1)
    ties = n - wins - losses
    return Outcome(
        prompts=n,
        wins=wins,
        ties=ties,
        losses=losses,
        win=wilson(wins, n),
        tie=wilson(ties, n),
        loss=wilson(losses, n),
        win_without_ties=wilson(wins, wins + losses),
        win_rate=half_points(wins, losses, n),
        lead=paired_difference(wins, losses, n),
    )


def _match(system: Variant, against: Variant, items: list[Item], rule: VerdictRule, scores: Sequence[int]) -> Match:
    verdicts = []
    for item in items:
        if decisive := item.votes.decisive():
            side = preferred(decisive, rule)
            verdicts.append((item, side if item.variant_b == system.pk else -side))
    whole = outcome(result for _, result in verdicts)
    return Match(
        system=system,
        against=against,
        outcome=whole,
        so_far=win_rate_so_far(whole.wins, whole.ties, whole.losses),
        agreement=_agreement(verdicts, scores),
        lines=[line for facet in Facet for line in _lines(facet, verdicts, scores)],
        verdicts=verdicts,
        neither=len(items) - len(verdicts),
    )


def _agreement(verdicts: Iterable[tuple[Item, int]], scores: Sequence[int]) -> Agreement:
    return ac2(judged.patterns((item for item, _ in verdicts), scores))


def _lines(facet: Facet, verdicts: list[tuple[Item, int]], scores: Sequence[int]) -> list[Line]:
    """A prompt with two categories counts in both."""
    values = _values_of(facet, [item for item, _ in verdicts])
    groups: dict[Value, list[tuple[Item, int]]] = {}
    for verdict in verdicts:
        for value in values(verdict[0]):
            groups.setdefault(value, []).append(verdict)
    return [
        Line(facet, value, outcome(result for _, result in group), _agreement(group, scores))
        for value, group in sorted(groups.items())
    ]


def _values_of(facet: Facet, items: list[Item]) -> Callable[[Item], Sequence[Value]]:
    if facet is Facet.CATEGORY:
        return lambda item: item.categories
    if facet is Facet.TURNS:
        return lambda item: [min(item.turns, MOST_TURNS)]
    words = np.array([getattr(item, facet.value) for item in items], dtype=np.int64)
    ranges = quintiles(words)
    return lambda item: [next(part for part in ranges if part[0] <= getattr(item, facet.value) <= part[1])]


def quintiles(numbers: IntArray) -> list[tuple[int, int]]:
    """Five parts as equal as whole numbers allow, each from its least to its most; equal numbers stay together."""
    if not numbers.size:
        return []
    ends = np.unique(np.quantile(numbers, np.arange(1, PARTS + 1) / PARTS, method="inverted_cdf"))
    starts = [numbers.min(), *(numbers[numbers > end].min() for end in ends[:-1])]
    return [(int(start), int(end)) for start, end in zip(starts, ends, strict=True)]
