from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from preferences.choices import Track
from preferences.models import Campaign
from preferences.stats import Interval
from tests import factories
from tests.factories.rewards import trained_reward_model
from webapp.round import report

pytestmark = pytest.mark.django_db


def test_the_new_variants_share_counts_wins_on_either_side_and_by_track() -> None:
    new, old = factories.variant(), factories.variant()
    campaign: Campaign = factories.campaign()
    before = timezone.now() - timedelta(minutes=1)
    for a, b, score in [(new, old, -3), (old, new, 3), (old, new, 2), (new, old, 1)]:  # the last one is lost
        factories.evaluated(campaign, a, b, [score])
    factories.evaluated(campaign, new, old, [-1])
    found = {one.what: one for one in report.verdicts(new, [campaign], since=before)}
    assert (found["all prompts"].judgments, found["all prompts"].rate.value) == (5, 0.8)
    assert found[campaign.track].rate.value == 0.8
    assert report.verdicts(new, [campaign], since=timezone.now())[0].judgments == 0


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [(0.55, 0.7, "new wins against old"), (0.3, 0.45, "new loses to old"), (0.4, 0.6, "new cannot be told from old")],
    ids=["wins", "loses", "open"],
)
def test_the_verdict_is_a_win_only_where_the_whole_interval_is(low: float, high: float, said: str) -> None:
    new, old = factories.variant(name="new"), factories.variant(name="old")
    rate = Interval(value=(low + high) / 2, low=low, high=high, confidence=0.95)
    assert report.sentence(new, old, report.Verdict("all prompts", 150, rate)).startswith(said)
    none = Interval(value=None, low=None, high=None, confidence=0.95)
    assert "not compared often enough" in report.sentence(new, old, report.Verdict("all prompts", 0, none))


def test_the_table_has_both_models_on_both_test_sets() -> None:
    models = [trained_reward_model(track) for track in Track]
    rows = [row.as_json() for row in report.table(models)]
    assert [(row["model"], row["test"]) for row in rows] == [
        (model, test) for model in ("helpfulness", "safety") for test in ("safety", "helpfulness")
    ]
    assert rows[1]["cells"][-1] == "60.0 (50-69, 100)" and rows[0]["cells"][-1] == "-"
