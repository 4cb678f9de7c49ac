"""How many comparisons one person gets: in a campaign, and in one of its days."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from annotation import caps, leases, queue
from annotation.models import Assignment
from annotation.queue import Answer
from preferences.models import Campaign
from preferences.weeks import midnight_of
from tests.annotation.helpers import claimed, let_lease_end, new_annotator, new_comparison, open_campaign

pytestmark = pytest.mark.django_db


def test_who_has_had_their_share_gets_no_more_and_others_do() -> None:
    campaign = open_campaign(most_per_person=2, raters_per_item=2)
    for _ in range(3):
        new_comparison(campaign)
    ann = new_annotator(campaign)
    first = claimed(campaign, ann)

    done = queue.submit_and_claim(key=first.key, by=ann, answer=Answer(place=1))
    assert done.following is not None
    last = queue.submit_and_claim(key=done.following.key, by=ann, answer=Answer(place=1))

    assert last.following is None
    assert queue.claim(campaign=campaign, by=ann) is None
    assert "all the comparisons" in caps.reached(campaign, ann)
    assert claimed(campaign, new_annotator(campaign))


def test_what_was_given_back_does_not_count_and_what_is_held_does() -> None:
    campaign = open_campaign(most_per_person=1)
    for _ in range(2):
        new_comparison(campaign)
    ann = new_annotator(campaign)
    queue.skip(key=claimed(campaign, ann).key, by=ann, reason="other")

    held = claimed(campaign, ann)

    assert claimed(campaign, ann) == held
    assert caps.reached(campaign, ann)


def test_no_more_comes_by_what_ran_out_or_by_ones_own_dialogue() -> None:
    campaign = open_campaign(most_per_person=1)
    ann, bob = new_annotator(campaign), new_annotator(campaign)
    new_comparison(campaign), new_comparison(campaign)
    own = new_comparison(campaign, author=ann)
    ran_out = claimed(campaign, ann)
    let_lease_end(ran_out)
    leases.return_expired()
    let_go = claimed(campaign, bob)
    queue.submit(key=claimed(campaign, ann).key, by=ann, answer=Answer(place=1))
    queue.skip(key=let_go.key, by=bob, reason="other")

    with pytest.raises(caps.ShareReached, match="all the comparisons"):
        queue.reclaim(key=ran_out.key, by=ann)
    with pytest.raises(caps.ShareReached, match="all the comparisons"):
        queue.claim_own(comparison=own, by=ann)
    assert ann.judgments.count() == 1


def test_what_ran_out_is_taken_up_again_within_the_share() -> None:
    campaign = open_campaign(most_per_person=1)
    ann, _pair = new_annotator(campaign), new_comparison(campaign)
    ran_out = claimed(campaign, ann)
    let_lease_end(ran_out)

    assert queue.reclaim(key=ran_out.key, by=ann).comparison == ran_out.comparison


def test_a_days_share_begins_anew_at_the_midnight_of_the_campaign() -> None:
    campaign = open_campaign(most_per_day=1, time_zone="Asia/Tokyo")
    for _ in range(2):
        new_comparison(campaign)
    ann = new_annotator(campaign)
    assignment = claimed(campaign, ann)
    queue.submit(key=assignment.key, by=ann, answer=Answer(place=1))

    assert queue.claim(campaign=campaign, by=ann) is None
    assert "It goes on tomorrow" in caps.reached(campaign, ann)

    Assignment.objects.filter(pk=assignment.pk).update(
        created_at=midnight_of(timezone.now(), "Asia/Tokyo") - timedelta(seconds=1)
    )
    assert claimed(campaign, ann)


@pytest.mark.parametrize(
    ("constraint", "settings"),
    [
        ("campaign_caps_positive", {"most_per_person": 0}),
        ("campaign_caps_positive", {"most_per_day": 0}),
        ("campaign_shares", {"gold_share": 0.6}),
        ("campaign_shares", {"repeat_share": -0.1}),
        ("campaign_shares", {"gold_bar": 1.1}),
    ],
)
def test_the_database_refuses_what_would_hand_out_nothing(constraint: str, settings: dict[str, float]) -> None:
    campaign = open_campaign()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Campaign.objects.filter(pk=campaign.pk).update(**settings)
