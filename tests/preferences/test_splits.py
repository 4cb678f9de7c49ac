from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from preferences.counting import Scope
from preferences.scales import Scale
from preferences.splits import widest, with_ratings
from tests import factories

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


def test_those_furthest_apart_come_first_the_newest_first_among_equals() -> None:
    campaign = factories.campaign(raters_per_item=3)
    made = [
        factories.judged_comparison(campaign, scores=scores, finished_at=NOON + timedelta(hours=number)).pk
        for number, scores in enumerate([[-4, 4, 1], [2, 2, 2], [-1, 1, 1], [-4, -4, 4], [1, 3, 3]])
    ]
    found = widest(Scope((campaign,)))
    assert found == [made[3], made[0], made[4], made[2]]
    splits = with_ratings(found, Scale.EIGHT_POINT)
    assert [(one.scores, one.places) for one in splits] == [
        ([-4, -4, 4], 7),
        ([-4, 1, 4], 7),
        ([1, 3, 3], 2),
        ([-1, 1, 1], 1),
    ]
    assert widest(Scope((campaign,)), most=2) == found[:2]


def test_what_somebody_may_still_judge_is_left_out() -> None:
    campaign = factories.campaign(raters_per_item=3)
    pair = factories.comparison(campaign)
    factories.judge(pair, score=-4)
    factories.judge(pair, score=4)
    assert widest(Scope((campaign,))) == []
    factories.judge(pair, score=4)
    assert widest(Scope((campaign,))) == [pair.pk]
    assert widest(Scope(())) == []
