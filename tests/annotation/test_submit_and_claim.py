"""One click stores the answer and brings the next comparison: in one transaction, in few queries, once."""

from __future__ import annotations

import uuid
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotation import leases, ordering, queue
from annotation.leases import LeaseLost
from annotation.models import Assignment
from annotation.queue import Answer, Submitted
from annotation.visibility import sight_of
from preferences.choices import AssignmentStatus, SlotStatus
from preferences.errors import InvalidInput
from preferences.models import Campaign, Comparison, Event, Judgment, Slot
from tests import factories
from tests.annotation.helpers import claimed, let_lease_end, new_annotator, new_comparison, open_campaign
from tests.concurrency import at_once
from tests.preferences.refusals import everything
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db

MOST_QUERIES = 10


def submit(key: uuid.UUID, by: User, place: int | None = 1) -> Submitted:
    return queue.submit_and_claim(key=key, by=by, answer=Answer(place=place))


def also_held(campaign: Campaign, by: User) -> Assignment:
    """A further lease of the person, of a new comparison."""
    made = new_comparison(campaign)
    with transaction.atomic():
        found = leases.lease_of(made, by)
    assert found is not None
    return found


def active(by: User) -> list[Assignment]:
    return list(Assignment.objects.filter(annotator=by, status=AssignmentStatus.ACTIVE))


def test_it_stores_the_answer_and_hands_back_the_next_one_leased() -> None:
    campaign = open_campaign()
    first, second = new_comparison(campaign), new_comparison(campaign)
    ann = new_annotator(campaign)

    done = submit(claimed(campaign, ann).key, ann)

    assert (done.judgment.comparison, done.is_live) == (first, False)
    assert Judgment.objects.get() == done.judgment
    assert done.following is not None and done.following.comparison == second
    assert active(ann) == [done.following]
    sight = sight_of(done.following)
    assert sight.messages == [{"role": "user", "content": second.turn.prompt.text}]
    assert set(sight.texts) == {second.response_a.text, second.response_b.text}
    assert (sight.guideline_version, sight.guideline_is_read, sight.is_live) == (1, True, False)


def test_the_next_one_has_the_history_of_its_dialogue() -> None:
    campaign = open_campaign(max_turns=3)
    new_comparison(campaign)
    ann, author = new_annotator(campaign), new_annotator(campaign)
    held = claimed(campaign, ann)
    *_, last = factories.dialogue_turns(campaign, ["One?", "Two?", "Three?"], by=author)
    Comparison.objects.filter(pk=factories.comparison(of=last).pk).update(
        created_at=timezone.now() - 2 * ordering.RESERVED_FOR_AUTHOR
    )

    following = submit(held.key, ann).following

    assert following is not None
    assert sight_of(following).messages == last.messages()


def test_it_hands_back_the_other_one_that_is_held_already() -> None:
    campaign = open_campaign()
    for _ in range(3):
        new_comparison(campaign)
    ann = new_annotator(campaign)
    held = claimed(campaign, ann)
    other = also_held(campaign, ann)

    assert submit(held.key, ann).following == other
    assert active(ann) == [other]


def test_it_forgets_another_one_whose_time_ran_out() -> None:
    campaign = open_campaign()
    for _ in range(2):
        new_comparison(campaign)
    ann = new_annotator(campaign)
    held = claimed(campaign, ann)
    other = also_held(campaign, ann)
    let_lease_end(other)

    following = submit(held.key, ann).following

    assert following is not None and following.comparison not in (held.comparison, other.comparison)


def test_it_hands_back_nothing_of_another_campaign() -> None:
    campaign, elsewhere = open_campaign(), open_campaign()
    new_comparison(campaign)
    new_comparison(elsewhere)
    ann = new_annotator(campaign)
    factories.reads(ann, elsewhere)
    ann.memberships.create(campaign=elsewhere, role="annotator")
    claimed(elsewhere, ann)

    assert submit(claimed(campaign, ann).key, ann).following is None


def test_it_hands_back_none_at_the_end() -> None:
    campaign = open_campaign(raters_per_item=2)
    new_comparison(campaign)
    ann = new_annotator(campaign)

    assert submit(claimed(campaign, ann).key, ann).following is None
    assert active(ann) == []


def test_after_the_authors_own_turn_comes_the_dialogue_and_not_the_queue() -> None:
    campaign = open_campaign(max_turns=2)
    new_comparison(campaign)
    ann = new_annotator(campaign)
    own = queue.claim_own(comparison=new_comparison(campaign, author=ann), by=ann)

    done = submit(own.key, ann)

    assert (done.is_live, done.following) == (True, None)
    assert active(ann) == []


