"""How a person wants to be looked after, and that the queue heeds it."""

from __future__ import annotations

from typing import Any

import pytest

from annotation import care, queue
from annotation.models import Care
from annotation.models.care import BREAK_MINUTES
from annotation.queue import Answer
from annotation.visibility import sight_of
from preferences.actions import prompts
from preferences.choices import AssignmentStatus, AttackVector, RiskCategory, Track
from preferences.errors import InvalidInput
from preferences.models import Campaign, Comparison, Event
from tests import factories
from tests.annotation.helpers import claimed, let_lease_end, new_annotator, open_campaign
from tests.preferences.refusals import everything
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db

CRIME, HATE, ADVICE = RiskCategory


def risky(campaign: Campaign, risk: RiskCategory) -> Comparison:
    """A comparison whose prompt is of this risk category."""
    turn = prompts.submit(
        campaign=campaign, text=f"How, {risk}?", risk_category=risk, attack_vector=AttackVector.LOGIC, by=None
    )
    return factories.comparison(of=turn)


def choose(user: User, opted_out: list[str], **settings: Any) -> Care:
    return care.choose(
        **{"user": user, "opted_out": opted_out, "veil": True, "break_minutes": 50, "by": user, **settings}
    )


def safety_campaign() -> Campaign:
    return open_campaign(track=Track.SAFETY)


def test_the_queue_never_hands_out_what_a_person_opted_out_of() -> None:
    campaign = safety_campaign()
    risky(campaign, CRIME)
    risky(campaign, HATE)
    wanted = risky(campaign, ADVICE)
    ann = new_annotator(campaign)
    choose(ann, [CRIME, HATE])

    assert claimed(campaign, ann).comparison == wanted


def test_the_next_one_after_an_answer_is_none_of_those_either() -> None:
    campaign = safety_campaign()
    first, _, third = (risky(campaign, risk) for risk in (ADVICE, CRIME, ADVICE))
    ann = new_annotator(campaign)
    choose(ann, [CRIME])
    answer = Answer(place=1, safety_left=4, safety_right=4)

    held = claimed(campaign, ann)
    after = queue.submit_and_claim(key=held.key, by=ann, answer=answer).following
    assert (held.comparison, after.comparison if after else None) == (first, third)
    assert after is not None
    assert queue.submit_and_claim(key=after.key, by=ann, answer=answer).following is None


def test_a_choice_made_while_one_is_held_counts_from_the_next_one_on() -> None:
    campaign = safety_campaign()
    risky(campaign, CRIME)
    risky(campaign, CRIME)
    ann = new_annotator(campaign)
    held = claimed(campaign, ann)
    choose(ann, [CRIME])

    answer = Answer(place=1, safety_left=4, safety_right=4)
    assert queue.submit_and_claim(key=held.key, by=ann, answer=answer).following is None
    choose(ann, [])
    assert queue.claim(campaign=campaign, by=ann) is not None


def test_what_is_held_of_a_category_that_is_opted_out_of_is_not_handed_back() -> None:
    campaign = safety_campaign()
    risky(campaign, CRIME)
    ann = new_annotator(campaign)
    held = claimed(campaign, ann)
    choose(ann, [CRIME])

    assert queue.claim(campaign=campaign, by=ann) is None
    wanted = risky(campaign, ADVICE)
    assert claimed(campaign, ann).comparison == wanted
    held.refresh_from_db()
    assert held.status == AssignmentStatus.ACTIVE, "its time ends by itself"
    let_lease_end(held)
    assert claimed(campaign, new_annotator(campaign)).comparison == held.comparison


