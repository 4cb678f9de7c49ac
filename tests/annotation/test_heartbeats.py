"""A page at work says so: its lease is renewed, its seconds are counted, its draft is kept whatever became of it."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from annotation import drafts, heartbeats, leases, queue, tasks
from annotation.leases import LeaseLost
from annotation.models import Assignment, Draft, WorkSession
from annotation.queue import Answer
from annotation.sessions import beat_seconds
from preferences.actions import campaigns
from preferences.choices import AssignmentStatus, SkipReason, SlotStatus
from preferences.models import Campaign, Event, Judgment, Slot
from tests.annotation.helpers import claimed, let_lease_end, new_annotator, new_comparison, open_campaign
from tests.concurrency import at_once

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def held(campaign: Campaign | None = None) -> Assignment:
    campaign = campaign or open_campaign(lease_seconds=600)
    new_comparison(campaign)
    return claimed(campaign, new_annotator(campaign))


def beat(assignment: Assignment, draft: dict[str, str] | None = None) -> Assignment:
    return heartbeats.beat(key=assignment.key, by=assignment.annotator, draft=draft).assignment


def let_pass(assignment: Assignment, seconds: float) -> None:
    """As if the last heartbeat had come that long ago."""
    ago = timezone.now() - timedelta(seconds=seconds)
    Assignment.objects.filter(pk=assignment.pk).update(beaten_at=ago)
    WorkSession.objects.filter(annotator=assignment.annotator).update(started_at=ago - HOUR, last_beat_at=ago)


@pytest.mark.parametrize(("lease", "beat"), [(1, 5), (20, 5), (60, 15), (120, 30), (900, 30), (86_400, 30)])
def test_a_page_beats_often_enough_for_its_lease_and_no_more(lease: int, beat: int) -> None:
    assert beat_seconds(Campaign(lease_seconds=lease)) == beat


def test_it_prolongs_the_lease_by_the_campaigns_time() -> None:
    assignment = held()
    Assignment.objects.update(leased_until=timezone.now() + timedelta(seconds=2))

    until = beat(assignment).leased_until

    left = (until - timezone.now()).total_seconds()
    assert 595 < left <= 600
    assert Assignment.objects.get().leased_until == until


def test_it_prolongs_a_lease_that_ended_while_nobody_looked() -> None:
    assignment = held()
    let_lease_end(assignment)

    beat(assignment)

    assert queue.submit(key=assignment.key, by=assignment.annotator, answer=Answer(place=1)).pk


def test_it_counts_the_seconds_between_beats() -> None:
    assignment = held()

    for _ in range(3):
        let_pass(assignment, 20)
        beat(assignment)

    assert Assignment.objects.get().active_seconds == pytest.approx(60, abs=3)


def test_it_counts_at_most_half_a_beat_too_late() -> None:
    assignment = held()
    let_pass(assignment, 600)  # somebody came to the door

    beat(assignment)

    assert Assignment.objects.get().active_seconds == 1.5 * beat_seconds(assignment.comparison.campaign) == 45


def test_it_counts_nothing_of_a_night_that_the_computer_slept() -> None:
    assignment = held()
    let_pass(assignment, 8 * 3600)

    beat(assignment)

    assert Assignment.objects.get().active_seconds == 0


def test_it_counts_nothing_where_the_clock_went_back() -> None:
    assignment = held()
    let_pass(assignment, -30)

    beat(assignment)

    assert Assignment.objects.get().active_seconds == 0


def test_a_judgment_has_the_seconds_of_its_beats_and_those_since_the_last() -> None:
    assignment = held()
    let_pass(assignment, 25)
    beat(assignment)
    let_pass(assignment, 10)

    judgment = queue.submit(key=assignment.key, by=assignment.annotator, answer=Answer(place=1))

    assert judgment.active_seconds == pytest.approx(35, abs=3)


def test_a_judgment_without_any_beat_counts_at_most_one_late_beat() -> None:
    assignment = held()
    let_pass(assignment, 500)

    judgment = queue.submit(key=assignment.key, by=assignment.annotator, answer=Answer(place=1))

    assert judgment.active_seconds == 45


def test_it_keeps_the_draft() -> None:
    assignment = held()

    beat(assignment, {"verdict": "3", "rationale": "Half a sen"})
    assert drafts.find(about=assignment.comparison, by=assignment.annotator).fields == {
        "verdict": "3",
        "rationale": "Half a sen",
    }
    beat(assignment)

    assert Draft.objects.get().fields["rationale"] == "Half a sen"


def taken_by_another(assignment: Assignment) -> None:
    let_lease_end(assignment)
    campaign = assignment.comparison.campaign
    assert claimed(campaign, new_annotator(campaign)).slot_id == assignment.slot_id


def judged_by_another(assignment: Assignment) -> None:
    let_lease_end(assignment)
    campaign = assignment.comparison.campaign
    other = claimed(campaign, new_annotator(campaign))
    queue.submit(key=other.key, by=other.annotator, answer=Answer(place=1))


def put_back(assignment: Assignment) -> None:
    let_lease_end(assignment)
    tasks.return_expired()


def given_back(assignment: Assignment) -> None:
    queue.skip(key=assignment.key, by=assignment.annotator, reason=SkipReason.OTHER)


@pytest.mark.parametrize("lose", [put_back, taken_by_another, judged_by_another, given_back])
def test_it_keeps_the_draft_also_where_the_lease_is_lost_and_says_so(lose) -> None:
    assignment = held()
    lose(assignment)

    with pytest.raises(LeaseLost, match=r"no longer yours.*kept as a draft") as refusal:
        beat(assignment, {"rationale": "My work."})

    assert refusal.value.code == "lease_lost"
    assert drafts.find(about=assignment.comparison, by=assignment.annotator).fields == {"rationale": "My work."}
    assert Assignment.objects.get(pk=assignment.pk).status != AssignmentStatus.ACTIVE


def test_it_takes_no_draft_of_what_is_submitted_and_does_not_complain() -> None:
    assignment = held()
    queue.submit(key=assignment.key, by=assignment.annotator, answer=Answer(place=1))
    before = Assignment.objects.values().get()

    beat(assignment, {"rationale": "Too late."})

    assert Assignment.objects.values().get() == before
    assert not Draft.objects.exists()


def test_it_beats_on_while_the_campaign_is_paused() -> None:
    assignment = held()
    campaigns.pause(campaign=assignment.comparison.campaign, by=None)

    beat(assignment, {"rationale": "Kept."})

    assert Draft.objects.exists()


def test_the_sweep_puts_every_ended_lease_back_and_no_other() -> None:
    campaign = open_campaign()
    for _ in range(4):
        new_comparison(campaign)
    alive, *ended = [claimed(campaign, new_annotator(campaign)) for _ in range(4)]
    for assignment in ended:
        let_lease_end(assignment)

    tasks.return_expired()

    assert Event.objects.filter(verb="assignment.expired").count() == 3
    assert Assignment.objects.get(status=AssignmentStatus.ACTIVE) == alive
    assert Slot.objects.filter(status=SlotStatus.OPEN).count() == 3
    tasks.return_expired()
    assert Event.objects.filter(verb="assignment.expired").count() == 3


def test_the_sweep_goes_on_until_nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "EXPIRED_AT_ONCE", 2)
    for _ in range(5):
        let_lease_end(held())

    tasks.return_expired()

    assert not Assignment.objects.filter(status=AssignmentStatus.ACTIVE).exists()


@pytest.mark.django_db(transaction=True)
def test_beats_at_once_count_the_time_once() -> None:
    assignment = held()
    let_pass(assignment, 20)

    got = at_once([partial(beat, assignment, {"rationale": f"Draft {n}."}) for n in range(8)])

    assert not [outcome for outcome in got if isinstance(outcome, Exception)]
    assert Assignment.objects.get().active_seconds == pytest.approx(20, abs=3)
    assert Draft.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_beat_and_a_submit_at_once_leave_one_judgment_and_no_complaint() -> None:
    assignment = held()
    submit = partial(queue.submit, key=assignment.key, by=assignment.annotator, answer=Answer(place=1))

    got = at_once([submit, *[partial(beat, assignment, {"rationale": "Half"})] * 5])

    assert not [outcome for outcome in got if isinstance(outcome, Exception)]
    assert Judgment.objects.get().assignment.pk == assignment.pk
    assert Assignment.objects.get().status == AssignmentStatus.SUBMITTED
