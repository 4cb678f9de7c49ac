"""Exams under threads: each call in a thread of its own."""

from __future__ import annotations

from collections import Counter
from functools import partial

import pytest
from django.utils import timezone

from annotation import exam_rules, qualification, written_answers
from annotation.models import Attempt, ExamAnswer, Sitting
from annotation.written_answers import Score
from preferences.models import Event
from tests import factories
from tests.concurrency import at_once
from tests.factories import answers
from tests.factories.exams import WRITTEN, AttemptFactory

pytestmark = pytest.mark.django_db(transaction=True)


def test_twenty_starts_at_once_are_one_attempt() -> None:
    campaign = factories.campaign()
    exam, ann = factories.required_exam(campaign), factories.annotator(campaign)
    outcomes = at_once([partial(qualification.start, exam=exam, by=ann)] * 20)
    assert len(set(outcomes)) == 1 and isinstance(outcomes[0], Attempt)
    assert (Attempt.objects.count(), Sitting.objects.count()) == (1, 1)


def test_twenty_starts_at_once_do_not_pass_the_cap() -> None:
    campaign = factories.campaign()
    exam, ann = factories.required_exam(campaign, attempts=1), factories.annotator(campaign)
    AttemptFactory(exam=exam, person=ann, number=1, status="failed", finished_at=timezone.now())
    outcomes = at_once([partial(qualification.start, exam=exam, by=ann)] * 20)
    assert Counter(type(one).__name__ for one in outcomes) == {"Conflict": 20}
    assert Attempt.objects.count() == 1


def test_handing_in_from_ten_windows_at_once_decides_once() -> None:
    campaign = factories.campaign()
    exam, ann = factories.required_exam(campaign), factories.annotator(campaign)
    attempt = qualification.start(exam=exam, by=ann)
    fields = answers(_1="b", _2="b")
    call = partial(qualification.hand_in, key=attempt.key, part=1, by=ann, fields=fields)
    outcomes = at_once([call] * 8 + [qualification.close_over] * 2)
    assert {one.status for one in outcomes[:8]} == {"passed"}
    assert ExamAnswer.objects.count() == 2
    assert Event.objects.filter(verb="attempt.passed").count() == 1


def test_a_part_whose_time_is_over_is_closed_once_whoever_looks() -> None:
    campaign = factories.campaign()
    exam, ann = factories.required_exam(campaign), factories.annotator(campaign)
    attempt = qualification.start(exam=exam, by=ann)
    factories.time_over(attempt)
    look = partial(qualification.look, key=attempt.key, by=ann)
    outcomes = at_once([look, qualification.close_over] * 5)
    assert not [one for one in outcomes if isinstance(one, Exception)]
    assert Event.objects.filter(verb="sitting.handed_in").count() == 1


def test_ten_managers_who_grant_at_once_give_one_attempt() -> None:
    campaign = factories.campaign()
    exam, ann = factories.required_exam(campaign, attempts=1), factories.annotator(campaign)
    factories.taken(exam, ann, right=False)
    call = partial(exam_rules.grant, exam=exam, person=ann, campaign=campaign, by=None)
    outcomes = at_once([call] * 10)
    assert Counter(type(one).__name__ for one in outcomes) == {"AttemptGrant": 1, "Conflict": 9}


def test_reviewers_who_score_the_same_answer_at_once_leave_one_score_and_one_result() -> None:
    campaign = factories.campaign()
    marks = [{"parts": [1], "measure": "average", "at_least": 4}]
    exam, ann = factories.required_exam(campaign, factories.part(WRITTEN), marks=marks), factories.annotator(campaign)
    attempt = qualification.start(exam=exam, by=ann)
    qualification.hand_in(key=attempt.key, part=1, by=ann, fields=answers(_1="My answer."))
    answer = written_answers.written_of(attempt).get()
    reviewers = [factories.user(is_superuser=True) for _ in range(6)]
    calls = [
        partial(written_answers.score, attempt=attempt, scores={answer.pk: Score(place % 5 + 1)}, by=reviewer)
        for place, reviewer in enumerate(reviewers)
    ]
    outcomes = at_once(calls)
    first = ExamAnswer.objects.get()
    status = "passed" if (first.score or 0) >= 4 else "failed"
    assert Attempt.objects.get().status == status
    assert Event.objects.filter(verb="exam_answer.scored").count() == 1
    # Whoever gave the very score that stands is told of no conflict.
    agreed = sum(not isinstance(one, Exception) for one in outcomes)
    assert agreed == sum(place % 5 + 1 == first.score for place in range(6))