def test_an_answer_that_is_refused_brings_nothing_and_takes_nothing() -> None:
    campaign = open_campaign()
    for _ in range(2):
        new_comparison(campaign)
    ann = new_annotator(campaign)
    held = claimed(campaign, ann)
    before = everything()

    with pytest.raises(InvalidInput):
        submit(held.key, ann, place=99)
    assert everything() == before
    let_lease_end(held)
    with pytest.raises(LeaseLost):
        submit(held.key, ann)
    assert not Judgment.objects.exists()


def test_sent_twice_it_answers_the_same_and_hands_back_the_same() -> None:
    campaign = open_campaign()
    for _ in range(4):
        new_comparison(campaign)
    ann = new_annotator(campaign)
    key = claimed(campaign, ann).key

    first, second = submit(key, ann, 1), submit(key, ann, 1)

    assert (second.judgment, second.following) == (first.judgment, first.following)
    assert second.judgment.chosen == first.judgment.chosen
    assert active(ann) == [first.following]
    assert Event.objects.filter(verb="assignment.claimed").count() == 2


@pytest.mark.django_db(transaction=True)
def test_fifty_clicks_at_once_are_one_answer_and_one_next_comparison() -> None:
    campaign = open_campaign(raters_per_item=2)
    for _ in range(5):
        new_comparison(campaign)
    ann = new_annotator(campaign)
    key = claimed(campaign, ann).key

    got = at_once([partial(submit, key, ann, 3) for _ in range(50)])

    assert [outcome for outcome in got if isinstance(outcome, Exception)] == []
    judgment = Judgment.objects.get()
    assert {(done.judgment.pk, done.judgment.score) for done in got} == {(judgment.pk, judgment.score)}
    held = active(ann)
    assert len(held) == 1
    assert [done.following for done in got] == held * 50
    assert Slot.objects.filter(status=SlotStatus.LEASED).count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_answer_and_a_claim_in_another_tab_at_once_leave_one_comparison_held() -> None:
    campaign = open_campaign()
    for _ in range(8):
        new_comparison(campaign)
    for _ in range(5):
        ann = new_annotator(campaign)
        key = claimed(campaign, ann).key

        got = at_once([partial(submit, key, ann), *[partial(queue.claim, campaign=campaign, by=ann)] * 3])

        assert [outcome for outcome in got if isinstance(outcome, Exception)] == []
        assert len(active(ann)) == 1
        queue.skip(key=active(ann)[0].key, by=ann, reason="other")


@pytest.mark.django_db(transaction=True)
def test_answers_to_two_comparisons_at_once_leave_one_comparison_held() -> None:
    campaign = open_campaign()
    for _ in range(9):
        new_comparison(campaign)
    for _ in range(4):
        ann = new_annotator(campaign)
        one, two = claimed(campaign, ann), also_held(campaign, ann)

        got = at_once([partial(submit, assignment.key, ann) for assignment in (one, two)])

        assert [outcome for outcome in got if isinstance(outcome, Exception)] == []
        last = max(got, key=lambda done: done.judgment.pk)
        assert active(ann) == [last.following]
        queue.skip(key=last.following.key, by=ann, reason="other")


def queries_of(campaign: Campaign) -> list[str]:
    """The statements of one submit-and-next in a campaign that has another comparison to hand out."""
    ann = new_annotator(campaign)
    held = claimed(campaign, ann)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        done = submit(held.key, ann)
        assert done.following is not None
        sight_of(done.following)
    return [query["sql"] for query in captured.captured_queries]


def statements(queries: list[str]) -> list[str]:
    return [sql for sql in queries if sql not in ("BEGIN", "COMMIT")]


def talk(campaign: Campaign, turns: int) -> None:
    """A dialogue of so many turns, whose last one waits for anybody."""
    *_, last = factories.dialogue_turns(campaign, [f"{n}?" for n in range(turns)], by=new_annotator(campaign))
    made = factories.comparison(of=last)
    Comparison.objects.filter(pk=made.pk).update(created_at=timezone.now() - timedelta(days=1))


@pytest.mark.django_db(transaction=True)
def test_it_takes_few_queries_however_much_there_is() -> None:
    small, large, short, long = (open_campaign(max_turns=8) for _ in range(4))
    for campaign, size in ((small, 3), (large, ordering.WINDOW + 1)):
        for _ in range(size):
            new_comparison(campaign)
    for campaign, turns in ((short, 1), (long, 4)):
        for _ in range(2):
            talk(campaign, turns)

    counted = [statements(queries_of(campaign)) for campaign in (small, large, short, long)]

    for found in counted:
        assert len(found) <= MOST_QUERIES, "\n\n".join(found)
    assert len({len(found) for found in counted}) == 1, [len(found) for found in counted]
