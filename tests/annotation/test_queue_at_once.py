"""The queue under concurrency: many threads, each with its own connection, on the same few rows."""

from __future__ import annotations

from collections import Counter
from functools import partial

import pytest

from annotation import queue
from annotation.models import Assignment
from annotation.queue import Answer
from preferences.choices import AssignmentStatus, ComparisonStatus, SkipReason, SlotStatus
from preferences.errors import Conflict
from preferences.models import Event, Judgment, Slot
from tests.annotation.helpers import claimed, let_lease_end, new_annotator, new_comparison, open_campaign
from tests.concurrency import at_once
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db(transaction=True)

CROWD = 16


def test_it_never_hands_one_slot_to_two() -> None:
    campaign = open_campaign(raters_per_item=3)
    for _ in range(2):
        new_comparison(campaign)
    crowd = [new_annotator(campaign) for _ in range(CROWD)]

    got = at_once([partial(queue.claim, campaign=campaign, by=person) for person in crowd])

    assert not [outcome for outcome in got if isinstance(outcome, Exception)]
    leases = [assignment for assignment in got if assignment is not None]
    assert len(leases) == 6
    assert len({assignment.slot_id for assignment in leases}) == 6
    assert Slot.objects.filter(status=SlotStatus.LEASED).count() == 6
    assert Event.objects.filter(verb="assignment.claimed").count() == 6


def test_it_gives_everybody_something_while_there_is_enough() -> None:
    campaign = open_campaign(raters_per_item=2)
    for _ in range(CROWD // 2):
        new_comparison(campaign)
    crowd = [new_annotator(campaign) for _ in range(CROWD)]

    got = at_once([partial(queue.claim, campaign=campaign, by=person) for person in crowd])

    assert len({assignment.slot_id for assignment in got}) == CROWD


def test_it_never_exceeds_the_cap_nor_asks_anybody_twice_when_all_work_until_nothing_is_left() -> None:
    campaign = open_campaign(raters_per_item=3)
    pairs = [new_comparison(campaign) for _ in range(4)]
    crowd = [new_annotator(campaign) for _ in range(CROWD)]

    def work(person: User) -> int:
        done = 0
        while assignment := queue.claim(campaign=campaign, by=person):
            queue.submit(key=assignment.key, by=person, answer=Answer(place=1 + done % 8))
            done += 1
        return done

    done = at_once([partial(work, person) for person in crowd])

    assert sum(done) == 12
    made = list(Judgment.objects.values_list("comparison_id", "annotator_id"))
    assert len(set(made)) == len(made) == 12
    assert Counter(comparison for comparison, _ in made) == {pair.pk: 3 for pair in pairs}
    for pair in pairs:
        pair.refresh_from_db()
        assert pair.status == ComparisonStatus.JUDGED
        assert pair.finished_at is not None
    assert Event.objects.filter(verb="comparison.judged").count() == 4


def test_it_gives_one_person_in_many_tabs_one_assignment() -> None:
    campaign = open_campaign(raters_per_item=3)
    for _ in range(3):
        new_comparison(campaign)
    ann = new_annotator(campaign)

    got = at_once([partial(queue.claim, campaign=campaign, by=ann)] * 6)

    assert {assignment.pk for assignment in got} == {Assignment.objects.get().pk}
    assert Slot.objects.filter(status=SlotStatus.LEASED).count() == 1


@pytest.mark.parametrize("raters", [1, 3])
def test_it_gives_an_author_in_many_tabs_one_assignment_of_their_own_turn(raters: int) -> None:
    campaign = open_campaign(raters_per_item=raters)
    ann = new_annotator(campaign)
    pair = new_comparison(campaign, author=ann)

    got = at_once([partial(queue.claim_own, comparison=pair, by=ann)] * 6)

    assert [outcome for outcome in got if isinstance(outcome, Exception)] == []
    assert {assignment.pk for assignment in got} == {Assignment.objects.get().pk}
    assert Slot.objects.filter(status=SlotStatus.LEASED).count() == 1


def test_it_stores_one_judgment_of_fifty_submits_and_answers_all_that_say_the_same() -> None:
    campaign = open_campaign(raters_per_item=2)
    new_comparison(campaign)
    ann = new_annotator(campaign)
    assignment = claimed(campaign, ann)
    # Eight different verdicts, as from eight windows: one is stored, and the others are told so.
    clicks = [partial(queue.submit, key=assignment.key, by=ann, answer=Answer(place=1 + n % 8)) for n in range(50)]

    got = at_once(clicks)

    stored = Judgment.objects.get()
    answered = [outcome for outcome in got if not isinstance(outcome, Conflict)]
    assert len(answered) in {6, 7}  # as many of the fifty as said what is stored
    assert {(judgment.pk, judgment.chosen, judgment.degree) for judgment in answered} == {
        (stored.pk, stored.chosen, stored.degree)
    }
    assert {str(outcome)[:24] for outcome in got if isinstance(outcome, Conflict)} == {"You gave another verdict"}
    assert Event.objects.filter(verb="judgment.recorded").count() == 1
    assert Slot.objects.filter(status=SlotStatus.FILLED).count() == 1


def test_it_returns_an_ended_lease_once_however_many_look() -> None:
    campaign = open_campaign()
    new_comparison(campaign)
    first = claimed(campaign, new_annotator(campaign))
    let_lease_end(first)
    crowd = [new_annotator(campaign) for _ in range(8)]

    got = at_once([partial(queue.claim, campaign=campaign, by=person) for person in crowd])

    assert not [outcome for outcome in got if isinstance(outcome, Exception)]
    assert Event.objects.filter(verb="assignment.expired").count() == 1
    first.refresh_from_db()
    assert first.status == AssignmentStatus.EXPIRED
    # One who looked while it was being put back may find nothing yet; the next who looks has it.
    again = queue.claim(campaign=campaign, by=crowd[0])
    holders = Assignment.objects.filter(status=AssignmentStatus.ACTIVE)
    assert holders.count() == 1
    assert again is None or again == holders.get()


def test_it_keeps_one_outcome_when_a_submit_and_a_release_meet() -> None:
    campaign = open_campaign()
    new_comparison(campaign)
    for _ in range(5):
        ann = new_annotator(campaign)
        assignment = claimed(campaign, ann)
        submitted, released = at_once(
            [
                partial(queue.submit, key=assignment.key, by=ann, answer=Answer(place=1)),
                partial(queue.skip, key=assignment.key, by=ann, reason=SkipReason.OTHER),
            ]
        )
        assert isinstance(submitted, Conflict) != isinstance(released, Conflict)
        stored = Judgment.objects.filter(annotator=ann).count()
        assert stored == (0 if isinstance(submitted, Conflict) else 1)
        if stored:
            return
