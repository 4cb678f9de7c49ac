"""Taking an exam: the server's clock, attempts, what counts and what is only kept."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from annotation import exam_rules, people, qualification, requirements
from annotation.models import Attempt, Exam, ExamAnswer, Sitting
from annotation.qualification import BREAK, TimeOver
from annotation.standing import RENEWED_FROM, standing_of
from annotation.tasks import close_exams
from preferences.actions import campaigns
from preferences.choices import AttemptStatus
from preferences.errors import Conflict, InvalidInput, NotAllowed
from preferences.models import Campaign, Event
from tests import factories
from tests.factories import answers
from tests.factories.exams import WRITTEN
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db

STARTED, AWAITING = AttemptStatus.STARTED, AttemptStatus.AWAITING_SCORE
PASSED, FAILED = AttemptStatus.PASSED, AttemptStatus.FAILED


@pytest.fixture
def campaign() -> Campaign:
    return factories.campaign()


@pytest.fixture
def exam(campaign: Campaign) -> Exam:
    return factories.required_exam(campaign)


@pytest.fixture
def ann(campaign: Campaign) -> User:
    return factories.annotator(campaign)


def status_of(attempt: Attempt) -> str:
    return Attempt.objects.get(pk=attempt.pk).status


def stored(attempt: Attempt) -> list[tuple[object, object]]:
    """What counts and what came late, in the order of the questions."""
    given = ExamAnswer.objects.filter(sitting__attempt=attempt).order_by("question__part", "question__number")
    return list(given.values_list("value", "late_value"))


def cooled(attempt: Attempt) -> None:
    Attempt.objects.filter(pk=attempt.pk).update(finished_at=timezone.now() - timedelta(hours=25))


def test_all_right_is_passed_until_its_pass_ends(exam: Exam, ann: User) -> None:
    attempt = factories.taken(exam, ann)
    assert attempt.status == PASSED and attempt.finished_at and attempt.valid_until
    assert attempt.valid_until - attempt.finished_at == timedelta(days=180)
    assert requirements.passes(ann, at=timezone.now()).get() == attempt
    assert not requirements.passes(ann, at=attempt.valid_until).exists()


def test_a_pass_without_an_end_counts_for_good(campaign: Campaign, ann: User) -> None:
    attempt = factories.taken(factories.required_exam(campaign, valid_days=None), ann)
    assert attempt.valid_until is None
    assert requirements.passes(ann, at=timezone.now() + timedelta(days=10_000)).exists()


def test_an_answer_counts_as_it_was_last_given_in_time(exam: Exam, ann: User) -> None:
    attempt = qualification.start(exam=exam, by=ann)
    qualification.save(key=attempt.key, part=1, by=ann, fields=answers(_1="a", _2="b"))
    qualification.save(key=attempt.key, part=1, by=ann, fields=answers(_1="b", _2="b"))
    factories.time_over(attempt)
    assert qualification.look(key=attempt.key, by=ann).status == PASSED
    assert stored(attempt) == [("b", None), ("b", None)]


def test_an_answer_after_the_time_is_refused_kept_beside_and_not_counted(exam: Exam, ann: User) -> None:
    attempt = qualification.start(exam=exam, by=ann)
    qualification.save(key=attempt.key, part=1, by=ann, fields=answers(_1="b"))
    factories.time_over(attempt)
    for call in (qualification.save, qualification.hand_in):
        with pytest.raises(TimeOver, match="What you answered in time counts"):
            call(key=attempt.key, part=1, by=ann, fields=answers(_1="a", _2="b"))
        assert stored(attempt) == [("b", "a"), (None, "b")]
        ExamAnswer.objects.filter(sitting__attempt=attempt).update(late_value=None)
    assert status_of(attempt) == FAILED


def test_a_part_that_nobody_came_back_to_ends_at_the_end_of_its_time(exam: Exam, ann: User) -> None:
    attempt = qualification.start(exam=exam, by=ann)
    qualification.save(key=attempt.key, part=1, by=ann, fields=answers(_1="b", _2="b"))
    close_exams()
    assert status_of(attempt) == STARTED
    factories.time_over(attempt)
    close_exams()
    assert status_of(attempt) == PASSED
    sitting = Sitting.objects.get(attempt=attempt)
    assert sitting.handed_in_at == sitting.ends_at
    told = Event.objects.get(verb="sitting.handed_in")
    assert told.actor is None and told.data["by_clock"] is True
    close_exams()
    assert Event.objects.filter(verb="sitting.handed_in").count() == 1


def test_handing_in_twice_is_handing_in_once(exam: Exam, ann: User) -> None:
    attempt = qualification.start(exam=exam, by=ann)
    for _ in range(2):
        handed = qualification.hand_in(key=attempt.key, part=1, by=ann, fields=answers(_1="b", _2="b"))
        assert handed.status == PASSED
    assert Event.objects.filter(verb="attempt.passed").count() == 1


def test_another_window_that_hands_in_later_changes_nothing_and_is_told(exam: Exam, ann: User) -> None:
    attempt = qualification.start(exam=exam, by=ann)
    qualification.hand_in(key=attempt.key, part=1, by=ann, fields=answers(_1="a", _2="b"))
    with pytest.raises(TimeOver):
        qualification.hand_in(key=attempt.key, part=1, by=ann, fields=answers(_1="b", _2="b"))
    assert status_of(attempt) == FAILED
    assert stored(attempt) == [("a", "b"), ("b", None)]


def test_a_window_that_is_behind_another_empties_nothing(exam: Exam, ann: User) -> None:
    attempt = qualification.start(exam=exam, by=ann)
    first = qualification.save(key=attempt.key, part=1, by=ann, fields=answers(_1="b"))
    behind = str(Sitting.objects.get(pk=first.pk).version)
    second = qualification.save(key=attempt.key, part=1, by=ann, fields=answers(_1="b", _2="b"), version=behind)
    qualification.save(key=attempt.key, part=1, by=ann, fields=answers(_1="a"), version=behind)
    assert stored(attempt) == [("a", None), ("b", None)]
    latest = str(Sitting.objects.get(pk=second.pk).version)
    qualification.save(key=attempt.key, part=1, by=ann, fields=answers(_1="a"), version=latest)
    assert stored(attempt) == [("a", None), (None, None)]


def test_starting_twice_is_starting_once(exam: Exam, ann: User) -> None:
    assert qualification.start(exam=exam, by=ann) == qualification.start(exam=exam, by=ann)
    assert Attempt.objects.count() == Sitting.objects.count() == 1


def test_after_a_failed_attempt_the_next_one_waits_for_the_cool_down(exam: Exam, ann: User) -> None:
    attempt = factories.taken(exam, ann, right=False)
    with pytest.raises(Conflict, match=r"may start on 20\d\d-\d\d-\d\d"):
        qualification.start(exam=exam, by=ann)
    cooled(attempt)
    assert qualification.start(exam=exam, by=ann).number == 2


def test_without_attempts_left_a_manager_gives_another_one(campaign: Campaign, exam: Exam, ann: User) -> None:
    for _ in range(2):
        cooled(factories.taken(exam, ann, right=False))
    with pytest.raises(Conflict, match="no attempt left"):
        qualification.start(exam=exam, by=ann)
    olga = factories.manager(campaign)
    exam_rules.grant(exam=exam, person=ann, campaign=campaign, by=olga)
    with pytest.raises(Conflict, match="has an attempt left already"):
        exam_rules.grant(exam=exam, person=ann, campaign=campaign, by=olga)
    assert Event.objects.get(verb="attempt.granted").actor == olga
    assert factories.taken(exam, ann).number == 3


def test_a_pass_is_not_taken_again_before_it_nears_its_end_and_its_renewal_uses_no_attempt_up(
    exam: Exam, ann: User
) -> None:
    attempt = factories.taken(exam, ann)
    with pytest.raises(Conflict, match="nothing to take again"):
        qualification.start(exam=exam, by=ann)
    Attempt.objects.filter(pk=attempt.pk).update(valid_until=timezone.now() + RENEWED_FROM - timedelta(hours=1))
    assert standing_of(exam, ann).left == 2
    assert factories.taken(exam, ann).number == 2


def test_an_exam_that_no_campaign_of_the_person_asks_for_is_not_taken(campaign: Campaign, ann: User) -> None:
    for exam in (factories.exam(), factories.required_exam(factories.campaign())):
        with pytest.raises(NotAllowed, match="No campaign of yours asks"):
            qualification.start(exam=exam, by=ann)
    exam = factories.required_exam(campaign)
    campaigns.close(campaign=campaign, by=None)
    with pytest.raises(NotAllowed, match="No campaign of yours asks"):
        qualification.start(exam=exam, by=ann)


def test_a_missed_mark_ends_the_attempt_before_the_next_part(campaign: Campaign, ann: User) -> None:
    exam = factories.required_exam(campaign, factories.part(), factories.part())
    attempt = qualification.start(exam=exam, by=ann)
    failed = qualification.hand_in(key=attempt.key, part=1, by=ann, fields=answers(_1="b", _2="a"))
    assert failed.status == FAILED
    qualification.begin_part(key=attempt.key, by=ann)
    assert Sitting.objects.filter(attempt=attempt).count() == 1


def test_the_next_part_begins_when_the_person_begins_it_and_once(campaign: Campaign, ann: User) -> None:
    exam = factories.required_exam(campaign, factories.part(), factories.part())
    attempt = qualification.start(exam=exam, by=ann)
    qualification.begin_part(key=attempt.key, by=ann)
    assert Sitting.objects.count() == 1, "The first part still runs."
    with pytest.raises(NotAllowed, match="was not begun"):
        qualification.save(key=attempt.key, part=2, by=ann, fields=answers(_1="b"))
    half = qualification.hand_in(key=attempt.key, part=1, by=ann, fields=answers(_1="b", _2="b"))
    assert half.status == STARTED
    for _ in range(2):
        qualification.begin_part(key=attempt.key, by=ann)
    assert Sitting.objects.count() == 2
    assert qualification.hand_in(key=attempt.key, part=2, by=ann, fields=answers(_1="b", _2="b")).status == PASSED


def test_an_attempt_whose_next_part_is_not_begun_for_a_day_is_over(campaign: Campaign, ann: User) -> None:
    exam = factories.required_exam(campaign, factories.part(), factories.part())
    attempt = qualification.start(exam=exam, by=ann)
    qualification.hand_in(key=attempt.key, part=1, by=ann, fields=answers(_1="b", _2="b"))
    close_exams()
    assert status_of(attempt) == STARTED
    Attempt.objects.filter(pk=attempt.pk).update(started_at=timezone.now() - BREAK)
    close_exams()
    assert status_of(attempt) == FAILED


def test_what_is_written_waits_for_a_reviewer_and_nothing_written_does_not(campaign: Campaign, ann: User) -> None:
    marks = [{"parts": [1], "measure": "average", "at_least": 4}]
    exam = factories.required_exam(campaign, factories.part(WRITTEN), marks=marks)
    attempt = qualification.start(exam=exam, by=ann)
    handed = qualification.hand_in(key=attempt.key, part=1, by=ann, fields=answers(_1="My answer."))
    assert handed.status == AWAITING
    with pytest.raises(Conflict, match="waits for a reviewer"):
        qualification.start(exam=exam, by=ann)
    bob = factories.annotator(campaign)
    blank = qualification.start(exam=exam, by=bob)
    assert qualification.hand_in(key=blank.key, part=1, by=bob, fields=answers(_1=" \n")).status == FAILED


@pytest.mark.parametrize(
    ("text", "sentence", "kept"),
    [
        ("x" * 100_000, "has 100,000 characters and the limit is 20,000", "x" * 100_000),
        ("a\x00b", "contains a NUL character", "a\ufffdb"),
        ("a\ud800b", "could not be read as UTF-8", "a\ufffdb"),
    ],
    ids=["long", "NUL", "lone surrogate"],
)
def test_a_text_that_cannot_be_handed_in_gets_a_sentence_and_is_kept(
    campaign: Campaign, ann: User, text: str, sentence: str, kept: str
) -> None:
    marks = [{"parts": [1], "measure": "average", "at_least": 4}]
    exam = factories.required_exam(campaign, factories.part(WRITTEN), marks=marks)
    attempt = qualification.start(exam=exam, by=ann)
    with pytest.raises(InvalidInput, match=sentence):
        qualification.hand_in(key=attempt.key, part=1, by=ann, fields=answers(_1=text))
    assert (status_of(attempt), stored(attempt)) == (STARTED, [(kept, None)])
    factories.time_over(attempt)
    close_exams()
    assert status_of(attempt) == AWAITING, "What is too long when the time ends is for the reviewer to read."


@pytest.mark.parametrize("word", ["c", "B", "1", "b\x00", "x" * 100_000])
def test_an_answer_that_no_form_can_send_is_refused_and_takes_nothing_away(exam: Exam, ann: User, word: str) -> None:
    attempt = qualification.start(exam=exam, by=ann)
    qualification.save(key=attempt.key, part=1, by=ann, fields=answers(_1="b"))
    with pytest.raises(InvalidInput, match="Question 2 has no such answer"):
        qualification.save(key=attempt.key, part=1, by=ann, fields=answers(_1="a", _2=word))
    assert stored(attempt) == [("b", None)]


def test_a_field_of_a_question_that_the_part_does_not_have_answers_nothing(exam: Exam, ann: User) -> None:
    other = factories.exam()
    foreign = other.parts.get().questions.first()
    attempt = qualification.start(exam=exam, by=ann)
    fields = {"answer-7": "b", f"answer-{foreign.pk + 1000}": "b", "answer--1": "b", "answer-": "b"}
    qualification.save(key=attempt.key, part=1, by=ann, fields=fields)
    assert stored(attempt) == []


def test_somebody_elses_attempt_does_not_exist(campaign: Campaign, exam: Exam, ann: User) -> None:
    attempt, bob = qualification.start(exam=exam, by=ann), factories.annotator(campaign)
    for call in (
        lambda: qualification.look(key=attempt.key, by=bob),
        lambda: qualification.begin_part(key=attempt.key, by=bob),
        lambda: qualification.save(key=attempt.key, part=1, by=bob, fields=answers(_1="b")),
        lambda: qualification.hand_in(key=attempt.key, part=1, by=bob, fields=answers(_1="b")),
    ):
        with pytest.raises(NotAllowed, match="no such attempt of yours"):
            call()
    assert stored(attempt) == []


def test_every_step_leaves_its_event(exam: Exam, ann: User) -> None:
    before = Event.objects.latest("pk").pk
    factories.taken(exam, ann)
    verbs = list(Event.objects.filter(pk__gt=before).order_by("pk").values_list("verb", "actor"))
    steps = ["attempt.started", "sitting.started", "sitting.handed_in", "attempt.passed"]
    assert verbs == [(step, ann.pk) for step in steps]


def test_a_paused_person_starts_no_exam_and_is_told_why(exam: Exam, ann: User) -> None:
    people.pause(user=ann, reason="A break.", by=None)
    with pytest.raises(NotAllowed, match="has paused your account"):
        qualification.start(exam=exam, by=ann)
