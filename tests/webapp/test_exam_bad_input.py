"""Bad input at an exam gets a sentence, and nothing that was answered is lost."""

from __future__ import annotations

import uuid

import pytest

from annotation import qualification
from annotation.models import Attempt, ExamAnswer
from preferences.models import Campaign
from tests import factories
from tests.factories import answers, part
from tests.factories.exams import WRITTEN
from tests.webapp.exam_steps import browser, of, started, text_of
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db

AVERAGE = [{"parts": [1], "measure": "average", "at_least": 4}]


@pytest.fixture
def campaign() -> Campaign:
    return factories.campaign()


@pytest.fixture
def ann(campaign: Campaign) -> User:
    return factories.annotator(campaign, "ann")


def test_an_exam_that_nobody_asks_of_me_and_an_attempt_of_somebody_else_are_not_there(
    campaign: Campaign, ann: User
) -> None:
    exam, client = factories.required_exam(campaign), browser(ann)
    attempt = qualification.start(exam=exam, by=factories.annotator(campaign))
    for address in (of(factories.exam()), f"/exams/{exam.slug}/{10**30}/", f"/exams/attempts/{uuid.uuid4()}/"):
        assert client.get(address).status_code == 404
    one = f"/exams/attempts/{attempt.key}/"
    assert client.get(one).status_code == 404
    for door in ("begin/", "1/", "1/draft/"):
        assert client.post(one + door, answers(_1="b")).status_code == 403
    assert not ExamAnswer.objects.exists()


def test_a_start_that_is_refused_says_why(campaign: Campaign, ann: User) -> None:
    exam, client = factories.required_exam(campaign), browser(ann)
    factories.taken(exam, ann, right=False)
    answer = client.post(of(exam))
    assert answer.status_code == 409
    assert "The next attempt at the exam “An exam” may start on" in text_of(answer)
    assert "Start part 1 now" not in text_of(answer)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("x" * 100_000, "has 100,000 characters"), ("before\x00after", "contains a NUL character")],
    ids=["long", "NUL"],
)
def test_a_text_that_cannot_be_handed_in_is_there_again_with_its_sentence(
    campaign: Campaign, ann: User, text: str, sentence: str
) -> None:
    exam, client = factories.required_exam(campaign, part(WRITTEN), marks=AVERAGE), browser(ann)
    one = started(client, exam)
    answer = client.post(f"{one}1/", answers(_1=text))
    page = answer.content.decode()
    assert answer.status_code == 422 and sentence in page
    assert text.replace("\x00", "") in page.replace("\x00", "")
    assert Attempt.objects.get().status == "started"


@pytest.mark.parametrize("word", ["z", "\x00", "x" * 100_000, "a\x00"])
def test_a_tampered_answer_gets_a_sentence(campaign: Campaign, ann: User, word: str) -> None:
    client = browser(ann)
    one = started(client, factories.required_exam(campaign))
    for door in ("1/draft/", "1/"):
        answer = client.post(one + door, answers(_1=word))
        assert answer.status_code == 422
        assert "Question 1 has no such answer" in answer.content.decode()
    for number in ("2", "0", str(10**30)):
        assert client.post(f"{one}{number}/draft/", answers(_1="b")).status_code == 403
    assert not ExamAnswer.objects.exists()
