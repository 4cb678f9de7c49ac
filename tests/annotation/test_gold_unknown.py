"""Nobody can know gold: by a pair that they saw before or see again, or by what else is left."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from annotation import queue
from tests import factories
from tests.annotation.helpers import claimed, new_annotator, new_comparison, open_campaign
from tests.annotation.hidden import always, give, honest, made_gold

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def honest_dice() -> Iterator[None]:
    yield
    honest()


def test_nobody_gets_gold_that_they_would_know_again() -> None:
    campaign = open_campaign(gold_share=0.5, raters_per_item=2)
    ann, author = new_annotator(campaign), new_annotator(campaign)
    known, own = new_comparison(campaign), new_comparison(campaign, author=author)
    factories.judge(known, ann)
    made_gold(campaign, original=known)
    made_gold(campaign, original=own)
    new_comparison(campaign)
    always(0)

    assert claimed(campaign, author).comparison.gold.original == known
    assert claimed(campaign, ann).comparison.gold.original == own


def test_nobody_gets_gold_of_a_pair_that_they_gave_back() -> None:
    campaign = open_campaign(gold_share=0.5)
    ann, original, other = new_annotator(campaign), new_comparison(campaign), new_comparison(campaign)
    queue.skip(key=claimed(campaign, ann).key, by=ann, reason="other")
    made_gold(campaign, original=original)
    always(0)

    assert claimed(campaign, ann).comparison == other


def test_nobody_gets_a_pair_that_they_had_as_gold() -> None:
    campaign = open_campaign(gold_share=0.5)
    made, other = made_gold(campaign), new_comparison(campaign)
    ann, bob = new_annotator(campaign), new_annotator(campaign)
    always(0)
    give(campaign, ann)
    always(1)

    assert give(campaign, ann).comparison == other
    assert queue.claim(campaign=campaign, by=ann) is None
    assert claimed(campaign, bob).comparison == made.original


def test_where_nothing_else_is_left_gold_would_be_known_and_does_not_come() -> None:
    campaign = open_campaign(gold_share=0.5)
    factories.judge(made_gold(campaign).original)
    always(0)

    assert queue.claim(campaign=campaign, by=new_annotator(campaign)) is None
