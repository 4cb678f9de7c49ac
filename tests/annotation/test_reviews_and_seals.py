"""A draw and a seal that meet: what is drawn is not sealed, and what is sealed is not drawn."""

from __future__ import annotations

import pytest
from django.db import transaction

from annotation import review_draws
from annotation.models import Review
from preferences.actions import batches, flags
from preferences.weeks import week_of
from tests import factories
from tests.concurrency import Beside

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_draw_that_meets_a_seal_draws_nothing_of_it() -> None:
    campaign = factories.campaign()
    pair = factories.judged_comparison(campaign)
    factories.review_plan(campaign, percent=100)
    with transaction.atomic():
        batches.seal(week=week_of(pair.created_at), campaigns=[campaign], by=None)
        beside = Beside(lambda: review_draws.draw(campaign=campaign))
    assert beside.outcome() == 0
    assert not Review.objects.exists()


def test_a_seal_that_meets_a_draw_leaves_out_what_was_drawn() -> None:
    campaign = factories.campaign()
    drawn, free = factories.judged_comparison(campaign), factories.judged_comparison(campaign)
    flags.raise_flag(comparison=drawn, by=factories.user(), reason="other")
    factories.review_plan(campaign, flagged=True)
    with transaction.atomic():
        review_draws.draw(campaign=campaign)
        beside = Beside(lambda: batches.seal(week=week_of(free.created_at), campaigns=[campaign], by=None))
    assert [item.comparison_id for item in beside.outcome().items.all()] == [free.pk]
