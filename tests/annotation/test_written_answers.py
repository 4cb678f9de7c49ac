"""Reviewers score what was written; the last score decides; nobody scores their own."""

from __future__ import annotations

import pytest

from annotation import exam_rules, memberships, people, qualification, written_answers
from annotation.models import Attempt, Exam, ExamAnswer, Role
from annotation.permissions import WorkPaused
from annotation.written_answers import Score
from preferences.choices import AttemptStatus
from preferences.errors import Conflict, InvalidInput, NotAllowed
from preferences.models import Campaign, Event
from tests import factories
from tests.factories import answers
from tests.factories.exams import WRITTEN
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign() -> Campaign:
    return factories.campaign()


@pytest.fixture
def exam(campaign: Campaign) -> Exam:
    marks = [{"parts": [1], "measure": "average", "at_least": 4}]
    return factories.required_exam(campaign, factories.part(WRITTEN, {**WRITTEN, "text": "Another."}), marks=marks)


@pytest.fixture
def rita(campaign: Campaign) -> User:
    return member(campaign, Role.REVIEWER)


def member(campaign: Campaign, role: Role) -> User:
    person = factories.user()
    memberships.add(user=person, campaign=campaign, role=role, by=None)
    return person


def waiting(exam: Exam, by: User) -> Attempt:
    attempt = qualification.start(exam=exam, by=by)
    return qualification.hand_in(key=attempt.key, part=1, by=by, fields=answers(_1="One.", _2="Two."))


def ids(attempt: Attempt) -> list[int]:
    return [answer.pk for answer in written_answers.written_of(attempt)]


@pytest.mark.parametrize(
    ("points", "status"), [((4, 4), AttemptStatus.PASSED), ((5, 3), "passed"), ((4, 3), "failed"), ((1, 1), "failed")]
)
def test_the_last_score_decides(
    campaign: Campaign, exam: Exam, rita: User, points: tuple[int, int], status: str
) -> None:
    attempt = waiting(exam, factories.annotator(campaign))
    first, second = ids(attempt)
    half = written_answers.score(attempt=attempt, scores={first: Score(points[0], "Clear.")}, by=rita)
    assert half.status == AttemptStatus.AWAITING_SCORE
    assert written_answers.waiting(rita).get().unscored == 1
    assert written_answers.score(attempt=attempt, scores={second: Score(points[1])}, by=rita).status == status
    assert not written_answers.waiting(rita).exists()
    assert Event.objects.filter(verb="exam_answer.scored", actor=rita).count() == 2


def test_nobody_scores_their_own_answers_whatever_their_role(campaign: Campaign, exam: Exam) -> None:
    ann = factories.annotator(campaign)
    memberships.add(user=ann, campaign=campaign, role=Role.REVIEWER, by=None)
    attempt = waiting(exam, ann)
    assert not written_answers.waiting(ann).exists()
    with pytest.raises(NotAllowed, match="your own"):
        written_answers.score(attempt=attempt, scores={ids(attempt)[0]: Score(5)}, by=ann)
    assert not ExamAnswer.objects.filter(score__isnull=False).exists()


def test_reviewers_see_what_waits_in_their_campaigns_only(campaign: Campaign, exam: Exam, rita: User) -> None:
    attempt = waiting(exam, factories.annotator(campaign))
    stranger = member(factories.campaign(), Role.REVIEWER)
    assert list(written_answers.waiting(rita)) == [attempt]
    assert list(written_answers.waiting(stranger)) == []
    assert list(written_answers.waiting(factories.annotator(campaign))) == []
    assert list(written_answers.waiting(factories.user(is_superuser=True))) == [attempt]


