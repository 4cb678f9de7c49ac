"""Demonstrations: written, reviewed by another person, returned, sent again, corrected, approved."""

from __future__ import annotations

import uuid
from functools import partial

import pytest

from annotation import demonstrations, memberships, writing
from annotation.models import Role
from annotation.queue import GuidelineUnread
from preferences.actions import campaigns, guidelines
from preferences.choices import Category, Criterion, DemonstrationStatus, Track
from preferences.errors import Conflict, DomainError, InvalidInput, NotAllowed
from preferences.models import Campaign, Demonstration, DemonstrationVersion, Event, Prompt
from tests import factories
from tests.clock import Clock
from tests.concurrency import at_once
from tests.factories.demonstrations import labels, said_in
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db

ONE = [("Name a fruit.", "An apple.")]
TWO = [*ONE, ("Another.", "A pear.")]
ALL = set(Criterion)


def submit(campaign: Campaign, by: User, exchanges=ONE, **more) -> Demonstration:
    return demonstrations.submit(
        campaign=campaign, exchanges=exchanges, labels=labels(campaign), by=by, **{"key": None, **more}
    )


def approve(made: Demonstration, by: User, exchanges=None, *, version: int = 1, met=ALL) -> Demonstration:
    said = exchanges or said_in(made)
    return demonstrations.approve(demonstration=made, version=version, exchanges=said, met=met, by=by)


def send_back(made: Demonstration, by: User, feedback: str = "Too short.", *, version: int = 1) -> Demonstration:
    return demonstrations.send_back(demonstration=made, version=version, feedback=feedback, met=[], by=by)


def rewrite(made: Demonstration, by: User, exchanges=TWO) -> Demonstration:
    return demonstrations.rewrite(demonstration=made, exchanges=exchanges, labels=labels(made.campaign), by=by)


@pytest.mark.parametrize("track", Track)
def test_what_was_written_is_stored_with_its_labels_guideline_and_time(clock: Clock, track: Track) -> None:
    campaign = factories.demonstrations_campaign(track=track)
    ann = factories.annotator(campaign)
    writing.beat(about=campaign, campaign=campaign, fields={"prompt_1": "Name"}, by=ann)
    clock.goes(seconds=40)

    made = submit(campaign, ann, TWO)

    version = made.newest
    assert made.status == DemonstrationStatus.IN_REVIEW
    assert [message["role"] for message in version.messages] == ["user", "assistant"] * 2
    assert said_in(made) == TWO
    assert (version.by, version.guideline, version.active_seconds) == (ann, guidelines.current(campaign), 40)
    assert version.prompt.text == "Name a fruit."
    assert (version.prompt.category == Category.WRITING) is not campaign.is_safety


def test_a_form_that_is_sent_twice_stores_one() -> None:
    campaign = factories.demonstrations_campaign()
    ann, key = factories.annotator(campaign), uuid.uuid4()
    assert submit(campaign, ann, key=key) == submit(campaign, ann, key=key)
    assert Demonstration.objects.count() == DemonstrationVersion.objects.count() == Prompt.objects.count() == 1
    with pytest.raises(Conflict, match="belongs to somebody else"):
        submit(campaign, factories.annotator(campaign), key=key)


@pytest.mark.django_db(transaction=True)
def test_a_form_that_is_sent_many_times_at_once_stores_one() -> None:
    campaign = factories.demonstrations_campaign()
    ann, key = factories.annotator(campaign), uuid.uuid4()
    got = at_once([partial(submit, campaign, ann, key=key)] * 6)
    assert len({made.pk for made in got}) == Demonstration.objects.count() == 1


@pytest.mark.parametrize(
    ("exchanges", "sentence", "field"),
    [
        ([("", "An apple.")], "Prompt 1 is empty", "prompt_1"),
        ([("Name a fruit.", " ")], "Answer 1 is empty", "answer_1"),
        ([*ONE, ("Another.", "")], "Answer 2 is empty", "answer_2"),
        ([("Name a fruit.", "x" * 50_001)], "Answer 1 has 50,001 characters", "answer_1"),
        ([("a\x00b", "An apple.")], "NUL", "prompt_1"),
        (ONE * 4, "at most 3 turns", None),
        ([], "at most 3 turns", None),
    ],
)
def test_what_cannot_be_stored_is_refused_with_a_sentence(exchanges, sentence: str, field: str | None) -> None:
    campaign = factories.demonstrations_campaign()
    with pytest.raises(InvalidInput, match=sentence) as refusal:
        submit(campaign, factories.annotator(campaign), exchanges)
    assert refusal.value.field == field
    assert not Demonstration.objects.exists() and not Prompt.objects.exists()


def test_only_a_campaign_of_this_kind_that_is_open_takes_them_and_from_its_annotators_only() -> None:
    other, campaign = factories.campaign(), factories.demonstrations_campaign()
    with pytest.raises(Conflict, match="collects no demonstrations"):
        submit(other, factories.annotator(other))
    ann = factories.annotator(campaign)
    for person in (factories.manager(campaign), factories.annotator(other)):
        with pytest.raises(NotAllowed, match="not an annotator"):
            submit(campaign, person)
    campaigns.pause(campaign=campaign, by=None)
    with pytest.raises(Conflict, match="is not open"):
        submit(Campaign.objects.get(pk=campaign.pk), ann)


def test_the_guideline_of_now_must_be_read() -> None:
    campaign = factories.demonstrations_campaign()
    ann = factories.annotator(campaign)
    guidelines.publish(campaign=campaign, text="Be briefer.", by=None)
    with pytest.raises(GuidelineUnread, match="new version"):
        submit(campaign, ann)


