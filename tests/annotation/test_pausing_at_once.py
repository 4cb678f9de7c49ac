"""A pause that meets a submit, a claim, or another pause at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import transaction

from annotation import heartbeats, leases, memberships, people, queue
from annotation.leases import LeaseLost
from annotation.models import Assignment, Membership, Role
from annotation.permissions import WorkPaused
from annotation.queue import Answer
from preferences.choices import AssignmentStatus, SlotStatus
from preferences.errors import Conflict, NotAllowed
from preferences.models import Campaign, Event, Judgment, Slot
from tests import factories
from tests.annotation.helpers import claimed, new_annotator, new_comparison, open_campaign
from tests.annotation.test_pausing import everywhere, here, role_of
from tests.concurrency import Beside, at_once
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db(transaction=True)

Pause = Callable[[User, Campaign], None]


def leave(user: User, campaign: Campaign) -> None:
    memberships.remove(membership=role_of(user, campaign), by=factories.user(is_superuser=True))


stops = pytest.mark.parametrize("stop", [everywhere, here, leave])


def nothing_is_held() -> None:
    assert not Assignment.objects.filter(status=AssignmentStatus.ACTIVE).exists()
    assert not Slot.objects.filter(status=SlotStatus.LEASED).exists()


@stops
@pytest.mark.parametrize("send", [queue.submit, queue.submit_and_claim])
def test_a_submit_that_holds_its_lease_while_the_pause_comes_is_refused_and_the_lease_goes_back(
    stop: Pause, send: Callable[..., Any]
) -> None:
    campaign = open_campaign()
    new_comparison(campaign)
    ann = new_annotator(campaign)
    held = claimed(campaign, ann)
    with transaction.atomic():
        leases.alone(ann)  # the pause has the person's row and not yet said what it is about
        sending = Beside(partial(send, key=held.key, by=ann, answer=Answer(place=2)))
        stop(ann, campaign)
        assert Assignment.objects.filter(status=AssignmentStatus.ACTIVE).exists(), "The submit holds it."
    outcome = sending.outcome()
    assert type(outcome) is (NotAllowed if stop is leave else WorkPaused)
    assert not Judgment.objects.exists()
    nothing_is_held()
    assert Event.objects.filter(verb="assignment.taken_back").count() == 1


@stops
def test_a_claim_that_waits_for_the_pause_gets_nothing(stop: Pause) -> None:
    campaign = open_campaign()
    new_comparison(campaign)
    ann = new_annotator(campaign)
    with transaction.atomic():
        stop(ann, campaign)
        claiming = Beside(partial(queue.claim, campaign=campaign, by=ann))
    assert isinstance(claiming.outcome(), NotAllowed)
    nothing_is_held()


@pytest.mark.parametrize("stop", [everywhere, here])
def test_a_heartbeat_that_waits_for_the_pause_prolongs_nothing(stop: Pause) -> None:
    campaign = open_campaign()
    new_comparison(campaign)
    ann = new_annotator(campaign)
    held = claimed(campaign, ann)
    with transaction.atomic():
        leases.alone(ann)
        beating = Beside(partial(heartbeats.beat, key=held.key, by=ann, draft={"rationale": "Kept"}))
        stop(ann, campaign)
    outcome = beating.outcome()
    assert isinstance(outcome, LeaseLost) and "paused" in str(outcome)
    nothing_is_held()


@pytest.mark.parametrize("stop", [everywhere, here])
def test_a_pause_that_comes_while_a_submit_runs_takes_the_pair_that_it_brings(stop: Pause) -> None:
    campaign = open_campaign()
    for _ in range(2):
        new_comparison(campaign)
    ann = new_annotator(campaign)
    held = claimed(campaign, ann)
    with transaction.atomic():
        sent = queue.submit_and_claim(key=held.key, by=ann, answer=Answer(place=2))
        assert sent.following is not None
        pausing = Beside(partial(stop, ann, campaign))
    assert pausing.outcome() is None
    assert Judgment.objects.get() == sent.judgment
    nothing_is_held()


@pytest.mark.parametrize("stop", [everywhere, here])
def test_however_pauses_submits_and_claims_fall_nothing_stays_held_and_what_was_answered_is_stored(
    stop: Pause,
) -> None:
    campaign = open_campaign()
    for _ in range(12):
        new_comparison(campaign)
    for _ in range(6):
        ann = new_annotator(campaign)
        held = claimed(campaign, ann)
        before = Judgment.objects.count()
        sent, got, paused = at_once(
            [
                partial(queue.submit_and_claim, key=held.key, by=ann, answer=Answer(place=2)),
                partial(queue.claim, campaign=campaign, by=ann),
                partial(stop, ann, campaign),
            ]
        )
        assert paused is None
        assert isinstance(sent, WorkPaused) or sent.judgment.pk
        assert isinstance(got, WorkPaused | Assignment | None)
        assert Judgment.objects.count() - before == (0 if isinstance(sent, WorkPaused) else 1)
        nothing_is_held()


def test_two_pauses_at_once_are_one() -> None:
    campaign = open_campaign()
    ann = new_annotator(campaign)
    assert at_once([partial(people.pause, user=ann, reason="Why", by=None)] * 4) == [None] * 4
    assert Event.objects.filter(verb="user.paused").count() == 1


def test_of_two_managers_who_remove_each_other_one_stays() -> None:
    campaign = open_campaign()
    mara, mo = factories.manager(campaign), factories.manager(campaign)
    got = at_once(
        [
            partial(memberships.remove, membership=role_of(mara, campaign, Role.MANAGER), by=mo),
            partial(memberships.remove, membership=role_of(mo, campaign, Role.MANAGER), by=mara),
        ]
    )
    assert sorted(type(outcome) for outcome in got if outcome is not None) in ([Conflict], [NotAllowed])
    assert Membership.objects.filter(campaign=campaign, role=Role.MANAGER).count() == 1