def test_a_campaign_that_requires_the_same_exam_gives_nobody_the_answers_of_anothers_people(
    campaign: Campaign, exam: Exam
) -> None:
    attempt, elsewhere = waiting(exam, factories.annotator(campaign)), factories.campaign()
    exam_rules.require(campaign=elsewhere, exam=exam, by=None)
    stranger = member(elsewhere, Role.MANAGER)
    assert list(written_answers.waiting(stranger)) == []
    with pytest.raises(NotAllowed, match="asks this of its people"):
        written_answers.score(attempt=attempt, scores={ids(attempt)[0]: Score(5)}, by=stranger)
    memberships.add(user=attempt.person, campaign=elsewhere, role=Role.ANNOTATOR, by=None)
    assert list(written_answers.waiting(stranger)) == [attempt]


@pytest.mark.parametrize("whole_account", [True, False])
def test_a_paused_reviewer_reads_and_scores_nothing(
    campaign: Campaign, exam: Exam, rita: User, whole_account: bool
) -> None:
    attempt = waiting(exam, factories.annotator(campaign))
    if whole_account:
        people.pause(user=rita, reason="Away.", by=None)
    else:
        memberships.pause(membership=rita.memberships.get(), reason="Away.", by=None)
    rita.refresh_from_db()
    assert not written_answers.waiting(rita).exists() and not written_answers.is_scorer(rita)
    with pytest.raises(WorkPaused):
        written_answers.score(attempt=attempt, scores={ids(attempt)[0]: Score(5)}, by=rita)
    assert not ExamAnswer.objects.filter(score__isnull=False).exists()


def test_a_score_that_stands_is_kept_and_sent_again_it_is_no_error(campaign: Campaign, exam: Exam, rita: User) -> None:
    attempt, first = waiting(exam, factories.annotator(campaign)), Score(4, "Clear.")
    one = ids(attempt)[0]
    for _ in range(2):
        written_answers.score(attempt=attempt, scores={one: first}, by=rita)
    with pytest.raises(Conflict, match="that score stands"):
        written_answers.score(attempt=attempt, scores={one: Score(1)}, by=member(campaign, Role.REVIEWER))
    answer = ExamAnswer.objects.get(pk=one)
    assert (answer.score, answer.remark, answer.scored_by) == (4, "Clear.", rita)
    assert Event.objects.filter(verb="exam_answer.scored").count() == 1


@pytest.mark.parametrize("points", [0, 6, -1, None])
def test_a_score_is_from_one_to_five(campaign: Campaign, exam: Exam, rita: User, points: int | None) -> None:
    attempt = waiting(exam, factories.annotator(campaign))
    with pytest.raises(InvalidInput, match="from 1 to 5"):
        written_answers.score(attempt=attempt, scores={ids(attempt)[0]: Score(points, "Why.")}, by=rita)


def test_an_answer_of_another_attempt_is_not_scored_beside(campaign: Campaign, exam: Exam, rita: User) -> None:
    attempt, other = (waiting(exam, factories.annotator(campaign)) for _ in range(2))
    with pytest.raises(NotAllowed, match="belongs to another attempt"):
        written_answers.score(attempt=attempt, scores={ids(attempt)[0]: Score(4), ids(other)[0]: Score(4)}, by=rita)
    assert not ExamAnswer.objects.filter(score__isnull=False).exists()


def test_what_is_decided_is_not_scored_any_more(campaign: Campaign, exam: Exam, rita: User) -> None:
    ann = factories.annotator(campaign)
    marks = [{"parts": [1], "measure": "share", "at_least": 1}, {"parts": [2], "measure": "average", "at_least": 4}]
    exam = factories.required_exam(campaign, factories.part(), factories.part(WRITTEN), marks=marks)
    attempt = qualification.start(exam=exam, by=ann)
    qualification.hand_in(key=attempt.key, part=1, by=ann, fields=answers(_1="b", _2="b"))
    qualification.begin_part(key=attempt.key, by=ann)
    qualification.save(key=attempt.key, part=2, by=ann, fields=answers(_1="Still being written."))
    with pytest.raises(Conflict, match="is decided already"):
        Attempt.objects.filter(pk=attempt.pk).update(status="failed", finished_at=attempt.started_at)
        written_answers.score(attempt=attempt, scores={ids(attempt)[0]: Score(4)}, by=rita)
