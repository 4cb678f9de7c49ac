"""Ratings of an evaluation -> who wins, by variant and over prompts."""

from __future__ import annotations

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from annotation import gold
from preferences.choices import Category, Chosen, VerdictRule
from preferences.evaluation import Evaluation, Facet, Match, evaluation, quintiles
from preferences.models import Campaign, Variant
from preferences.stats import ac2, wilson, win_rate_so_far
from preferences.stats.paired import half_points, paired_difference
from preferences.stats.tables import RatingPatterns
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign() -> Campaign:
    return factories.evaluation()


@pytest.fixture
def systems() -> tuple[Variant, Variant]:
    """The older one and the newer one."""
    return factories.variant("chat-v1"), factories.variant("chat-v2")


def the_match(campaign: Campaign) -> Match:
    (match,) = evaluation(campaign).matches
    return match


def counts(match: Match, facet: Facet) -> dict[object, tuple[int, int, int]]:
    lines = [line for line in match.lines if line.facet is facet]
    return {line.value: (line.outcome.wins, line.outcome.ties, line.outcome.losses) for line in lines}


def test_prompts_are_counted_by_variant_whichever_side_it_stood_on(
    campaign: Campaign, systems: tuple[Variant, Variant]
) -> None:
    old, new = systems
    factories.evaluated(campaign, new, old, [-4, -3, 2])
    factories.evaluated(campaign, old, new, [2, 3, -2])
    factories.evaluated(campaign, old, new, [-2, 0, 4])
    factories.evaluated(campaign, new, old, [4, 4, 4])
    match = the_match(campaign)
    assert (match.system, match.against) == (new, old)
    found = match.outcome
    assert (found.prompts, found.wins, found.ties, found.losses) == (4, 2, 1, 1)
    assert (found.win, found.tie, found.loss) == (wilson(2, 4), wilson(1, 4), wilson(1, 4))
    assert found.win_without_ties == wilson(2, 3)
    assert (found.win_rate, found.lead) == (half_points(2, 1, 4), paired_difference(2, 1, 4))
    assert match.so_far == win_rate_so_far(2, 1, 1)
    assert [result for _, result in match.verdicts] == [1, 1, 0, -1]


def test_the_rule_is_the_campaigns(systems: tuple[Variant, Variant]) -> None:
    campaign = factories.evaluation(raters_per_item=2, verdict_rule=VerdictRule.MAJORITY)
    factories.evaluated(campaign, *systems, [-2, 3])
    assert the_match(campaign).outcome.ties == 1
    Campaign.objects.filter(pk=campaign.pk).update(verdict_rule=VerdictRule.MEDIAN)
    campaign.refresh_from_db()
    assert the_match(campaign).outcome.wins == 1


def test_what_is_not_judged_to_the_end_is_left_out_and_counted(
    campaign: Campaign, systems: tuple[Variant, Variant]
) -> None:
    factories.evaluated(campaign, *systems, [-4, -4])
    factories.evaluated(campaign, *systems, [2, 2, 2])
    factories.evaluated(campaign, *systems, [])
    found = evaluation(campaign)
    assert (found.unfinished, found.matches[0].outcome.prompts) == (2, 1)


def test_gold_does_not_count(campaign: Campaign, systems: tuple[Variant, Variant]) -> None:
    pair = factories.evaluated(campaign, *systems, [2, 2, 2])
    verdict = factories.verdict(campaign.the_scale, 2)
    gold.make(original=pair, verdict=verdict, safety=None, reason="It is so.", by=factories.manager(campaign))
    found = evaluation(campaign)
    assert (found.unfinished, found.matches[0].outcome.prompts) == (0, 1)


def test_a_prompt_with_two_categories_counts_in_both(campaign: Campaign, systems: tuple[Variant, Variant]) -> None:
    factories.evaluated(campaign, *systems, [2, 2, 2], category=Category.WRITING, second_category=Category.DIALOGUE)
    factories.evaluated(campaign, *systems, [-2, -2, -2], category=Category.WRITING)
    match = the_match(campaign)
    assert counts(match, Facet.CATEGORY) == {"writing": (1, 0, 1), "dialogue": (1, 0, 0)}
    assert match.outcome.prompts == 2


