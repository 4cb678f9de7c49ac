from __future__ import annotations

from collections import Counter

import pytest
from django.utils import timezone

from preferences.actions import batches
from preferences.choices import ComparisonStatus
from preferences.errors import Conflict
from preferences.models import Batch, BatchItem, Comparison
from preferences.weeks import week_of
from tests import factories
from tests.concurrency import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("names", [["", ""], ["one", "two"], ["a", "b", "c", "d"]], ids=["same", "other", "four"])
def test_of_seals_at_once_one_wins_and_nothing_is_sealed_twice(names: list[str]) -> None:
    campaign = factories.campaign()
    for _ in range(6):
        factories.judged_comparison(campaign)
    week = week_of(timezone.now())
    outcomes = at_once(
        [lambda name=name: batches.seal(week=week, campaigns=[campaign], by=None, name=name) for name in names]
    )
    kinds = Counter(type(outcome) for outcome in outcomes)
    assert kinds == {Batch: 1, Conflict: len(names) - 1}, outcomes
    assert (Batch.objects.count(), BatchItem.objects.count()) == (1, 6)
    assert Comparison.objects.filter(status=ComparisonStatus.SEALED).count() == 6


def test_seals_of_two_campaigns_that_share_their_prompts_agree_on_the_side_of_each() -> None:
    one, two = factories.campaign(), factories.campaign()
    texts = [f"Question {number}?" for number in range(12)]
    for campaign in (one, two):
        for text in texts:
            factories.judged_comparison(campaign, text=text)
    week = week_of(timezone.now())
    outcomes = at_once(
        [lambda campaign=campaign: batches.seal(week=week, campaigns=[campaign], by=None) for campaign in (one, two)]
    )
    assert [type(outcome) for outcome in outcomes] == [Batch, Batch], outcomes
    sides = BatchItem.objects.values_list("comparison__turn__prompt__text", "group__split").order_by().distinct()
    assert len(sides) == len(texts)
    assert BatchItem.objects.count() == 2 * len(texts)
