from __future__ import annotations

import pytest

from preferences.actions import comparisons, slots
from preferences.agreement import agreement_by, agreement_of
from preferences.choices import Purpose, Track
from preferences.counting import Key, Scope, by_scale
from preferences.cuts import Cut, patterns_by, patterns_of
from preferences.errors import InvalidInput
from preferences.models import Batch
from preferences.scales import Scale
from preferences.stats.gwet import ac2
from preferences.stats.linearised import NO_RATINGS
from preferences.stats.tables import RatingPatterns
from tests import factories
from tests.preferences.counted_by_hand import by_hand, rated, record

pytestmark = pytest.mark.django_db


def plain(found: dict[Key, RatingPatterns]) -> dict[Key, object]:
    """Comparable: arrays are not."""
    return {key: (one.counts.tolist(), one.multiplicity.tolist()) for key, one in found.items()}


def test_every_part_of_every_cut_counts_what_is_counted_by_hand() -> None:
    campaigns = record()
    batch = Batch.objects.get()
    for scope in (Scope((campaigns[0],)), Scope(tuple(campaigns)), Scope(tuple(campaigns), (batch,))):
        stored = list(rated(scope))
        assert plain({1: patterns_of(scope)}) == plain(by_hand(scope, None, stored))
        for cut in Cut:
            found = plain(patterns_by(scope, cut))
            assert found == plain(by_hand(scope, cut, stored)), cut
            assert len(found) > 1 or len(scope.campaigns) == 1 or scope.batches, cut


def test_a_comparison_of_more_ratings_than_fit_into_one_number_is_counted_all_the_same() -> None:
    campaign = factories.campaign(raters_per_item=40)
    factories.import_lines(
        campaign,
        [
            factories.line(votes=[factories.vote(f"rater {n}", "a" if n < 17 else "b") for n in range(40)]),
            factories.line(votes=[factories.vote(f"rater {n}", "a") for n in range(16)]),
            factories.line(votes=[factories.vote(f"rater {n}", "b") for n in range(15)]),
        ],
    )
    scope = Scope((campaign,))
    for cut in (Cut.CATEGORY, Cut.BATCH):
        assert plain(patterns_by(scope, cut)) == plain(by_hand(scope, cut))
    assert patterns_of(scope).ratings == 71


def test_agreement_by_a_cut_is_that_of_each_part_with_its_label_in_order() -> None:
    campaign, _other = record()
    scope = Scope((campaign,))
    lines = agreement_by(scope, Cut.TURN, weights="linear", confidence=0.9)
    wanted = by_hand(scope, Cut.TURN)
    assert [(line.key, line.label) for line in lines] == [(str(turn), f"Turn {turn}") for turn in (1, 2, 3, 4)]
    assert [line.agreement for line in lines] == [ac2(wanted[turn], "linear", confidence=0.9) for turn in (1, 2, 3, 4)]
    assert all(0 < line.pairs <= line.agreement.units for line in lines)


def test_what_is_in_no_part_comes_last_under_a_name_of_its_own() -> None:
    campaign, other = record()
    last = {cut: agreement_by(Scope((campaign,)), cut)[-1] for cut in (Cut.BATCH, Cut.WEEK, Cut.POOL, Cut.GUIDELINE)}
    assert {cut: (line.key, line.label) for cut, line in last.items()} == {
        Cut.BATCH: ("", "In no batch yet"),
        Cut.WEEK: ("", "Not finished yet"),
        Cut.POOL: ("", "In no pool"),
        Cut.GUIDELINE: ("", "Imported, without a guideline"),
    }
    assert agreement_by(Scope((campaign, other)), Cut.CATEGORY)[-1].label == "Not given"


def test_labels_say_the_campaign_where_there_are_several() -> None:
    campaign, other = record()
    alone = [line.label for line in agreement_by(Scope((campaign,)), Cut.GUIDELINE)]
    assert alone[:2] == ["Version 1", "Version 2"]
    both = [line.label for line in agreement_by(Scope((campaign, other)), Cut.GUIDELINE)]
    assert both[:3] == [f"{campaign}: Version 1", f"{campaign}: Version 2", f"{other}: Version 1"]


def test_the_whole_is_the_agreement_of_the_judgments() -> None:
    campaign, _other = record()
    scope = Scope((campaign,))
    (wanted,) = by_hand(scope, None).values()
    assert agreement_of(scope) == ac2(wanted, "quadratic")


def test_gold_and_what_reviewers_say_count_in_no_cut() -> None:
    campaign = factories.campaign(raters_per_item=2)
    pair = factories.judged_comparison(campaign, scores=[-3, 2])
    factories.adjudicate(pair)
    before = plain({1: patterns_of(Scope((campaign,)))})
    gold = comparisons.copy(original=pair, purpose=Purpose.GOLD)
    slots.spare(gold)
    factories.judge(gold, score=-1)
    assert plain({1: patterns_of(Scope((campaign,)))}) == before


def test_campaigns_of_different_scales_are_never_in_one_number() -> None:
    eight, seven = factories.campaign(), factories.campaign(scale=Scale.SEVEN_POINT)
    safety = factories.campaign(track=Track.SAFETY)
    with pytest.raises(InvalidInput, match="different scales"):
        Scope((eight, seven))
    assert [scope.campaigns for scope in by_scale([eight, seven, safety])] == [(eight, safety), (seven,)]


def test_nothing_rated_is_a_sentence_and_no_parts() -> None:
    for scope in (Scope(()), Scope((factories.campaign(),))):
        assert agreement_of(scope).note == NO_RATINGS
        assert agreement_by(scope, Cut.BATCH) == []


def test_one_response_that_is_rated_is_of_its_own_variant() -> None:
    campaign = factories.rating_campaign(raters_per_item=2)
    early, late = factories.variant("early"), factories.variant("late")
    factories.rated(campaign, {early: [1, 2], late: [5, 5]})
    lines = agreement_by(Scope((campaign,)), Cut.VARIANTS)
    assert [(line.key, line.label, line.pairs) for line in lines] == [
        (str(early.pk), "early", 1),
        (str(late.pk), "late", 1),
    ]
