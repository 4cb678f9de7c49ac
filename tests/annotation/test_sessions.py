"""Work sessions: the server's clock alone says how long somebody worked, and no second counts twice."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from django.db import transaction
from django.utils import timezone

from annotation import heartbeats, leases, memberships, queue, sessions, writing
from annotation.models import Assignment, Role, WorkSession, WritingTime
from annotation.queue import Answer
from preferences.models import Campaign, Prompt
from tests import factories
from tests.annotation.helpers import claimed, new_annotator, new_comparison, new_user, open_campaign
from tests.clock import Clock
from tests.concurrency import at_once
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db


def sign(by: User, campaign: Campaign) -> float:
    with transaction.atomic():
        return sessions.move(by=leases.alone(by), campaign=campaign)


def signs(clock: Clock, by: User, campaign: Campaign, *pauses: float) -> None:
    """A sign of life now, and one after each pause of so many seconds."""
    sign(by, campaign)
    for pause in pauses:
        clock.goes(seconds=pause)
        sign(by, campaign)


def test_it_counts_the_time_between_signs_of_life(clock: Clock) -> None:
    signs(clock, new_user(), open_campaign(), 30, 12.5, 29)

    session = WorkSession.objects.get()
    assert session.active_seconds == 71.5
    assert session.last_beat_at - session.started_at == timedelta(seconds=71.5)
    assert session.is_running


def test_of_a_pause_it_counts_no_more_than_a_heartbeat_may_be_late(clock: Clock) -> None:
    signs(clock, new_user(), open_campaign(), 14 * 60)
    assert WorkSession.objects.get().active_seconds == 45


def test_a_gap_of_more_than_a_quarter_of_an_hour_ends_the_session_and_counts_nothing(clock: Clock) -> None:
    began = clock.now
    signs(clock, new_user(), open_campaign(), 30, 15 * 60 + 1, 20)

    first, second = WorkSession.objects.order_by("pk")
    assert (first.is_running, first.active_seconds, first.last_beat_at) == (False, 30, began + timedelta(seconds=30))
    assert (second.is_running, second.active_seconds, second.started_at) == (True, 20, began + timedelta(seconds=931))


@pytest.mark.parametrize("years", [-30, 30], ids=["back", "ahead"])
def test_a_clock_that_jumps_counts_nothing_and_the_next_beat_counts_as_ever(clock: Clock, years: int) -> None:
    ann, campaign = new_user(), open_campaign()
    signs(clock, ann, campaign, 30)
    for jump in (years, -years):
        clock.goes(days=365 * jump)
        assert sign(ann, campaign) == 0
        clock.goes(seconds=20)
        assert sign(ann, campaign) == 20

    assert sum(WorkSession.objects.values_list("active_seconds", flat=True)) == 30 + 20 + 20
    assert WorkSession.objects.filter(is_running=True).count() == 1


def test_a_clock_set_back_by_a_second_costs_nobody_the_rest_of_the_day(clock: Clock) -> None:
    signs(clock, new_user(), open_campaign(), 30, -1, 30, 30)
    assert sum(WorkSession.objects.values_list("active_seconds", flat=True)) == 90


def test_two_windows_of_one_campaign_count_as_one(clock: Clock) -> None:
    ann, campaign = new_user(), open_campaign()
    sign(ann, campaign)
    for _ in range(10):
        for pause in (20, 10):  # each window beats every half minute
            clock.goes(seconds=pause)
            sign(ann, campaign)
    assert WorkSession.objects.get().active_seconds == 300


def test_two_windows_of_two_campaigns_share_the_time_and_run_in_turn(clock: Clock) -> None:
    ann, one, other = new_user(), open_campaign(), open_campaign()
    sign(ann, one)
    for _ in range(10):
        for pause, campaign in ((20, other), (10, one)):
            clock.goes(seconds=pause)
            sign(ann, campaign)
    assert WorkSession.objects.get(campaign=one).active_seconds == 100
    assert WorkSession.objects.get(campaign=other).active_seconds == 200
    assert WorkSession.objects.get(is_running=True).campaign == one


def test_people_do_not_share_a_clock(clock: Clock) -> None:
    campaign = open_campaign()
    for person in (new_user(), new_user()):
        signs(clock, person, campaign, 30)
    assert list(WorkSession.objects.values_list("active_seconds", flat=True)) == [30, 30]


@pytest.mark.django_db(transaction=True)
def test_signs_at_once_count_the_time_once() -> None:
    ann, campaign = new_user(), open_campaign()
    sign(ann, campaign)
    ago = timezone.now() - timedelta(seconds=20)
    WorkSession.objects.update(started_at=ago, last_beat_at=ago)

    other = open_campaign()
    got = at_once([partial(sign, ann, campaign)] * 6 + [partial(sign, ann, other)] * 2)

    assert sum(got) == pytest.approx(20, abs=5)
    assert sum(WorkSession.objects.values_list("active_seconds", flat=True)) == pytest.approx(sum(got))
    assert WorkSession.objects.filter(is_running=True).count() == 1


def test_an_answer_counts_the_time_since_the_last_sign_to_its_item_and_to_the_session(clock: Clock) -> None:
    campaign = open_campaign()
    for _ in range(3):
        new_comparison(campaign)
    item = claimed(campaign, new_annotator(campaign))
    for seconds in (12, 7):
        clock.goes(seconds=seconds)
        following = queue.submit_and_claim(key=item.key, by=item.annotator, answer=Answer(place=1)).following
        assert Assignment.objects.get(pk=item.pk).active_seconds == seconds
        assert Assignment.objects.get(pk=item.pk).judgment.active_seconds == seconds
        assert following is not None
        item = following
    assert WorkSession.objects.get().active_seconds == 19


def test_two_pairs_in_two_windows_never_have_more_seconds_than_went_by(clock: Clock) -> None:
    one, other = open_campaign(), open_campaign()
    ann = new_annotator(one)
    memberships.add(user=ann, campaign=other, role=Role.ANNOTATOR, by=None)
    factories.reads(ann, other)
    new_comparison(one)
    new_comparison(other)
    left, right = claimed(one, ann), claimed(other, ann)
    for _ in range(4):
        for item in (left, right):
            clock.goes(seconds=15)
            heartbeats.beat(key=item.key, by=ann)
    clock.goes(seconds=15)
    queue.submit(key=left.key, by=ann, answer=Answer(place=1))
    heartbeats.beat(key=right.key, by=ann)

    spent = Assignment.objects.values_list("active_seconds", flat=True)
    assert sorted(spent) == [60, 75]
    assert sum(WorkSession.objects.values_list("active_seconds", flat=True)) == 135


def test_an_edit_and_a_change_of_mind_are_work_on_the_item_and_not_of_the_verdict(clock: Clock) -> None:
    campaign = open_campaign(asks_edit=True)
    new_comparison(campaign)
    item = claimed(campaign, new_annotator(campaign))
    clock.goes(seconds=10)
    judgment = queue.submit(key=item.key, by=item.annotator, answer=Answer(place=1))
    clock.goes(seconds=20)
    chosen = judgment.comparison.response_a
    heartbeats.beat_edit(key=item.key, by=item.annotator, chosen=chosen, draft={"text": "Half a sen"})
    clock.goes(seconds=5)
    queue.edit_chosen(key=item.key, by=item.annotator, text="A whole sentence.")
    clock.goes(seconds=8)
    heartbeats.beat(key=item.key, by=item.annotator, draft={"verdict": "2", "revision": "0"})
    clock.goes(seconds=4)
    queue.revise(key=item.key, by=item.annotator, answer=Answer(place=2), revision=0)

    stored = Assignment.objects.get()
    assert stored.active_seconds == 10 + 20 + 5 + 8 + 4
    assert stored.judgment.active_seconds == 10
    assert WorkSession.objects.get().active_seconds == 47


def test_a_text_has_the_time_of_its_saves_and_of_its_sending(clock: Clock) -> None:
    campaign = open_campaign()
    ann = new_annotator(campaign)
    writing.beat(about=campaign, campaign=campaign, fields={"text": "Why"}, by=ann)
    for _ in range(3):
        clock.goes(seconds=20)
        writing.beat(about=campaign, campaign=campaign, fields={"text": "Why is"}, by=ann)
    clock.goes(seconds=6)
    with transaction.atomic():
        assert writing.taken(about=campaign, campaign=campaign, by=ann) == 66
    assert not WritingTime.objects.exists()
    assert WorkSession.objects.get().active_seconds == 66


def test_a_text_that_is_rubbed_out_keeps_its_time(clock: Clock) -> None:
    campaign = open_campaign()
    ann = new_annotator(campaign)
    for text in ("Why", "", "How"):
        clock.goes(seconds=20)
        writing.beat(about=campaign, campaign=campaign, fields={"text": text}, by=ann)
    assert WritingTime.objects.get().active_seconds == 40


def test_a_prompt_without_any_measured_time_has_none() -> None:
    campaign = open_campaign()
    new_comparison(campaign)
    assert Prompt.objects.get().active_seconds is None
