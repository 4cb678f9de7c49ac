"""What the database refuses of assignments, memberships and sampling runs."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from annotation.models import Assignment, Membership, Role, WorkSession, WritingTime
from preferences.choices import AssignmentStatus, SamplingStatus
from preferences.models import Comparison, Slot
from tests import factories
from tests.factories.dialogues import PromptFactory
from tests.preferences.refusals import refused
from webapp.accounts.models import User
from workers.models import SamplingRun

pytestmark = pytest.mark.django_db


def lease(slot: Slot, annotator: User, **fields: Any) -> Assignment:
    times = dict.fromkeys(("created_at", "beaten_at", "leased_until"), timezone.now())
    told = {"comparison": slot.comparison, "shown_left": "a", **times, **fields}
    return Assignment.objects.create(slot=slot, annotator=annotator, **told)


@pytest.fixture
def comparison() -> Comparison:
    return factories.comparison(factories.campaign(raters_per_item=2))


@pytest.fixture
def run() -> SamplingRun:
    return factories.sampling_run(factories.campaign())


def test_a_slot_is_held_by_one_annotator_at_a_time(comparison: Comparison) -> None:
    slot = comparison.slots.first()
    assert slot is not None
    lease(slot, factories.user())
    other = factories.user()
    with refused("assignment_holds_slot_alone"):
        lease(slot, other)


@pytest.mark.parametrize("status", [AssignmentStatus.EXPIRED, AssignmentStatus.RELEASED])
def test_a_slot_given_back_may_be_held_again_by_anybody(comparison: Comparison, status: str) -> None:
    slot, annotator = comparison.slots.first(), factories.user()
    assert slot is not None
    lease(slot, annotator, status=status)
    assert lease(slot, annotator).pk
    assert slot.assignments.count() == 2


def test_an_annotator_holds_one_slot_of_a_comparison(comparison: Comparison) -> None:
    one, two = comparison.slots.all()
    annotator = factories.user()
    lease(one, annotator)
    with refused("assignment_once_per_annotator"):
        lease(two, annotator)


def test_an_annotator_who_submitted_holds_no_further_slot_of_the_comparison() -> None:
    campaign = factories.campaign(raters_per_item=2)
    done = factories.submitted_assignment(campaign)
    slot = done.comparison.slots.get(status="open")
    with refused("assignment_once_per_annotator"):
        lease(slot, done.annotator)


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"status": "lost"}, "assignment_status"),
        ({"shown_left": "c"}, "assignment_shown_left"),
        ({"shown_left": ""}, "assignment_shown_left"),
        ({"status": AssignmentStatus.SUBMITTED}, "assignment_submitted_with_judgment"),
    ],
    ids=str,
)
def test_an_assignment_that_cannot_be_is_refused(
    comparison: Comparison, fields: dict[str, Any], constraint: str
) -> None:
    slot, annotator = comparison.slots.first(), factories.user()
    assert slot is not None
    with refused(constraint):
        lease(slot, annotator, **fields)


def test_an_assignment_has_a_judgment_only_once_it_is_submitted(comparison: Comparison) -> None:
    judgment = factories.judge(comparison)
    with refused("assignment_submitted_with_judgment"):
        lease(judgment.slot, judgment.annotator, judgment=judgment)


def test_a_judgment_answers_one_assignment_only() -> None:
    campaign = factories.campaign(raters_per_item=2)
    done = factories.submitted_assignment(campaign)
    slot, other = done.comparison.slots.get(status="open"), factories.user()
    with refused("judgment_id"):
        lease(slot, other, status=AssignmentStatus.SUBMITTED, judgment=done.judgment)


def test_a_role_is_given_once_and_is_one_of_ours() -> None:
    campaign = factories.campaign()
    person = factories.annotator(campaign)
    with refused("membership_once"):
        Membership.objects.create(user=person, campaign=campaign, role=Role.ANNOTATOR)
    with refused("membership_role"):
        Membership.objects.create(user=person, campaign=campaign, role="owner")
    assert Membership.objects.create(user=person, campaign=campaign, role=Role.MANAGER).pk


def test_a_position_of_a_turn_is_sampled_once(run: SamplingRun) -> None:
    with refused("sampling_run_once"):
        SamplingRun.objects.create(
            turn=run.turn, position=run.position, variant=run.variant, temperature=1, top_p=1, seed=1
        )


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"position": "c"}, "sampling_run_position"),
        ({"status": "lost"}, "sampling_run_status"),
        ({"status": SamplingStatus.RUNNING}, "sampling_run_leased_while_running"),
        ({"status": SamplingStatus.RUNNING, "holder": uuid.uuid4()}, "sampling_run_leased_while_running"),
        ({"holder": uuid.uuid4()}, "sampling_run_leased_while_running"),
        ({"leased_until": timezone.now()}, "sampling_run_leased_while_running"),
        ({"status": SamplingStatus.DONE}, "sampling_run_done_with_response"),
        ({"attempts": -1}, "attempts"),
        ({"setbacks": -1}, "setbacks"),
        ({"status": SamplingStatus.FAILED}, "sampling_run_ended_when_over"),
        ({"ended_at": timezone.now()}, "sampling_run_ended_when_over"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else str(value),
)
def test_a_run_that_cannot_be_is_refused(fields: dict[str, Any], constraint: str) -> None:
    turn, variant = factories.turn(), factories.variant()
    told = {"position": "a", "temperature": 1, "top_p": 1, "seed": 1, **fields}
    with refused(constraint):
        SamplingRun.objects.create(turn=turn, variant=variant, **told)


def test_a_run_that_waits_has_no_response_and_a_response_is_of_one_run(run: SamplingRun) -> None:
    response = factories.response(run.turn)
    with refused("sampling_run_done_with_response"):
        SamplingRun.objects.filter(pk=run.pk).update(response=response)


def test_every_check_and_key_of_ours_is_enforced_on_every_row() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT conname FROM pg_constraint WHERE NOT convalidated")
        assert cursor.fetchall() == []


def session(person: User, **fields: Any) -> WorkSession:
    now = timezone.now()
    told = {"started_at": now - timedelta(minutes=10), "last_beat_at": now, "campaign": factories.campaign(), **fields}
    return WorkSession.objects.create(annotator=person, **told)


def test_a_person_has_one_running_session() -> None:
    ann = factories.user()
    session(ann)
    with refused("worksession_one_runs"):
        session(ann)
    assert session(ann, is_running=False).pk and session(factories.user()).pk


@pytest.mark.parametrize("seconds", [-1, 601, 10**9])
def test_a_session_is_no_longer_than_the_time_that_it_lasted(seconds: float) -> None:
    made = session(factories.user(), active_seconds=600)
    with refused("worksession_no_longer_than_it_lasted"):
        WorkSession.objects.filter(pk=made.pk).update(active_seconds=seconds)
    with refused("worksession_no_longer_than_it_lasted"):
        WorkSession.objects.filter(pk=made.pk).update(last_beat_at=made.started_at - timedelta(hours=1))


def test_the_time_of_a_text_stands_once_and_is_not_negative() -> None:
    ann = factories.user()
    WritingTime.objects.create(annotator=ann, subject="campaign:1")
    with refused("writingtime_once"):
        WritingTime.objects.create(annotator=ann, subject="campaign:1")
    with refused("writingtime_active_seconds"):
        WritingTime.objects.update(active_seconds=-1)
    assert WritingTime.objects.create(annotator=ann, subject="campaign:2").pk


def test_a_prompt_is_not_written_in_less_than_no_time() -> None:
    with refused("prompt_active_seconds"):
        PromptFactory(active_seconds=-0.5)
    assert PromptFactory(active_seconds=0).pk and PromptFactory().active_seconds is None