def test_turns_count_the_users_messages_and_words_what_white_space_separates(
    campaign: Campaign, systems: tuple[Variant, Variant]
) -> None:
    texts = {"prompt": " Why \n\n is\tthat? ", "text_a": "So it is.", "text_b": "Nobody  knows"}
    factories.evaluated(campaign, *systems, [2, 2, 2], earlier=2, **texts)
    factories.evaluated(campaign, *systems, [0, 0, 0], text_a="x", text_b="y", prompt="Yes?")
    factories.evaluated(campaign, *systems, [-2, 0, -2], earlier=11, text_a="x x", text_b="y", prompt="No?")
    match = the_match(campaign)
    assert counts(match, Facet.TURNS) == {1: (0, 1, 0), 3: (1, 0, 0), 8: (0, 0, 1)}
    assert counts(match, Facet.PROMPT_WORDS) == {(1, 1): (0, 1, 1), (3, 3): (1, 0, 0)}
    assert counts(match, Facet.RESPONSE_WORDS) == {(2, 2): (0, 1, 0), (3, 3): (0, 0, 1), (5, 5): (1, 0, 0)}


def test_a_correction_counts_an_adjudication_decides_and_agreement_is_that_of_the_ratings(
    campaign: Campaign, systems: tuple[Variant, Variant]
) -> None:
    corrected = factories.evaluated(campaign, *systems, [-2, -2, 2])
    factories.correct(corrected.judgments.order_by("pk")[0], score=2)
    factories.adjudicate(factories.evaluated(campaign, *systems, [-2, -2, -2]), score=0)
    match = the_match(campaign)
    assert (match.outcome.wins, match.outcome.ties, match.outcome.losses) == (1, 1, 0)
    ratings = RatingPatterns.from_ratings([[2, 2, 4], [2, 2, 2]], q=7)
    assert match.agreement == ac2(ratings, "quadratic")


def test_where_most_call_neither_valid_the_prompt_is_left_out(
    campaign: Campaign, systems: tuple[Variant, Variant]
) -> None:
    pair = factories.evaluated(campaign, *systems, [2, 2, 2])
    for judgment in pair.judgments.order_by("pk")[:2]:
        judgment.chosen, judgment.degree = Chosen.NEITHER, ""
        judgment.save()
    match = the_match(campaign)
    assert (match.outcome.prompts, match.neither, match.outcome.win.value) == (0, 1, None)


def test_each_pair_of_systems_has_its_table_and_a_system_beside_itself_none(
    campaign: Campaign, systems: tuple[Variant, Variant]
) -> None:
    old, new = systems
    other = factories.variant("other")
    for pair in [(old, new), (other, new), (new, old), (new, new)]:
        factories.evaluated(campaign, *pair, [2, 2, 2])
    found = evaluation(campaign)
    names = [(one.system.name, one.against.name, one.outcome.prompts) for one in found.matches]
    assert names == [("chat-v2", "chat-v1", 2), ("other", "chat-v2", 1)]
    assert found.alone == 1


def test_an_empty_campaign_has_no_match(campaign: Campaign) -> None:
    assert evaluation(campaign) == Evaluation(VerdictRule.MEDIAN, [], 0, 0)


def test_the_number_of_queries_does_not_grow(campaign: Campaign, systems: tuple[Variant, Variant]) -> None:
    for _ in range(3):
        factories.evaluated(campaign, *systems, [2, 2, 2])
    with CaptureQueriesContext(connection) as asked:
        evaluation(campaign)
    assert len(asked) <= 5


@given(st.lists(st.integers(0, 40), max_size=60))
def test_quintiles_take_every_number_once_and_part_no_equal_ones(numbers: list[int]) -> None:
    parts = quintiles(np.array(numbers, dtype=np.int64))
    assert len(parts) <= 5
    assert all(sum(least <= number <= most for least, most in parts) == 1 for number in numbers)
    assert all(least in numbers and most in numbers for least, most in parts)


def test_quintiles_of_different_numbers_are_equal_parts() -> None:
    assert quintiles(np.arange(1, 11)) == [(1, 2), (3, 4), (5, 6), (7, 8), (9, 10)]
