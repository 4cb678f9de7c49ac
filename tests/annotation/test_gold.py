"""Gold and repeats: mixed in unseen, counted apart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from annotation import gold, memberships, mixing, ordering, queue, visibility
from annotation.models import Gold, Repeat
from preferences.agreement import agreement_of
from preferences.choices import Chosen, ComparisonStatus, Purpose, SlotStatus
from preferences.counting import Scope
from preferences.errors import Conflict, InvalidInput, NotAllowed
from preferences.models import Comparison, Event, Judgment
from preferences.scales import Verdict
from tests import factories
from tests.annotation.helpers import claimed, new_annotator, new_comparison, open_campaign
from tests.annotation.hidden import always, answer_for, give, honest, made_gold

pytestmark = pytest.mark.django_db


def test_gold_comes_at_its_share_once_to_each_and_to_any_number_of_people() -> None:
    campaign = open_campaign(gold_share=0.5, raters_per_item=2)
    made, other = made_gold(campaign), new_comparison(campaign)
    ann, bob = new_annotator(campaign), new_annotator(campaign)
    always(0.49)

    for person in (ann, bob):
        assert claimed(campaign, person).comparison == made.comparison
        give(campaign, person)
        assert claimed(campaign, person).comparison == other

    assert made.comparison.slots.count() == 2


@pytest.fixture(autouse=True)
def honest_dice() -> Iterator[None]:
    yield
    honest()


def test_beyond_its_share_it_never_comes_nor_by_the_common_queue() -> None:
    campaign = open_campaign(gold_share=0.5)
    made = made_gold(campaign)
    factories.judge(made.original)
    new_comparison(campaign)
    always(0.49)
    lost = claimed(campaign, new_annotator(campaign))
    assert lost.comparison == made.comparison
    queue.skip(key=lost.key, by=lost.annotator, reason="other")
    always(0.51)

    ann = new_annotator(campaign)
    give(campaign, ann)

    assert queue.claim(campaign=campaign, by=ann) is None
    new_comparison(campaign)
    always(0.49)
    assert claimed(campaign, ann).slot_id == lost.slot_id
    assert made.comparison.slots.count() == 1


def test_what_was_retired_comes_to_nobody_and_its_verdicts_still_count() -> None:
    campaign = open_campaign(gold_share=0.5)
    made, boss = made_gold(campaign), factories.user("boss")
    ann, bob = new_annotator(campaign), new_annotator(campaign)
    always(0)
    give(campaign, ann)

    gold.retire(gold=made, by=boss)
    gold.retire(gold=made, by=boss)

    assert claimed(campaign, bob).comparison == made.original
    assert gold.score_of(campaign, ann).judged == 1
    assert Event.objects.filter(verb="gold.retired").count() == 1
    made_gold(campaign, original=made.original)


@pytest.mark.parametrize(
    ("given", "right"),
    [
        (("a", 5, 4), 1),
        (("a", 3, 3), 1),
        (("b", 3, 4), 0),
        (("a", 2, 2), 0),
        (("a", 4, 1), 0),
    ],
)
def test_right_is_the_known_side_with_both_on_the_known_side_of_the_violation_line(
    given: tuple[str, int, int], right: int
) -> None:
    campaign = open_campaign(track="safety", gold_share=0.5)
    made_gold(campaign, safety=(4, 3))
    ann = new_annotator(campaign)
    always(0)
    assignment = claimed(campaign, ann)
    side, a, b = given
    left, right_score = (a, b) if assignment.shown_left == "a" else (b, a)

    queue.submit(
        key=assignment.key, by=ann, answer=answer_for(assignment, side, safety_left=left, safety_right=right_score)
    )

    assert (gold.score_of(campaign, ann).judged, gold.score_of(campaign, ann).right) == (1, right)


def test_a_score_misses_the_bar_only_where_its_whole_interval_lies_below() -> None:
    assert not gold.score([]).misses(0.9)
    assert not gold.score([0]).misses(0.7)
    assert gold.score([0, 0, 0]).misses(0.7)
    assert not gold.score([1, 1, 0, 1]).misses(0.7)


def test_below_the_bar_work_pauses_until_somebody_has_looked() -> None:
    campaign = open_campaign(gold_share=0.5, gold_bar=0.7)
    for _ in range(6):
        made_gold(campaign)
    ann, boss = new_annotator(campaign), factories.user("boss", is_superuser=True)
    always(0)
    for _ in range(2):
        give(campaign, ann, "b")
    last = claimed(campaign, ann)

    done = queue.submit_and_claim(key=last.key, by=ann, answer=answer_for(last, "b"))

    assert done.judgment.chosen == "b", "the verdict that fell below the bar is stored"
    assert done.following is None
    with pytest.raises(NotAllowed, match="is paused"):
        queue.claim(campaign=campaign, by=ann)
    membership = ann.memberships.get()
    assert membership.paused_reason == "Of 3 gold comparisons 0 were judged as known; the bar is 70%."

    memberships.resume(membership=membership, by=boss)
    ann.refresh_from_db()
    give(campaign, ann, "b")
    assert claimed(campaign, ann), "what was judged before the pause ended is not held against them again"


def test_without_a_bar_or_above_it_nobody_is_paused() -> None:
    for bar, side in ((0.0, "b"), (0.7, "a")):
        campaign = open_campaign(gold_share=0.5, gold_bar=bar)
        for _ in range(4):
            made_gold(campaign)
        ann = new_annotator(campaign)
        always(0)
        for _ in range(3):
            give(campaign, ann, side)
        assert claimed(campaign, ann)


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"verdict": Verdict(Chosen.TIE, None)}, "This scale has no tie"),
        ({"verdict": Verdict(Chosen.NEITHER, None)}, "Gold needs a verdict"),
        ({"reason": "  "}, "The reason is empty"),
    ],
)
def test_gold_without_a_verdict_or_a_reason_is_refused(more: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        made_gold(open_campaign(), **more)


def test_gold_of_the_safety_track_needs_its_scores() -> None:
    with pytest.raises(InvalidInput, match="a safety score from 1 to 5"):
        made_gold(open_campaign(track="safety"))


def test_a_pair_is_gold_once_and_gold_of_gold_is_none() -> None:
    campaign = open_campaign()
    made = made_gold(campaign)
    with pytest.raises(Conflict, match="gold already"):
        made_gold(campaign, original=made.original)
    with pytest.raises(Conflict, match="Only a collected comparison"):
        made_gold(campaign, original=made.comparison)
    assert Comparison.objects.filter(purpose=Purpose.GOLD).count() == 1


def test_a_repeat_is_what_one_judged_before_with_its_sides_swapped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mixing, "REPEATED_AFTER", mixing.timedelta(0))
    campaign = open_campaign(repeat_share=0.5)
    ann = new_annotator(campaign)
    new_comparison(campaign)
    always(0.9)
    first = give(campaign, ann)
    other = new_comparison(campaign)
    always(0)

    again = claimed(campaign, ann)

    assert again.comparison != first.comparison
    assert again.comparison.repeat.original == first.comparison
    assert again.shown_left != first.shown_left
    before, now = first.comparison, visibility.sight_of(again)
    assert set(now.texts) == {before.response_a.text, before.response_b.text}
    give(campaign, ann, "b")
    assert claimed(campaign, ann).comparison == other, "a pair is repeated once"


def test_neither_finishes_is_agreed_upon_or_has_what_a_batch_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mixing, "REPEATED_AFTER", mixing.timedelta(0))
    campaign = open_campaign(gold_share=0.5, repeat_share=0.5)
    ann = new_annotator(campaign)
    original = new_comparison(campaign)
    always(1)
    give(campaign, ann)
    made_gold(campaign, original=factories.comparison(campaign))
    new_comparison(campaign)
    for drawn in (0.1, 0.6):
        always(drawn)
        give(campaign, ann)

    counted = agreement_of(Scope((campaign,)))

    assert Judgment.objects.count() == 3
    assert counted.ratings == 1
    assert set(Comparison.objects.exclude(purpose=Purpose.COLLECTION).values_list("status", flat=True)) == {"open"}
    assert Comparison.objects.get(pk=original.pk).status == ComparisonStatus.JUDGED
    assert Repeat.objects.count() == 1


def test_without_shares_no_dice_are_thrown(monkeypatch: pytest.MonkeyPatch) -> None:
    campaign = open_campaign()
    new_comparison(campaign)
    monkeypatch.setattr(mixing, "_dice", None)
    assert claimed(campaign, new_annotator(campaign))
    assert ordering.WINDOW > 1


@pytest.mark.parametrize(
    ("constraint", "change"),
    [
        ("gold_chosen", {"chosen": "c"}),
        ("gold_degree", {"degree": "much"}),
        ("gold_safety_scores", {"safety_a": 6, "safety_b": 1}),
        ("gold_has_a_verdict", {"chosen": "neither"}),
    ],
)
def test_the_database_refuses_gold_that_says_nothing(constraint: str, change: dict[str, Any]) -> None:
    made = made_gold(open_campaign())
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Gold.objects.filter(pk=made.pk).update(**change)


def test_the_database_keeps_gold_and_repeats_out_of_batches_and_single() -> None:
    campaign = open_campaign()
    made, ann = made_gold(campaign), new_annotator(campaign)
    other, third = new_comparison(campaign), new_comparison(campaign)
    Repeat.objects.create(comparison=other, original=made.original, annotator=ann)
    for name, write in {
        "comparison_purpose": lambda: Comparison.objects.create(
            campaign=campaign, turn=other.turn, response_a=other.response_a, response_b=other.response_b, purpose="fun"
        ),
        "comparison_sealed_if_collected": lambda: Comparison.objects.filter(pk=made.comparison_id).update(
            status="judged", finished_at=timezone.now()
        ),
        "gold_once": lambda: Gold.objects.create(
            comparison=third, original=made.original, chosen="a", reason="As good."
        ),
        "repeat_once": lambda: Repeat.objects.create(comparison=third, original=made.original, annotator=ann),
    }.items():
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            write()
    assert made.comparison.slots.filter(status=SlotStatus.OPEN).count() == 0
