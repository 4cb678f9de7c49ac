"""The queue, one person after the other: who gets what, for how long, and what is refused with which sentence."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from annotation import heartbeats, queue, readings
from annotation.models import Assignment, Draft
from annotation.queue import Answer
from preferences.actions import campaigns, guidelines
from preferences.choices import AssignmentStatus, SkipReason, SlotStatus
from preferences.errors import Conflict, InvalidInput, NotAllowed
from preferences.models import Judgment, Slot
from tests.annotation.helpers import (
    claimed,
    forgotten,
    let_lease_end,
    new_annotator,
    new_comparison,
    new_user,
    open_campaign,
)

pytestmark = pytest.mark.django_db


def test_it_finishes_the_oldest_comparison_first() -> None:
    campaign = open_campaign(raters_per_item=2)
    old, young = new_comparison(campaign), new_comparison(campaign)

    got = [claimed(campaign, new_annotator(campaign)).comparison_id for _ in range(4)]

    assert got == [old.pk, old.pk, young.pk, young.pk]


def test_it_says_none_when_nothing_is_left() -> None:
    campaign = open_campaign()
    new_comparison(campaign)
    ann = new_annotator(campaign)
    queue.submit(key=claimed(campaign, ann).key, by=ann, answer=Answer(place=1))

    assert queue.claim(campaign=campaign, by=new_annotator(campaign)) is None


def test_it_gives_back_what_a_person_holds_already() -> None:
    campaign = open_campaign()
    for _ in range(2):
        new_comparison(campaign)
    ann = new_annotator(campaign)

    assert claimed(campaign, ann) == claimed(campaign, ann)


def test_it_offers_nobody_a_comparison_they_have_judged() -> None:
    campaign = open_campaign(raters_per_item=3)
    new_comparison(campaign)
    ann = new_annotator(campaign)
    queue.submit(key=claimed(campaign, ann).key, by=ann, answer=Answer(place=1))

    assert queue.claim(campaign=campaign, by=ann) is None


def test_it_never_offers_an_author_their_own_dialogue() -> None:
    campaign = open_campaign(raters_per_item=2)
    ann, bob = new_annotator(campaign), new_annotator(campaign)
    own = new_comparison(campaign, author=ann)

    queue.submit(key=queue.claim_own(comparison=own, by=ann).key, by=ann, answer=Answer(place=1))

    assert queue.claim(campaign=campaign, by=ann) is None
    assert claimed(campaign, bob).comparison == own


def test_it_offers_nothing_of_another_campaign() -> None:
    campaign, other = open_campaign(), open_campaign()
    new_comparison(other)

    assert queue.claim(campaign=campaign, by=new_annotator(campaign)) is None


def test_it_lets_the_author_judge_their_own_turn_once() -> None:
    campaign = open_campaign(raters_per_item=2)
    ann = new_annotator(campaign)
    own = new_comparison(campaign, author=ann)

    assignment = queue.claim_own(comparison=own, by=ann)
    judgment = queue.submit(key=assignment.key, by=ann, answer=Answer(place=1))

    assert queue.claim_own(comparison=own, by=ann) == assignment
    own.turn.refresh_from_db()
    assert own.turn.chosen_response_id == {"a": own.response_a_id, "b": own.response_b_id}[judgment.chosen]


def test_it_refuses_somebody_elses_turn_to_claim_own() -> None:
    campaign = open_campaign()
    own = new_comparison(campaign, author=new_annotator(campaign))

    with pytest.raises(NotAllowed, match="somebody else's dialogue"):
        queue.claim_own(comparison=own, by=new_annotator(campaign))


def test_it_tells_an_author_that_others_were_there_first() -> None:
    campaign = open_campaign()
    ann = new_annotator(campaign)
    own = new_comparison(campaign, author=ann)
    forgotten(own)
    claimed(campaign, new_annotator(campaign))

    with pytest.raises(Conflict, match="Others have judged this comparison already"):
        queue.claim_own(comparison=own, by=ann)


def test_it_gives_an_author_a_fresh_lease_of_their_turn_when_the_first_has_ended() -> None:
    campaign = open_campaign()
    ann = new_annotator(campaign)
    own = new_comparison(campaign, author=ann)
    let_lease_end(queue.claim_own(comparison=own, by=ann))

    again = queue.claim_own(comparison=own, by=ann)

    assert again.leased_until > timezone.now()
    queue.submit(key=again.key, by=ann, answer=Answer(place=1))
    assert Judgment.objects.get().annotator == ann


def test_it_puts_an_ended_lease_back_and_refuses_its_late_submit_with_a_sentence() -> None:
    campaign = open_campaign()
    new_comparison(campaign)
    ann, bob = new_annotator(campaign), new_annotator(campaign)
    late = claimed(campaign, ann)
    let_lease_end(late)

    taken = claimed(campaign, bob)

    assert (taken.slot_id, taken.annotator) == (late.slot_id, bob)
    with pytest.raises(Conflict, match="ran out before your answer came"):
        queue.submit(key=late.key, by=ann, answer=Answer(place=1))
    with pytest.raises(Conflict, match="no longer yours"):
        heartbeats.beat(key=late.key, by=ann)
    assert not Judgment.objects.exists()
    assert Slot.objects.get().status == SlotStatus.LEASED


def test_it_refuses_a_late_submit_also_before_anybody_has_looked() -> None:
    campaign = open_campaign()
    new_comparison(campaign)
    ann = new_annotator(campaign)
    late = claimed(campaign, ann)
    let_lease_end(late)

    with pytest.raises(Conflict, match="The time for this comparison ran out"):
        queue.submit(key=late.key, by=ann, answer=Answer(place=1))
    assert not Judgment.objects.exists()


def test_it_lets_a_person_claim_again_what_they_let_expire() -> None:
    campaign = open_campaign()
    new_comparison(campaign)
    ann = new_annotator(campaign)
    first = claimed(campaign, ann)
    let_lease_end(first)

    again = claimed(campaign, ann)

    assert again.key != first.key
    assert again.slot_id == first.slot_id


def test_it_prolongs_a_lease_by_heartbeat() -> None:
    campaign = open_campaign(lease_seconds=600)
    new_comparison(campaign)
    ann = new_annotator(campaign)
    assignment = claimed(campaign, ann)
    soon = timezone.now() + timedelta(seconds=3)
    Assignment.objects.update(leased_until=soon)

    until = heartbeats.beat(key=assignment.key, by=ann).assignment.leased_until

    assert until > soon + timedelta(seconds=500)
    assert Assignment.objects.get().leased_until == until


ANSWER = {"answer": Answer(place=1)}
BY_KEY = [
    (queue.submit, ANSWER),
    (queue.submit_and_claim, ANSWER),
    (queue.revise, {**ANSWER, "revision": 0}),
    (queue.edit_chosen, {"text": "Better."}),
    (queue.skip, {"reason": SkipReason.OTHER}),
    (queue.reclaim, {}),
    (heartbeats.beat, {"draft": {"rationale": "mine now"}}),
]


@pytest.mark.parametrize(("act", "extra"), BY_KEY)
def test_it_refuses_somebody_elses_key_as_if_there_were_none(act: Callable[..., Any], extra: dict[str, Any]) -> None:
    campaign = open_campaign()
    new_comparison(campaign)
    theirs = claimed(campaign, new_annotator(campaign))
    mallory = new_annotator(campaign)

    said = []
    for key in (theirs.key, uuid.uuid4()):
        with pytest.raises(NotAllowed) as refused:
            act(key=key, by=mallory, **extra)
        said.append(str(refused.value))

    assert said == ["There is no such work item."] * 2
    theirs.refresh_from_db()
    assert theirs.status == AssignmentStatus.ACTIVE
    assert not Judgment.objects.exists()
    assert not Draft.objects.exists()


def test_it_refuses_a_stranger() -> None:
    campaign = open_campaign()
    new_comparison(campaign)

    with pytest.raises(NotAllowed, match="not an annotator"):
        claimed(campaign, new_user())
    assert not Assignment.objects.exists()


def test_it_takes_neither_claims_nor_answers_while_the_campaign_is_paused() -> None:
    campaign = open_campaign(raters_per_item=2)
    ann = new_annotator(campaign)
    new_comparison(campaign)
    held = claimed(campaign, ann)
    campaigns.pause(campaign=campaign, by=None)

    with pytest.raises(Conflict, match="is not open for work now"):
        claimed(campaign, new_annotator(campaign))
    with pytest.raises(Conflict, match="is not open for work now"):
        queue.submit(key=held.key, by=ann, answer=Answer(place=1))
    assert not Judgment.objects.exists()

    campaigns.open_for_work(campaign=campaign, by=None)
    assert queue.submit(key=held.key, by=ann, answer=Answer(place=1)).annotator == ann


def test_it_refuses_an_author_their_own_turn_while_the_campaign_is_paused() -> None:
    campaign = open_campaign()
    ann = new_annotator(campaign)
    own = new_comparison(campaign, author=ann)
    campaigns.pause(campaign=campaign, by=None)

    with pytest.raises(Conflict, match="is not open for work now"):
        queue.claim_own(comparison=own, by=ann)


def test_it_keeps_the_lease_when_an_answer_is_refused() -> None:
    campaign = open_campaign()
    new_comparison(campaign)
    ann = new_annotator(campaign)
    assignment = claimed(campaign, ann)

    for answer in (Answer(place=0), Answer(place=9), Answer(place=1, rationale="a\x00b")):
        with pytest.raises(InvalidInput):
            queue.submit(key=assignment.key, by=ann, answer=answer)

    assert Slot.objects.get().status == SlotStatus.LEASED
    assert queue.submit(key=assignment.key, by=ann, answer=Answer(place=8)).degree == "significantly_better"


def test_it_stores_the_guideline_of_the_moment_of_the_answer() -> None:
    campaign = open_campaign()
    new_comparison(campaign)
    ann = new_annotator(campaign)
    assignment = claimed(campaign, ann)
    newer = guidelines.publish(campaign=campaign, text="Now choose the shorter one.", by=None)
    with pytest.raises(queue.GuidelineUnread, match="new version"):
        queue.submit(key=assignment.key, by=ann, answer=Answer(place=1))
    assert not Judgment.objects.exists()
    readings.confirm(guideline=newer, by=ann)

    judgment = queue.submit(key=assignment.key, by=ann, answer=Answer(place=1))

    assert judgment.guideline == newer
    assert judgment.active_seconds is not None and judgment.active_seconds >= 0
