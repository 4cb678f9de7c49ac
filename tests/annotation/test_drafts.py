"""What was chosen and typed and not sent: kept for its person, under the same two texts on the same two sides."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from annotation import drafts, heartbeats, queue, tasks
from annotation.leases import LeaseLost
from annotation.models import Assignment, Draft
from annotation.queue import Answer
from annotation.visibility import position_left, sight_of, with_sight
from preferences.actions import campaigns
from preferences.choices import AssignmentStatus, Position, SkipReason, SlotStatus
from preferences.errors import Conflict, NotAllowed
from preferences.models import Comparison, Slot
from tests.annotation.helpers import claimed, let_lease_end, new_annotator, new_comparison, new_turn, open_campaign
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db

WORDS = {"verdict": "3", "rationale": "The left one is sh"}


def held(**settings: int) -> Assignment:
    campaign = open_campaign(**settings)
    new_comparison(campaign)
    return claimed(campaign, new_annotator(campaign))


def keep(assignment: Assignment, fields: dict[str, str]) -> None:
    heartbeats.beat(key=assignment.key, by=assignment.annotator, draft=fields)


def draft_of(assignment: Assignment, by: User | None = None) -> dict[str, str]:
    return drafts.find(about=assignment.comparison, by=by or assignment.annotator).fields


def test_it_stands_in_place_of_the_one_before() -> None:
    assignment = held()

    keep(assignment, WORDS)
    keep(assignment, {"rationale": "Another thought."})

    assert draft_of(assignment) == {"rationale": "Another thought."}
    assert Draft.objects.count() == 1


@pytest.mark.parametrize("empty", [{}, {"rationale": ""}, {"verdict": "", "rationale": ""}, {"unknown": "x"}], ids=str)
def test_it_is_removed_where_nothing_is_left(empty: dict[str, str]) -> None:
    assignment = held()
    keep(assignment, WORDS)

    for _ in range(2):
        keep(assignment, empty)

    assert draft_of(assignment) == {}
    assert not Draft.objects.exists()


def test_it_belongs_to_one_person() -> None:
    campaign = open_campaign(raters_per_item=2)
    new_comparison(campaign)
    ann, bob = (claimed(campaign, new_annotator(campaign)) for _ in range(2))

    keep(ann, {"rationale": "Ann's."})
    assert draft_of(bob) == {}
    keep(bob, {"rationale": "Bob's."})
    drafts.drop(about=bob.comparison, by=bob.annotator)

    assert (draft_of(ann), draft_of(bob)) == ({"rationale": "Ann's."}, {})


def test_it_belongs_to_one_subject() -> None:
    campaign = open_campaign()
    ann, turn = new_annotator(campaign), new_turn(campaign)

    drafts.keep(about=campaign, fields={"text": "Why?", "category": "factual"}, by=ann)
    drafts.keep(about=turn, fields={"text": "And then?"}, by=ann)

    assert drafts.find(about=campaign, by=ann).fields == {"text": "Why?", "category": "factual"}
    assert drafts.find(about=turn, by=ann).fields == {"text": "And then?"}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("a\x00b", "a\ufffdb"),
        ("\ud83d", "\ufffd"),
        ("ends in half a sign \udc00", "ends in half a sign \ufffd"),
        (" white space \n", " white space \n"),
        ("مرحبا 🏔 \u202e", "مرحبا 🏔 \u202e"),
        ("x" * 200_001, "x" * 200_000),
    ],
    ids=["NUL", "high surrogate", "low surrogate", "white space", "right to left", "too long"],
)
def test_it_keeps_whatever_was_typed_as_far_as_it_can_be_kept(typed: str, kept: str) -> None:
    assignment = held()

    keep(assignment, {"rationale": typed})

    assert draft_of(assignment) == {"rationale": kept}


def test_it_keeps_fields_of_ours_only() -> None:
    assignment = held()

    keep(assignment, {"rationale": "Mine.", "left": "b", "variant": "early", "__proto__": "x", "a\x00": "x"})

    assert draft_of(assignment) == {"rationale": "Mine."}


def test_a_person_sees_their_draft_with_the_comparison() -> None:
    campaign = open_campaign(raters_per_item=2)
    new_comparison(campaign)
    ann, bob = new_annotator(campaign), new_annotator(campaign)
    assert sight_of(claimed(campaign, ann)).draft == {}

    keep(claimed(campaign, ann), WORDS)

    assert sight_of(claimed(campaign, ann)).draft == WORDS
    assert sight_of(claimed(campaign, bob)).draft == {}


def test_it_outlives_the_lease_and_stands_under_the_same_two_sides() -> None:
    campaign = open_campaign()
    for _ in range(12):
        new_comparison(campaign)
    ann = new_annotator(campaign)
    for _ in range(12):
        first = claimed(campaign, ann)
        keep(first, WORDS)
        before = sight_of(first)
        let_lease_end(first)
        tasks.return_expired()

        again = claimed(campaign, ann)

        after = sight_of(again)
        assert (again.comparison, again.key != first.key) == (first.comparison, True)
        assert (after.texts, after.draft) == (before.texts, WORDS)
        queue.skip(key=again.key, by=ann, reason=SkipReason.OTHER)


def test_the_side_is_drawn_for_a_person_and_a_comparison() -> None:
    comparisons = [Comparison(pk=number, response_b_id=number) for number in range(400)]
    ann, bob = User(pk=1), User(pk=2)

    of_ann = [position_left(comparison, ann) for comparison in comparisons]
    of_bob = [position_left(comparison, bob) for comparison in comparisons]

    assert of_ann == [position_left(comparison, ann) for comparison in comparisons]
    for drawn in (of_ann, of_bob):
        assert 140 <= drawn.count(Position.A) <= 260  # outside of this once in five hundred million runs
    same = sum(one is other for one, other in zip(of_ann, of_bob, strict=True))
    assert 140 <= same <= 260


def test_every_lease_has_the_side_that_was_drawn() -> None:
    campaign = open_campaign(raters_per_item=4)
    new_comparison(campaign)

    for _ in range(4):
        assignment = claimed(campaign, new_annotator(campaign))
        assert assignment.left is position_left(assignment.comparison, assignment.annotator)


def test_what_was_lost_is_taken_up_again_while_nobody_has_it() -> None:
    lost = held()
    keep(lost, WORDS)
    let_lease_end(lost)

    again = queue.reclaim(key=lost.key, by=lost.annotator)

    assert again.key != lost.key
    assert (again.slot_id, again.shown_left) == (lost.slot_id, lost.shown_left)
    assert again.leased_until > timezone.now()
    assert sight_of(again).draft == WORDS
    lost.refresh_from_db()
    assert lost.status == AssignmentStatus.EXPIRED
    assert queue.submit(key=again.key, by=again.annotator, answer=Answer(place=1)).pk


def test_what_was_given_back_is_taken_up_again() -> None:
    given = held()
    queue.skip(key=given.key, by=given.annotator, reason=SkipReason.EXPERTISE)

    again = queue.reclaim(key=given.key, by=given.annotator)

    assert (again.slot_id, again.status) == (given.slot_id, AssignmentStatus.ACTIVE)
    assert Slot.objects.get().status == SlotStatus.LEASED


def test_another_slot_of_the_same_comparison_does_as_well() -> None:
    lost = held(raters_per_item=2)
    let_lease_end(lost)
    tasks.return_expired()
    other = claimed(lost.comparison.campaign, new_annotator(lost.comparison.campaign))
    assert other.comparison_id == lost.comparison_id

    assert queue.reclaim(key=lost.key, by=lost.annotator).comparison == lost.comparison


@pytest.mark.parametrize("judged", [False, True], ids=["held by another", "judged by another"])
def test_what_others_have_taken_is_lost_and_its_draft_is_kept(judged: bool) -> None:
    lost = held()
    keep(lost, WORDS)
    let_lease_end(lost)
    other = claimed(lost.comparison.campaign, new_annotator(lost.comparison.campaign))
    if judged:
        queue.submit(key=other.key, by=other.annotator, answer=Answer(place=1))

    with pytest.raises(LeaseLost, match=r"Others have taken this comparison meanwhile.*kept as a draft"):
        queue.reclaim(key=lost.key, by=lost.annotator)
    assert draft_of(lost) == WORDS


@pytest.mark.parametrize("submitted", [False, True], ids=["held", "submitted"])
def test_what_is_still_ones_own_is_not_taken_up_again_but_shown(submitted: bool) -> None:
    mine = held()
    if submitted:
        queue.submit(key=mine.key, by=mine.annotator, answer=Answer(place=1))

    found = queue.reclaim(key=mine.key, by=mine.annotator)

    assert found == mine
    assert sight_of(found).key == mine.key
    assert Assignment.objects.count() == 1


def test_nothing_is_taken_up_again_while_the_campaign_is_paused_or_by_who_left_it() -> None:
    lost = held()
    let_lease_end(lost)
    campaigns.pause(campaign=lost.comparison.campaign, by=None)
    with pytest.raises(Conflict, match="is not open for work now"):
        queue.reclaim(key=lost.key, by=lost.annotator)

    lost.annotator.memberships.all().delete()
    with pytest.raises(NotAllowed, match="You are not an annotator"):
        queue.reclaim(key=lost.key, by=lost.annotator)


def test_only_drafts_that_nobody_came_back_to_are_purged() -> None:
    old, young = held(), held()
    for assignment in (old, young):
        keep(assignment, WORDS)
    month = timedelta(days=30)
    Draft.objects.filter(annotator=old.annotator).update(updated_at=timezone.now() - month - timedelta(minutes=1))
    Draft.objects.filter(annotator=young.annotator).update(updated_at=timezone.now() - month + timedelta(minutes=1))

    tasks.purge_drafts()

    assert (draft_of(old), draft_of(young)) == ({}, WORDS)
    assert drafts.purge() == 0


def test_a_submitted_comparison_needs_its_draft_no_more() -> None:
    assignment = held()
    keep(assignment, WORDS)

    queue.submit(key=assignment.key, by=assignment.annotator, answer=Answer(place=3))

    found = with_sight(Assignment.objects.filter(pk=assignment.pk), assignment.annotator).get()
    assert sight_of(found).draft == {}
