"""Giving a comparison back, with a reason."""

from __future__ import annotations

import pytest

from annotation import queue
from annotation.queue import Answer
from preferences.choices import ComparisonStatus, SkipReason
from preferences.errors import Conflict, DomainError
from preferences.models import Event
from tests.annotation.helpers import claimed, new_annotator, new_comparison, open_campaign

pytestmark = pytest.mark.django_db


def test_it_gives_a_released_comparison_to_others_and_not_back_to_the_same_person() -> None:
    campaign = open_campaign()
    pair = new_comparison(campaign)
    ann, bob = new_annotator(campaign), new_annotator(campaign)
    given_back = claimed(campaign, ann)

    queue.skip(key=given_back.key, by=ann, reason=SkipReason.EXPERTISE, note="No chemist.")

    assert queue.claim(campaign=campaign, by=ann) is None
    assert claimed(campaign, bob).comparison == pair
    assert Event.objects.filter(verb="assignment.skipped", actor=ann).count() == 1
    with pytest.raises(DomainError):
        queue.submit(key=given_back.key, by=ann, answer=Answer(place=1))


def test_it_refuses_to_release_what_is_submitted() -> None:
    campaign = open_campaign()
    pair = new_comparison(campaign)
    ann = new_annotator(campaign)
    assignment = claimed(campaign, ann)
    queue.submit(key=assignment.key, by=ann, answer=Answer(place=1))

    with pytest.raises(Conflict):
        queue.skip(key=assignment.key, by=ann, reason=SkipReason.OTHER)
    pair.refresh_from_db()
    assert pair.status == ComparisonStatus.JUDGED
