"""In which order the queue hands out its comparisons."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from annotation import leases, ordering, pools, queue
from annotation.models import Assignment, PoolMember
from annotation.queue import Answer
from preferences.actions import pools as kept
from preferences.actions import prompts, slots
from preferences.choices import SlotStatus
from preferences.errors import Conflict, InvalidInput
from preferences.models import Campaign, Comparison, Event, Pool, Slot
from tests import factories
from tests.annotation.helpers import claimed, new_annotator, new_comparison, open_campaign
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db


def judge_next(campaign: Campaign, by: User) -> Comparison:
    assignment = claimed(campaign, by)
    queue.submit(key=assignment.key, by=by, answer=Answer(place=1))
    return assignment.comparison


def test_what_lacks_one_judgment_comes_before_what_lacks_more_whatever_is_older() -> None:
    campaign = open_campaign(raters_per_item=3)
    old, young = new_comparison(campaign), new_comparison(campaign)
    for _ in range(2):
        factories.judge(young)

    got = [claimed(campaign, new_annotator(campaign)).comparison for _ in range(4)]

    assert got == [young, old, old, old]


def test_two_people_never_wait_for_each_other_on_one_comparison() -> None:
    campaign = open_campaign(raters_per_item=3)
    comparison = new_comparison(campaign)

    for number in range(3):
        assert claimed(campaign, new_annotator(campaign)).comparison == comparison
        assert comparison.slots.filter(status=SlotStatus.LEASED).count() == number + 1

    assert queue.claim(campaign=campaign, by=new_annotator(campaign)) is None


def test_a_slot_that_comes_back_is_handed_out_again_and_no_other_is_lost() -> None:
    campaign = open_campaign(raters_per_item=2)
    comparison = new_comparison(campaign)
    ann, bob, cyd = (new_annotator(campaign) for _ in range(3))
    queue.skip(key=claimed(campaign, ann).key, by=ann, reason="other")

    assert {judge_next(campaign, person) for person in (bob, cyd)} == {comparison}
    assert set(comparison.slots.values_list("status", flat=True)) == {SlotStatus.FILLED}


def test_the_same_prompt_does_not_come_twice_in_a_row_where_another_will_do() -> None:
    campaign = open_campaign()
    first, again = (new_comparison(campaign, text=text) for text in ("Why is the sky blue?", "why is  the SKY blue?"))
    other = new_comparison(campaign, text="Why is grass green?")
    ann = new_annotator(campaign)

    assert [judge_next(campaign, ann) for _ in range(3)] == [first, other, again]


def test_it_does_come_where_nothing_else_is_left() -> None:
    campaign = open_campaign()
    pair = [new_comparison(campaign, text="Why is the sky blue?") for _ in range(2)]
    ann = new_annotator(campaign)

    assert [judge_next(campaign, ann) for _ in range(2)] == pair


def test_categories_take_turns_among_what_lacks_equally_much() -> None:
    campaign = open_campaign()
    made = []
    for category, text in (("factual", "One?"), ("factual", "Two?"), ("writing", "Three?")):
        turn = prompts.submit(campaign=campaign, text=text, by=None, category=category)
        made.append(factories.comparison(of=turn))
    ann = new_annotator(campaign)

    assert [judge_next(campaign, ann) for _ in range(3)] == [made[0], made[2], made[1]]


def test_a_person_far_ahead_gets_what_nobody_has_begun_and_in_the_end_everything(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ordering, "WINDOW", 2)
    # What is kept has the larger window.
    monkeypatch.setattr(leases, "prepared_look", leases.prepared_look.__wrapped__)
    campaign = open_campaign(raters_per_item=2)
    ahead, ann = new_annotator(campaign), new_annotator(campaign)
    made = [new_comparison(campaign) for _ in range(6)]
    for comparison in made[:4]:
        factories.judge(comparison, ahead)
    factories.judge(made[4], ann)  # behind what a look at the first two shows

    assert [judge_next(campaign, ahead) for _ in range(2)] == [made[5], made[4]]
    assert queue.claim(campaign=campaign, by=ahead) is None


def test_a_pools_comparisons_are_for_its_people_and_come_to_them_first() -> None:
    campaign = open_campaign(raters_per_item=2)
    made = [new_comparison(campaign) for _ in range(3)]
    factories.judge(made[2])
    ann, bob, boss = new_annotator(campaign), new_annotator(campaign), factories.user("boss")
    pool = kept.create(campaign=campaign, name="Nurses", by=boss)
    pools.add(pool=pool, annotator=ann, by=boss)
    pools.add(pool=pool, annotator=ann, by=boss)

    assert kept.keep(pool=pool, count=1, by=boss) == 1

    assert [judge_next(campaign, bob) for _ in range(2)] == [made[2], made[1]]
    assert queue.claim(campaign=campaign, by=bob) is None
    assert judge_next(campaign, ann) == made[0]
    assert judge_next(campaign, ann) == made[1]
    pools.remove(pool=pool, annotator=ann, by=boss)
    assert kept.give_back(pool=pool, by=boss) == 1
    assert judge_next(campaign, bob) == made[0]
    verbs = Event.objects.filter(verb__startswith="pool.").values_list("verb", flat=True)
    assert list(verbs) == [
        "pool.created", "pool.member_added", "pool.filled", "pool.member_removed", "pool.given_back",
    ]  # fmt: skip


def test_a_pool_is_filled_by_category_and_with_what_is_everybodys_only() -> None:
    campaign = open_campaign(track="safety")
    new_comparison(campaign)
    pool, other = (kept.create(campaign=campaign, name=name, by=None) for name in ("One", "Two"))

    with pytest.raises(Conflict, match="left to be kept for “One”"):
        kept.keep(pool=pool, count=5, category="hateful_and_harmful", by=None)
    assert kept.keep(pool=pool, count=5, category="unqualified_advice", by=None) == 1
    with pytest.raises(Conflict, match="left to be kept for “Two”"):
        kept.keep(pool=other, count=5, by=None)
    for count in (None, 0):
        with pytest.raises(InvalidInput, match="as a whole number from 1"):
            kept.keep(pool=pool, count=count, by=None)
    with pytest.raises(Conflict, match="a pool “One” already"):
        kept.create(campaign=campaign, name="One", by=None)
    with pytest.raises(Conflict, match="no annotator of"):
        pools.add(pool=pool, annotator=factories.user("stranger"), by=factories.user("boss"))


def test_the_database_keeps_pools_apart() -> None:
    pool, elsewhere = Pool.objects.create(campaign=open_campaign(), name="One"), new_comparison(open_campaign())
    person = factories.user("person")
    for name, write in {
        "pool_once": lambda: Pool.objects.create(campaign=pool.campaign, name="One"),
        "pool_member_once": lambda: [PoolMember.objects.create(pool=pool, annotator=person) for _ in range(2)],
        "slot_pool_of_campaign": lambda: Slot.objects.filter(comparison=elsewhere).update(pool=pool),
    }.items():
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            write()
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_no_slot_is_leased_twice_by_the_kernel() -> None:
    comparison = new_comparison(open_campaign(raters_per_item=2))
    slot, stale = comparison.slots.get(number=0), comparison.slots.get(number=0)
    slots.lease(slot)

    slots.lease(comparison.slots.get(number=1))

    with pytest.raises(Conflict, match="something else moved it first"):
        slots.lease(stale)
    assert Assignment.objects.count() == 0
