from __future__ import annotations

import random
from typing import Any

import pytest

from preferences.agreement import agreement_of
from preferences.choices import Chosen
from preferences.counting import Scope
from preferences.cuts import patterns_of
from preferences.models import Campaign, Judgment
from preferences.scales import Scale, verdict_at
from preferences.stats.agreement import Agreement
from preferences.stats.gwet import ac2
from preferences.stats.linearised import NO_PAIR, NO_RATINGS
from preferences.stats.tables import MISSING, RatingPatterns
from tests import factories

pytestmark = pytest.mark.django_db

RATERS = 4


def store(campaign: Campaign, table: list[list[int]]) -> None:
    """Writes a table of category indices, comparisons by raters, into the record."""
    factories.import_lines(
        campaign,
        [
            factories.line(votes=[vote(campaign, rater, category) for rater, category in enumerate(row)])
            for row in rated(table)
        ],
    )


def rated(table: list[list[int]]) -> list[list[int]]:
    return [[category for category in row if category != MISSING] for row in table]


def vote(campaign: Campaign, rater: int, category: int) -> dict[str, Any]:
    verdict = verdict_at(campaign.the_scale, category + 1)
    return factories.vote(f"rater {rater}", verdict.chosen, verdict.degree)


def random_table(scale: Scale, seed: int, *, items: int = 60) -> list[list[int]]:
    """Ratings that cluster, so that raters agree in part, a third of them missing and one comparison without any."""
    draw = random.Random(seed)
    q = len(scale.scores)

    def rating(centre: int) -> int:
        return MISSING if draw.random() < 1 / 3 else min(q - 1, max(0, centre + draw.choice([-1, 0, 0, 1])))

    centres = [draw.randrange(q) for _ in range(items)]
    return [[MISSING] * RATERS, *([rating(centre) for _ in range(RATERS)] for centre in centres)]


def same(found: Agreement, wanted: Agreement) -> None:
    for name in ("value", "se", "low", "high", "percent_agreement", "chance_agreement"):
        assert getattr(found, name) == pytest.approx(getattr(wanted, name), rel=1e-12), name
    assert (found.units, found.ratings, found.note) == (wanted.units, wanted.ratings, wanted.note)


@pytest.mark.parametrize("scale", [scale for scale in Scale if not scale.rates_one])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_agreement_is_that_of_the_rating_table_with_ratings_missing(scale: Scale, seed: int) -> None:
    campaign = factories.campaign(scale=scale, raters_per_item=RATERS)
    table = random_table(scale, seed)
    store(campaign, table)
    found = agreement_of(Scope((campaign,)))
    same(found, ac2(RatingPatterns.from_ratings(table, q=len(scale.scores)), "quadratic"))
    assert found.value is not None and found.low < found.value < found.high


@pytest.mark.parametrize("weights", ["linear", "ordinal", "identity"])
def test_weights_and_confidence_reach_the_statistics(weights: Any) -> None:
    campaign = factories.campaign(raters_per_item=RATERS)
    table = random_table(Scale.EIGHT_POINT, 5)
    store(campaign, table)
    found = agreement_of(Scope((campaign,)), weights=weights, confidence=0.8)
    same(found, ac2(RatingPatterns.from_ratings(table, q=8), weights, confidence=0.8))
    assert found.confidence == 0.8


def test_only_the_campaigns_asked_for_count() -> None:
    one, two, other = (factories.campaign(raters_per_item=RATERS) for _ in range(3))
    tables = [[0, 1, 7], [3, 3, 4]], [[6, 7, 0], [2, 2, 2]]
    for campaign, table in zip((one, two), tables, strict=True):
        store(campaign, table)
    store(other, random_table(Scale.EIGHT_POINT, 8))
    for scope, wanted in ((Scope((one,)), tables[0]), (Scope((two, one)), tables[0] + tables[1])):
        same(agreement_of(scope), ac2(RatingPatterns.from_ratings(wanted, q=8), "quadratic"))


def test_a_category_is_a_place_on_the_scale_also_where_nobody_chose_it() -> None:
    campaign = factories.campaign(scale=Scale.SEVEN_POINT, raters_per_item=2)
    store(campaign, [[0, 0], [3, 3]])
    counts = patterns_of(Scope((campaign,))).counts
    assert sorted(map(tuple, counts.tolist())) == [(0, 0, 0, 2, 0, 0, 0), (2, 0, 0, 0, 0, 0, 0)]
    assert Judgment.objects.filter(chosen=Chosen.TIE, score=0).count() == 2


def test_judgments_collected_here_and_imported_ones_count_alike() -> None:
    campaign = factories.campaign(raters_per_item=2)
    comparison = factories.comparison(campaign)
    factories.judge(comparison, score=-4)
    factories.judge(comparison, score=-2)
    store(campaign, [[0, 2]])
    found = patterns_of(Scope((campaign,)))
    assert found.counts.tolist() == [[1, 0, 1, 0, 0, 0, 0, 0]]
    assert found.multiplicity.tolist() == [2]


def test_nothing_rated_has_a_sentence_instead_of_a_number() -> None:
    found = agreement_of(Scope((factories.campaign(),)))
    assert (found.value, found.units, found.note) == (None, 0, NO_RATINGS)


def test_single_ratings_have_a_sentence_instead_of_a_number() -> None:
    campaign = factories.campaign(raters_per_item=2)
    store(campaign, [[1, MISSING], [MISSING, 2]])
    found = agreement_of(Scope((campaign,)))
    assert (found.value, found.units, found.note) == (None, 2, NO_PAIR)


def test_judgments_of_no_campaign_have_a_sentence_instead_of_a_number() -> None:
    found = agreement_of(Scope(()))
    assert (found.value, found.note) == (None, NO_RATINGS)