def test_a_reviewer_approves_it_as_it_is() -> None:
    made = factories.demonstration()
    judge = factories.reviewer(made.campaign)
    approve(made, judge)
    made.refresh_from_db()
    assert (made.status, made.reviewer, made.versions.count()) == (DemonstrationStatus.APPROVED, judge, 1)
    assert Event.objects.get(verb="demonstration.approved").data == {"corrected": False}


def test_a_reviewer_corrects_and_approves_it_and_what_the_author_sent_stays() -> None:
    made = factories.demonstration(exchanges=TWO)
    judge = factories.reviewer(made.campaign)
    corrected = [ONE[0], ("Another.", "A ripe pear.")]
    approve(made, judge, corrected)

    first, second = made.versions.order_by("number")
    assert (first.by, second.by) == (made.author, judge)
    assert said_in(made) == corrected and first.messages[3]["content"] == "A pear."
    assert second.prompt == first.prompt


@pytest.mark.parametrize("left_out", Criterion)
def test_it_is_approved_only_where_it_meets_every_point(left_out: Criterion) -> None:
    made = factories.demonstration()
    with pytest.raises(InvalidInput, match="every point"):
        approve(made, factories.reviewer(made.campaign), met=ALL - {left_out})
    made.refresh_from_db()
    assert made.status == DemonstrationStatus.IN_REVIEW


def test_a_reviewer_returns_it_with_a_comment_and_its_author_sends_it_again() -> None:
    made = factories.demonstration(exchanges=ONE)
    judge = factories.reviewer(made.campaign)
    with pytest.raises(InvalidInput, match="comment to the author is empty"):
        send_back(made, judge, " ")
    send_back(made, judge)
    made.refresh_from_db()
    assert (made.status, made.feedback) == (DemonstrationStatus.RETURNED, "Too short.")
    assert set(made.unmet) == ALL

    rewrite(made, made.author)
    made.refresh_from_db()
    assert (made.status, made.newest.number, said_in(made)) == (DemonstrationStatus.IN_REVIEW, 2, TWO)
    assert Prompt.objects.count() == 1, "The first message is the same prompt."
    assert rewrite(made, made.author).newest.number == 2, "A double click stores nothing."
    approve(made, factories.reviewer(made.campaign), version=2)
    made.refresh_from_db()
    assert (made.status, made.unmet) == (DemonstrationStatus.APPROVED, [])


def test_a_first_message_that_was_changed_is_a_prompt_of_its_own() -> None:
    made = factories.returned_demonstration()
    rewrite(made, made.author, [("Name two fruits.", "An apple and a pear.")])
    assert made.newest.prompt.text == "Name two fruits." and Prompt.objects.count() == 2


def test_nobody_decides_on_their_own_and_nobody_but_a_reviewer_decides() -> None:
    made = factories.demonstration()
    memberships.add(user=made.author, campaign=made.campaign, role=Role.REVIEWER, by=None)
    for act in (approve, send_back):
        with pytest.raises(NotAllowed, match="your own work"):
            act(made, made.author)
        for person in (factories.annotator(made.campaign), factories.reviewer(factories.demonstrations_campaign())):
            with pytest.raises(NotAllowed, match="not a reviewer"):
                act(made, person)


def test_only_its_author_sends_it_again_and_only_where_it_was_returned() -> None:
    made = factories.returned_demonstration()
    with pytest.raises(NotAllowed, match="Only the person who wrote"):
        rewrite(made, factories.annotator(made.campaign))
    for other in (factories.demonstration(), factories.approved_demonstration()):
        with pytest.raises(Conflict, match="was not returned"):
            rewrite(other, other.author)


def test_of_two_reviewers_the_second_is_told_and_of_an_old_version_the_reviewer_is() -> None:
    made = factories.demonstration()
    one, other = factories.reviewer(made.campaign), factories.reviewer(made.campaign)
    send_back(made, one)
    with pytest.raises(Conflict, match="Another reviewer has decided"):
        approve(made, other)
    rewrite(made, made.author)
    with pytest.raises(Conflict, match="sent anew"):
        approve(made, other, version=1)


@pytest.mark.django_db(transaction=True)
def test_of_decisions_at_once_one_counts() -> None:
    made = factories.demonstration()
    acts = [partial(approve, made, factories.reviewer(made.campaign), list(ONE)) for _ in range(3)]
    acts += [partial(send_back, made, factories.reviewer(made.campaign)) for _ in range(3)]
    got = at_once(acts)
    assert sum(isinstance(outcome, DomainError) for outcome in got) == 5
    verbs = ["demonstration.approved", "demonstration.returned"]
    assert Event.objects.filter(verb__in=verbs).count() == 1


def test_a_reviewer_gets_what_waited_longest_and_is_not_their_own(clock: Clock) -> None:
    campaign = factories.demonstrations_campaign()
    judge = factories.annotator(campaign)
    memberships.add(user=judge, campaign=campaign, role=Role.REVIEWER, by=None)
    mine = factories.demonstration(campaign, by=judge)
    clock.goes(minutes=1)
    old = factories.demonstration(campaign)
    clock.goes(minutes=1)
    new = factories.demonstration(campaign)
    factories.approved_demonstration(campaign)
    assert list(demonstrations.to_review(campaign, judge)) == [old, new]
    assert mine not in demonstrations.to_review(campaign, judge)


def test_the_time_of_a_review_is_the_reviewers_and_counted_apart(clock: Clock) -> None:
    made = factories.demonstration()
    judge, roles = factories.reviewer(made.campaign), demonstrations.REVIEWERS
    for _ in range(3):
        writing.beat(about=made, campaign=made.campaign, fields={"feedback": "Too"}, by=judge, roles=roles)
        clock.goes(seconds=20)
    send_back(made, judge)
    made.refresh_from_db()
    assert made.review_seconds == 60 and made.newest.active_seconds == 0