def test_nor_does_it_follow_an_answer() -> None:
    campaign = safety_campaign()
    risky(campaign, CRIME)
    wanted = risky(campaign, ADVICE)
    ann = new_annotator(campaign)
    unwanted = claimed(campaign, ann)
    choose(ann, [CRIME])
    held = claimed(campaign, ann)
    assert held.comparison == wanted != unwanted.comparison

    answer = Answer(place=1, safety_left=4, safety_right=4)
    for _ in range(2):  # also where the answer is sent again
        assert queue.submit_and_claim(key=held.key, by=ann, answer=answer).following is None
    choose(ann, [])
    assert queue.submit_and_claim(key=held.key, by=ann, answer=answer).following == unwanted


def test_nobody_elses_queue_is_shortened() -> None:
    campaign = safety_campaign()
    wanted = risky(campaign, CRIME)
    choose(new_annotator(campaign), list(RiskCategory.values))

    assert claimed(campaign, new_annotator(campaign)).comparison == wanted


def test_who_opted_out_of_everything_has_work_on_the_helpfulness_track() -> None:
    campaign = open_campaign()
    wanted = factories.comparison(campaign)
    ann = new_annotator(campaign)
    choose(ann, list(RiskCategory.values))

    assert claimed(campaign, ann).comparison == wanted


def test_it_stores_the_choice_in_place_of_the_one_before_and_tells() -> None:
    ann = factories.user()
    choose(ann, [HATE, CRIME, HATE], veil=False, break_minutes=0)
    made = choose(ann, [ADVICE], veil=True, break_minutes=240)

    assert Care.objects.get() == made == care.care_of(ann)
    assert (made.opted_out, made.veil, made.break_minutes) == ([ADVICE], True, 240)
    first, second = Event.objects.filter(verb="care.chosen").order_by("pk")
    assert second.data["before"] == first.data["after"]
    assert first.data["after"] == {"opted_out": sorted([CRIME, HATE]), "veil": False, "break_minutes": 0}
    assert second.data["after"] == {"opted_out": [ADVICE], "veil": True, "break_minutes": 240}
    assert {first.actor, second.actor} == {ann}


@pytest.mark.parametrize("words", [["cooking"], [CRIME, ""], ["CRIME"], ["\x00"]], ids=ascii)
def test_it_refuses_words_that_are_no_risk_category(words: list[str]) -> None:
    ann = factories.user()
    before = everything()

    with pytest.raises(InvalidInput, match="One of the risk categories does not exist") as refusal:
        choose(ann, words)
    assert refusal.value.field == "opted_out"
    assert everything() == before


@pytest.mark.parametrize("minutes", [None, -1, 241, 10**9])
def test_it_refuses_minutes_that_no_break_can_be_in(minutes: int | None) -> None:
    ann = factories.user()
    before = everything()

    with pytest.raises(InvalidInput, match=r"whole number from 0 \(no reminder\) to 240") as refusal:
        choose(ann, [], break_minutes=minutes)
    assert refusal.value.field == "break_minutes"
    assert everything() == before


def test_who_chose_nothing_has_the_defaults_and_no_row() -> None:
    campaign = safety_campaign()
    risky(campaign, CRIME)
    ann = new_annotator(campaign)

    found = care.care_of(ann)
    sight = sight_of(claimed(campaign, ann))

    assert (found.opted_out, found.veil, found.break_minutes) == ([], True, BREAK_MINUTES)
    assert (sight.veil, sight.break_minutes) == (True, BREAK_MINUTES)
    assert not Care.objects.exists()


def test_a_person_sees_safety_work_veiled_as_they_chose_and_other_work_never() -> None:
    safety, helpful = safety_campaign(), open_campaign()
    risky(safety, CRIME)
    factories.comparison(helpful)
    ann = new_annotator(safety)
    factories.reads(ann, helpful)
    ann.memberships.create(campaign=helpful, role="annotator")

    choose(ann, [], veil=True, break_minutes=15)
    assert sight_of(claimed(safety, ann)).veil
    assert not sight_of(claimed(helpful, ann)).veil
    choose(ann, [], veil=False, break_minutes=15)

    sight = sight_of(claimed(safety, ann))
    assert (sight.veil, sight.break_minutes) == (False, 15)
