"""Nobody can know gold: by a pair that they saw before or see again, or by what else is left."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client

from annotation import queue
from annotation.models import Assignment
from annotation.queue import Answer
from preferences.errors import Conflict
from preferences.models import Judgment
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


def test_a_verdict_on_gold_stays_when_the_work_of_its_time_is_sealed_and_not_before() -> None:
    campaign = open_campaign(gold_share=0.5)
    factories.batch(campaign)
    made_gold(campaign)
    ann, _other = new_annotator(campaign), new_comparison(campaign)
    always(0)
    hidden = give(campaign, ann)
    always(1)
    collected = give(campaign, ann)
    client = Client()
    client.force_login(ann)

    assert [is_open(client, judgment) for judgment in (hidden, collected)] == [True, True]
    factories.batch(campaign, comparisons=0)
    assert [is_open(client, judgment) for judgment in (hidden, collected)] == [False, False]


def is_open(client: Client, judgment: Judgment) -> bool:
    """Whether its annotator may change it, by the page and by the queue, which agree."""
    assignment = Assignment.objects.get(judgment=judgment)
    page = client.get(f"/compare/{assignment.key}/").content.decode()
    try:
        queue.revise(key=assignment.key, by=assignment.annotator, answer=Answer(place=4), revision=0)
    except Conflict as refused:
        assert "sealed batch" in str(refused) and "Your verdict is sealed" in page
        return False
    assert "Your verdict is sealed" not in page
    return True
