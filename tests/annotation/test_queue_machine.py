"""The queue against a model of it in plain Python, whatever people do in whatever order and however the clock runs."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from annotation import heartbeats, leases, people, queue
from annotation.models import Assignment
from annotation.permissions import WorkPaused
from annotation.queue import Answer
from preferences.choices import AssignmentStatus, ComparisonStatus, SlotStatus
from preferences.errors import Conflict
from preferences.models import Comparison, Judgment, Slot
from tests.annotation.helpers import new_annotator, new_comparison, open_campaign
from tests.annotation.queue_model import Lease, Model

LEASE = 60
PEOPLE = st.integers(0, 3)
PLACES = st.integers(1, 8)


class Queue(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.now = datetime(2026, 11, 26, 12, tzinfo=timezone.get_default_timezone())
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(timezone, "now", lambda: self.now)

    def teardown(self) -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        finally:
            self.patch.undo()
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)

    @initialize(raters=st.integers(1, 3), comparisons=st.integers(1, 3))
    def begin(self, raters: int, comparisons: int) -> None:
        self.model = Model(raters)
        self.campaign = open_campaign(raters_per_item=raters, lease_seconds=LEASE)
        self.people = [new_annotator(self.campaign) for _ in range(4)]
        for _ in range(comparisons):
            self.add()

    @rule()
    def add(self) -> None:
        self.model.add(new_comparison(self.campaign).pk)

    @rule(person=PEOPLE)
    def claim(self, person: int) -> None:
        if person in self.model.paused:
            with pytest.raises(WorkPaused):
                queue.claim(campaign=self.campaign, by=self.people[person])
            return
        got = queue.claim(campaign=self.campaign, by=self.people[person])
        held = self.model.held(person, self.now)
        if held is not None:
            assert got is not None
            assert got.key == held.key
            return
        wanted = self.model.next_for(person)
        if wanted is None and self.model.expire(self.now):
            wanted = self.model.next_for(person)
        assert (got is None) == (wanted is None)
        if got is not None and wanted is not None:
            assert (got.comparison_id, got.slot.number) == (wanted.comparison, wanted.number)
            self.model.lease(person, wanted, got.key, self.now + timedelta(seconds=LEASE))

    @rule(data=st.data(), place=PLACES)
    @precondition(lambda self: self.model.leases)
    def submit(self, data: st.DataObject, place: int) -> None:
        lease = data.draw(st.sampled_from(self.model.leases))
        self._send(lease, place)

    @rule(data=st.data())
    @precondition(lambda self: any(lease.status == "submitted" for lease in self.model.leases))
    def submit_again(self, data: st.DataObject) -> None:
        lease = data.draw(st.sampled_from([lease for lease in self.model.leases if lease.status == "submitted"]))
        self._send(lease, lease.answer)

    def _send(self, lease: Lease, place: int) -> None:
        def send() -> Judgment:
            return queue.submit(key=lease.key, by=self.people[lease.person], answer=Answer(place=place))

        if lease.status == "submitted":
            if place == lease.answer:
                assert send().revision == lease.revision
            else:
                with pytest.raises(Conflict, match="another verdict"):
                    send()
        elif lease.person in self.model.paused:
            with pytest.raises(WorkPaused):
                send()
        elif lease.status != "active" or lease.until < self.now:
            with pytest.raises(leases.LeaseLost):
                send()
        else:
            send()
            lease.answer = place
            self.model.end(lease, "submitted")

    @rule(data=st.data(), place=PLACES)
    @precondition(lambda self: any(lease.status == "submitted" for lease in self.model.leases))
    def revise(self, data: st.DataObject, place: int) -> None:
        lease = data.draw(st.sampled_from([lease for lease in self.model.leases if lease.status == "submitted"]))
        by, seen = self.people[lease.person], data.draw(st.sampled_from([lease.revision, lease.revision + 1]))

        def revise() -> Judgment:
            return queue.revise(key=lease.key, by=by, answer=Answer(place=place), revision=seen)

        if lease.person in self.model.paused:
            with pytest.raises(WorkPaused):
                revise()
        elif seen != lease.revision and place != lease.answer:
            with pytest.raises(Conflict, match="in another window"):
                revise()
        else:
            lease.revision += place != lease.answer
            lease.answer = place
            assert revise().revision == lease.revision

    @rule(data=st.data())
    @precondition(lambda self: self.model.leases)
    def skip(self, data: st.DataObject) -> None:
        lease = data.draw(st.sampled_from(self.model.leases))
        by = self.people[lease.person]
        if lease.status in ("submitted", "expired"):
            with pytest.raises(leases.LeaseLost):
                queue.skip(key=lease.key, by=by, reason="other")
            return
        queue.skip(key=lease.key, by=by, reason="other")
        if lease.status == "active":
            self.model.end(lease, "released")

    @rule(data=st.data())
    @precondition(lambda self: self.model.leases)
    def heartbeat(self, data: st.DataObject) -> None:
        lease = data.draw(st.sampled_from(self.model.leases))
        by = self.people[lease.person]
        if lease.status == "submitted":
            heartbeats.beat(key=lease.key, by=by)
        elif lease.status != "active":
            with pytest.raises(Conflict):
                heartbeats.beat(key=lease.key, by=by)
        elif lease.person not in self.model.paused:
            heartbeats.beat(key=lease.key, by=by)
            lease.until = self.now + timedelta(seconds=LEASE)

    @rule(data=st.data())
    @precondition(lambda self: self.model.leases)
    def reclaim(self, data: st.DataObject) -> None:
        lease = data.draw(st.sampled_from(self.model.leases))
        person, comparison = lease.person, lease.place.comparison
        self.model.expire(self.now)
        mine = [
            other
            for other in self.model.leases
            if (other.person, other.place.comparison) == (person, comparison)
            and other.status in ("active", "submitted")
        ]
        if person in self.model.paused:
            with pytest.raises(WorkPaused):
                queue.reclaim(key=lease.key, by=self.people[person])
        elif mine:
            assert queue.reclaim(key=lease.key, by=self.people[person]).key == mine[0].key
        elif (place := self.model.of_comparison(comparison)) is not None:
            found = queue.reclaim(key=lease.key, by=self.people[person])
            self.model.lease(person, place, found.key, self.now + timedelta(seconds=LEASE))
        else:
            with pytest.raises(leases.LeaseLost):
                queue.reclaim(key=lease.key, by=self.people[person])

    @rule(person=PEOPLE)
    def pause(self, person: int) -> None:
        people.pause(user=self.people[person], reason="A word with them first.", by=None)
        self.people[person].refresh_from_db()
        for lease in self.model.leases:
            if lease.person == person and lease.status == "active" and person not in self.model.paused:
                self.model.end(lease, "expired")
        self.model.paused.add(person)

    @rule(person=PEOPLE)
    def resume(self, person: int) -> None:
        people.resume(user=self.people[person], by=None)
        self.people[person].refresh_from_db()
        self.model.paused.discard(person)

    @rule(seconds=st.sampled_from([-LEASE, 1, LEASE // 2, LEASE, 3 * LEASE]))
    def the_clock_runs(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule()
    def expired_leases_go_back(self) -> None:
        assert leases.return_expired() == self.model.expire(self.now)

    @invariant()
    def the_rows_are_what_the_model_says(self) -> None:
        if not hasattr(self, "model"):
            return
        rows = Slot.objects.filter(campaign=self.campaign).order_by("comparison", "number")
        assert list(rows.values_list("comparison", "number", "status")) == [
            (place.comparison, place.number, place.status) for place in self.model.places
        ]
        known = {lease.key: (lease.status, lease.until) for lease in self.model.leases}
        assert {row.key: (row.status, row.leased_until) for row in Assignment.objects.all()} == known
        submitted = [lease for lease in self.model.leases if lease.status == AssignmentStatus.SUBMITTED]
        judged = {(row.comparison_id, row.annotator_id): row.revision for row in Judgment.objects.all()}
        assert judged == {(lease.place.comparison, self.people[lease.person].pk): lease.revision for lease in submitted}

    @invariant()
    def a_comparison_is_judged_when_its_last_slot_is_filled(self) -> None:
        unfilled = Slot.objects.exclude(status=SlotStatus.FILLED).values("comparison")
        whole = Comparison.objects.exclude(pk__in=unfilled)
        assert set(whole.values_list("status", flat=True)) <= {ComparisonStatus.JUDGED}
        assert not Comparison.objects.filter(pk__in=unfilled, status=ComparisonStatus.JUDGED).exists()


@pytest.mark.django_db
@pytest.mark.timeout(600)
def test_the_queue_does_what_its_model_says() -> None:
    run_state_machine_as_test(
        Queue,
        settings=settings(
            max_examples=12,
            phases=[Phase.generate],  # to shrink a failure takes many minutes
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
