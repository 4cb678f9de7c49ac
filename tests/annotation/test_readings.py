"""A judgment is made under a guideline that its annotator has read."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from annotation import queue, readings
from annotation.models import Assignment, GuidelineReading
from annotation.queue import Answer, GuidelineUnread
from annotation.visibility import sight_of
from preferences.actions import guidelines
from preferences.choices import AssignmentStatus
from preferences.models import Campaign, Event, Guideline, Judgment
from tests import factories
from tests.annotation.helpers import claimed, new_annotator, new_comparison, open_campaign
from tests.concurrency import at_once
from tests.preferences.refusals import everything

pytestmark = pytest.mark.django_db


def newer(campaign: Campaign) -> Guideline:
    return guidelines.publish(campaign=campaign, text="Choose the shorter one.", by=None)


@pytest.mark.parametrize("submit", [queue.submit, queue.submit_and_claim])
def test_an_answer_under_a_version_that_was_not_read_stores_nothing_and_is_taken_once_it_was(
    submit: Callable[..., Any],
) -> None:
    campaign = open_campaign()
    new_comparison(campaign)
    ann = new_annotator(campaign)
    held = claimed(campaign, ann)
    version = newer(campaign)
    before = everything()

    with pytest.raises(GuidelineUnread, match="Read it, then send your answer again") as refusal:
        submit(key=held.key, by=ann, answer=Answer(place=1))
    assert refusal.value.code == "guideline_unread"
    assert everything() == before

    readings.confirm(guideline=version, by=ann)
    submit(key=held.key, by=ann, answer=Answer(place=1))
    assert Judgment.objects.get().guideline == version


def test_having_read_the_newest_is_enough() -> None:
    campaign = open_campaign()
    new_comparison(campaign)
    ann = new_annotator(campaign)
    newer(campaign)
    readings.confirm(guideline=newer(campaign), by=ann)

    queue.submit(key=claimed(campaign, ann).key, by=ann, answer=Answer(place=1))

    assert Judgment.objects.get(guideline__version=3).annotator == ann


def test_having_read_what_comes_from_another_campaign_or_by_another_person_is_not() -> None:
    campaign, other = open_campaign(), open_campaign()
    new_comparison(campaign)
    ann, bob = new_annotator(campaign), new_annotator(campaign)
    held, version = claimed(campaign, ann), newer(campaign)
    readings.confirm(guideline=version, by=bob)
    readings.confirm(guideline=newer(other), by=ann)

    with pytest.raises(GuidelineUnread):
        queue.submit(key=held.key, by=ann, answer=Answer(place=1))
    assert Assignment.objects.get().status == AssignmentStatus.ACTIVE


def test_an_answer_sent_again_after_a_new_version_is_answered_with_the_first_judgment() -> None:
    campaign = open_campaign()
    new_comparison(campaign)
    ann = new_annotator(campaign)
    held = claimed(campaign, ann)
    judgment = queue.submit(key=held.key, by=ann, answer=Answer(place=1))
    newer(campaign)

    assert queue.submit(key=held.key, by=ann, answer=Answer(place=1)) == judgment


def test_a_person_sees_the_current_version_and_whether_they_have_read_it() -> None:
    campaign = open_campaign()
    new_comparison(campaign)
    ann = new_annotator(campaign)
    assert (sight_of(claimed(campaign, ann)).guideline_version, sight_of(claimed(campaign, ann)).guideline_is_read) == (
        1,
        True,
    )

    version = newer(campaign)
    sight = sight_of(claimed(campaign, ann))
    assert (sight.guideline_version, sight.guideline_is_read) == (2, False)
    readings.confirm(guideline=version, by=ann)

    assert sight_of(claimed(campaign, ann)).guideline_is_read


def test_reading_is_told_once_however_often_it_is_said() -> None:
    guideline = guidelines.current(open_campaign())
    assert guideline is not None
    ann = factories.user()

    for _ in range(3):
        readings.confirm(guideline=guideline, by=ann)

    assert GuidelineReading.objects.get().annotator == ann
    event = Event.objects.get(verb="guideline.read")
    assert (event.actor, event.campaign, event.data) == (ann, guideline.campaign, {"version": 1})


@pytest.mark.django_db(transaction=True)
def test_reading_said_in_many_tabs_at_once_is_one_reading() -> None:
    guideline = guidelines.current(open_campaign())
    assert guideline is not None
    ann = factories.user()

    got = at_once([partial(readings.confirm, guideline=guideline, by=ann)] * 8)

    assert got == [None] * 8
    assert GuidelineReading.objects.count() == Event.objects.filter(verb="guideline.read").count() == 1


def test_unread_are_the_current_versions_that_a_person_has_not_read_and_no_earlier_ones() -> None:
    read, outdated, fresh = open_campaign(), open_campaign(), open_campaign()
    factories.draft_campaign()  # without a guideline
    ann = new_annotator(read)
    factories.reads(ann, outdated)
    version = newer(outdated)

    unread = readings.unread(Campaign.objects.all(), ann)

    assert set(unread) == {version, guidelines.current(fresh)}
    assert not readings.unread(Campaign.objects.filter(pk=read.pk), ann)
    assert not readings.unread(Campaign.objects.none(), ann)


def test_unread_asks_about_one_person_only() -> None:
    campaign = open_campaign()
    ann, bob = new_annotator(campaign), factories.user()

    assert list(readings.unread(Campaign.objects.all(), ann)) == []
    assert [guideline.campaign for guideline in readings.unread(Campaign.objects.all(), bob)] == [campaign]


def test_the_last_version_that_was_read_may_be_an_earlier_one() -> None:
    campaign = open_campaign()
    ann = new_annotator(campaign)
    first = guidelines.current(campaign)
    newer(campaign)

    assert readings.last_read(campaign, ann) == first
    assert readings.last_read(campaign, factories.user()) is None
    assert readings.last_read(open_campaign(), ann) is None
