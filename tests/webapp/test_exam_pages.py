"""The pages of exams: from My work to the result, and what they keep to themselves."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from annotation import memberships, queue
from annotation.models import Attempt, Exam, ExamAnswer, Role
from preferences.models import Campaign, Judgment, Prompt
from tests import factories
from tests.factories import answers, part
from tests.factories.exams import CHOICE, WRITTEN
from tests.webapp.exam_steps import browser, of, started, text_of
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db

AVERAGE = [{"parts": [1], "measure": "average", "at_least": 4}]
RANKING = {
    "kind": "ranking",
    "text": "Order them.",
    "options": {"x": "One", "y": "Two", "z": "Three"},
    "by": "pairs",
}
PAIRWISE = {"kind": "pairwise", "text": "Which is better?", "options": {"x": "One", "y": "Two"}}
LIKERT = {"kind": "likert", "text": "How good?", "options": ["Bad", "Poor", "Fair", "Good", "Best"]}


@pytest.fixture
def campaign() -> Campaign:
    campaign = factories.campaign(slug="tested", name="Tested", track="helpfulness")
    factories.sampling_plan(campaign)
    return campaign


@pytest.fixture
def ann(campaign: Campaign) -> User:
    return factories.annotator(campaign, "ann")


def test_my_work_leads_to_the_exam_through_its_parts_to_the_result_and_to_the_work(
    campaign: Campaign, ann: User
) -> None:
    exam, client = factories.required_exam(campaign, part(), part(), title="Grammar"), browser(ann)
    factories.comparison(campaign)
    home = client.get("/").content.decode()
    assert of(exam) in home and "Its work begins after an exam" in home and "/campaigns/tested/start/" not in home
    assert "You have 2 attempts left" in text_of(client.get(of(exam)))
    one = started(client, exam)
    assert 'name="answer-1"' in client.get(one).content.decode()
    client.post(f"{one}1/draft/", answers(_1="b"))
    assert client.get(one).content.decode().count("checked") == 1
    open_still = client.post(f"{one}1/", answers(_1="b"))
    assert open_still.status_code == 409 and "Question 2 is not answered yet" in text_of(open_still)
    assert client.post(f"{one}1/", answers(_1="b", _2="b")).url == one
    assert "Next is part 2" in text_of(client.get(one))
    assert client.post(f"{one}begin/").url == one
    client.post(f"{one}2/", answers(_1="b", _2="b"))
    assert "You passed" in text_of(client.get(one))
    assert client.post("/campaigns/tested/start/").url.startswith("/compare/")


def test_who_has_not_passed_is_led_to_the_exam_from_every_door(campaign: Campaign, ann: User) -> None:
    exam, client = factories.required_exam(campaign), browser(ann)
    factories.comparison(campaign)
    assert client.post("/campaigns/tested/start/").url == of(exam)
    assert client.get("/campaigns/tested/next/").url == of(exam)
    assert client.get("/campaigns/tested/guideline/").status_code == 200
    for answer in (
        client.get("/campaigns/tested/write/"),
        client.post("/campaigns/tested/write/", {"text": "Why is the sky blue?", "category": "factual"}),
    ):
        assert answer.status_code == 403
        assert "is for those who passed the exam “An exam”" in text_of(answer)
    assert not Prompt.objects.filter(text="Why is the sky blue?").exists()
    assert client.post("/campaigns/tested/write/draft/", {"text": "Why?"}).status_code == 200


def test_the_next_message_of_a_dialogue_is_kept_where_the_exam_is_missing(ann: User) -> None:
    campaign = factories.campaign(max_turns=3, track="helpfulness")
    memberships.add(user=ann, campaign=campaign, role=Role.ANNOTATOR, by=None)
    factories.reads(ann, campaign)
    comparison = factories.comparison(of=factories.turn(campaign, by=ann))
    factories.judge(comparison, ann)
    factories.required_exam(campaign)
    address = f"/dialogues/{comparison.turn.dialogue_id}/"
    answer = browser(ann).post(address, {"text": "And what then?"})
    assert answer.status_code == 403 and "passed the exam" in text_of(answer)
    assert "And what then?" in browser(ann).get(address).content.decode()


def test_what_is_held_when_an_exam_is_required_is_sent_and_then_the_exam_comes(campaign: Campaign, ann: User) -> None:
    for _ in range(2):
        factories.comparison(campaign)
    held, client = queue.claim(campaign=campaign, by=ann), browser(ann)
    assert held is not None
    exam = factories.required_exam(campaign)
    assert client.post("/campaigns/tested/start/").url == f"/compare/{held.key}/"
    sent = client.post(f"/compare/{held.key}/", {"verdict": "2"})
    assert Judgment.objects.filter(annotator=ann).exists()
    assert sent.url.startswith("/campaigns/tested/done/")
    done = client.get(sent.url).content.decode()
    assert of(exam) in done and "Stored." in done


def test_an_answer_after_the_time_gets_its_sentence_and_stands_beside_the_result(campaign: Campaign, ann: User) -> None:
    exam, client = factories.required_exam(campaign), browser(ann)
    one = started(client, exam)
    client.post(f"{one}1/draft/", answers(_1="b"))
    factories.time_over(Attempt.objects.get())
    late = client.post(f"{one}1/draft/", answers(_1="b", _2="b"))
    assert late.status_code == 409 and "What you answered in time counts" in late.json()["message"]
    again = client.post(f"{one}1/", {**answers(_1="a", _2="b"), "anyway": "1"})
    assert again.status_code == 409 and "What you answered in time counts" in text_of(again)
    page = text_of(client.get(one))
    assert "Not passed this time" in page and "50%" in page
    assert "Came after the time" in page and "Part 1, question 2 That" in page and "Part 1, question 1 This" in page


def keyed(campaign: Campaign, key: str, order: list[str], point: int) -> Exam:
    """An exam whose questions have these keys, and are the same otherwise."""
    asked = [
        {**CHOICE, "options": {"x": "This", "y": "That"}, "key": key},
        {**RANKING, "key": order},
        {**PAIRWISE, "key": key, "degree": "better" if key == "x" else "slightly_better"},
        {**LIKERT, "key": point},
    ]
    made: Exam = factories.required_exam(campaign, part(*asked), part(), cool_down_hours=0, attempts=2)
    return made


def test_not_one_byte_of_a_page_depends_on_the_key(campaign: Campaign) -> None:
    """Two exams that differ in their keys alone look the same, from the start to a result of the same score."""
    walks = []
    for exam in (keyed(campaign, "x", ["x", "y", "z"], 1), keyed(campaign, "y", ["z", "x", "y"], 5)):
        client = browser(factories.annotator(campaign))
        pages = [client.get(of(exam))]
        one = started(client, exam)
        pages.append(client.get(one))
        wrong = answers(_2_x="1", _2_y="1")
        pages += [client.post(f"{one}1/draft/", wrong), client.post(f"{one}1/", wrong)]
        pages += [client.post(f"{one}1/", {**wrong, "anyway": "1"}), client.get(one), client.get(of(exam))]
        walks.append([anonymous(page, exam) for page in pages])
    assert walks[0] == walks[1]
    assert "Not passed" in walks[0][-2]


def anonymous(answer: Any, exam: Exam) -> str:
    """The whole answer without what is drawn anew each time: keys, tokens, pseudonyms, times."""
    text = answer.serialize_headers().decode() + answer.content.decode()
    text = text.replace(exam.slug, "SLUG")
    text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UUID", text)
    text = re.sub(r"csrfmiddlewaretoken\" value=\"\w+|X-CSRFToken\": \"\w+|nonce-[\w+/=-]+", "TOKEN", text)
    text = re.sub(r"[a-z]+-[a-z]+-\d{6}", "PSEUDONYM", text)
    text = re.sub(r"Content-Length: \d+|X-Request-ID: \w+", "HEADER", text)
    return re.sub(r"data-seconds=\"\d+|\d\d:\d\d", "TIME", text)


def test_a_reviewer_reads_and_scores_without_a_name_and_the_person_reads_the_remark(
    campaign: Campaign, ann: User
) -> None:
    exam = factories.required_exam(campaign, part(WRITTEN), marks=AVERAGE)
    one = started(browser(ann), exam)
    browser(ann).post(f"{one}1/", answers(_1="My own words."))
    assert "Handed in; a reviewer reads it" in text_of(browser(ann).get(one))
    rita = factories.user("rita")
    memberships.add(user=rita, campaign=campaign, role=Role.REVIEWER, by=None)
    client, key = browser(rita), Attempt.objects.get().key
    assert "1 exam waits for your scores" in text_of(client.get("/"))
    scoring, listed = client.get(f"/exams/scoring/{key}/"), client.get("/exams/scoring/")
    for page in (scoring, listed):
        assert ann.pseudonym not in page.content.decode() and "ann" not in re.findall(r"\w+", page.content.decode())
    assert "My own words." in scoring.content.decode()
    field = ExamAnswer.objects.get().pk
    bad = client.post(f"/exams/scoring/{key}/", {f"remark-{field}": "Well said, and"})
    assert bad.status_code == 422 and "Well said, and" in bad.content.decode()
    form = {f"score-{field}": "5", f"remark-{field}": "Well said."}
    assert client.post(f"/exams/scoring/{key}/", form).url == "/exams/scoring/"
    assert client.get(f"/exams/scoring/{key}/").status_code == 404
    page = text_of(browser(ann).get(one))
    assert "You passed" in page and "Well said." in page and rita.pseudonym not in page


@pytest.mark.parametrize("remaining", [0, 1], ids=["the last score", "one of two"])
def test_a_reviewer_who_was_overtaken_sees_the_score_that_stands_and_what_they_wrote(
    campaign: Campaign, ann: User, remaining: int
) -> None:
    exam = factories.required_exam(campaign, part(*[WRITTEN] * (1 + remaining)), marks=AVERAGE)
    browser(ann).post(f"{started(browser(ann), exam)}1/", answers(_1="My own words.", _2="Others.") | {"anyway": "1"})
    address = f"/exams/scoring/{Attempt.objects.get().key}/"
    field = ExamAnswer.objects.order_by("question__number")[0].pk
    first, second = (browser(factories.reviewer(campaign)) for _ in range(2))
    assert first.post(address, {f"score-{field}": "5", f"remark-{field}": "Well said."}).status_code == 302
    late = second.post(address, {f"score-{field}": "2", f"remark-{field}": "Too short, since nothing is named."})
    assert late.status_code == 409
    assert "5 of 5" in text_of(late) and "2 of 5" not in text_of(late) and "Well said." in text_of(late)
    assert "Too short, since nothing is named." in text_of(late)
    assert ExamAnswer.objects.get(pk=field).score == 5


def test_scoring_is_for_reviewers_and_never_of_ones_own(campaign: Campaign, ann: User) -> None:
    exam = factories.required_exam(campaign, part(WRITTEN), marks=AVERAGE)
    one = started(browser(ann), exam)
    browser(ann).post(f"{one}1/", answers(_1="My own words."))
    address = f"/exams/scoring/{Attempt.objects.get().key}/"
    assert browser(ann).get(address).status_code == browser(ann).get("/exams/scoring/").status_code == 403
    rita = factories.reviewer(campaign)
    memberships.pause(membership=rita.memberships.get(), reason="Away.", by=None)
    for refused in (browser(rita).get(address), browser(rita).post(address), browser(rita).get("/exams/scoring/")):
        assert refused.status_code == 403 and "My own words." not in refused.content.decode()
    memberships.add(user=ann, campaign=campaign, role=Role.REVIEWER, by=None)
    assert browser(ann).get(address).status_code == browser(ann).post(address).status_code == 404
    assert "Nothing waits" in text_of(browser(ann).get("/exams/scoring/"))


def test_a_manager_requires_releases_and_gives_another_attempt(campaign: Campaign, ann: User) -> None:
    exam = factories.exam(title="Grammar", attempts=1)
    olga = browser(factories.manager(campaign))
    address = "/campaigns/tested/exams/"
    assert "Grammar, version 1" in text_of(olga.get(address))
    assert olga.post(f"{address}require/", {"exam": exam.pk, "retest": "1"}).url == address
    assert "Not tried yet" in text_of(olga.get(address))
    factories.taken(exam, ann, right=False)
    page = olga.get(address).content.decode()
    assert ann.pseudonym in page and "ann" not in re.findall(r"\w+", page) and "Give one more" in page
    form = {"exam": exam.pk, "person": ann.pseudonym}
    assert olga.post(f"{address}grant/", form).url == address
    assert "Give one more" not in olga.get(address).content.decode()
    twice = olga.post(f"{address}grant/", form)
    assert twice.status_code == 409 and "has an attempt left already" in text_of(twice)
    assert olga.post(f"{address}release/", {"exam": exam.pk}).url == address
    assert "asks for no exam" in text_of(olga.get(address))


def test_a_manager_sees_what_an_attempt_reached_and_what_came_late(campaign: Campaign, ann: User) -> None:
    exam, olga = factories.required_exam(campaign), browser(factories.manager(campaign))
    one = started(browser(ann), exam)
    factories.time_over(Attempt.objects.get())
    browser(ann).post(f"{one}1/draft/", answers(_1="b"))
    address = f"/campaigns/tested/exams/attempts/{Attempt.objects.get().key}/"
    assert address in olga.get("/campaigns/tested/exams/").content.decode()
    page = text_of(olga.get(address))
    assert ann.pseudonym in page and "0%" in page and "Part 1, question 1 That" in page
    assert "ann" not in re.findall(r"\w+", page)
    assert browser(ann).get(address).status_code == 403
    elsewhere = factories.campaign(slug="elsewhere")
    other = browser(factories.manager(elsewhere))
    assert other.get(address.replace("tested", "elsewhere")).status_code == 404


def test_the_managers_page_is_for_its_managers(campaign: Campaign, ann: User) -> None:
    exam = factories.exam()
    other = browser(factories.manager(factories.campaign()))
    for client in (browser(ann), other):
        assert client.get("/campaigns/tested/exams/").status_code == 403
        for door in ("require", "release", "grant"):
            form = {"exam": exam.pk, "person": ann.pseudonym}
            assert client.post(f"/campaigns/tested/exams/{door}/", form).status_code == 403
    assert not campaign.required_exams.exists()


@pytest.mark.parametrize("exam", ["", "0", "999999999", "²", "one", "\x00"])
def test_an_exam_or_a_person_that_is_not_there_is_not_found(campaign: Campaign, ann: User, exam: str) -> None:
    required, olga = factories.required_exam(campaign), browser(factories.manager(campaign))
    for door in ("require", "release", "grant"):
        form = {"exam": exam, "person": ann.pseudonym}
        assert olga.post(f"/campaigns/tested/exams/{door}/", form).status_code == 404
    for person in ("", "nobody", "a\x00b", "ann", factories.user().pseudonym):
        form = {"exam": str(required.pk), "person": person}
        assert olga.post("/campaigns/tested/exams/grant/", form).status_code == 404


def test_the_managers_page_costs_the_same_for_three_annotators_and_for_thirty(
    campaign: Campaign, django_assert_max_num_queries: Any
) -> None:
    exam, olga = factories.required_exam(campaign), browser(factories.manager(campaign))
    for number in range(30):
        person = factories.annotator(campaign)
        if number < 3:
            factories.taken(exam, person, right=number == 0)
    with django_assert_max_num_queries(20):
        assert olga.get("/campaigns/tested/exams/").status_code == 200


def test_a_pass_that_ends_soon_is_announced_and_renewed_without_a_gap(campaign: Campaign, ann: User) -> None:
    exam, client = factories.required_exam(campaign, valid_days=31, title="Grammar"), browser(ann)
    attempt = factories.taken(exam, ann)
    assert "Renew it" not in client.get("/").content.decode()
    Attempt.objects.filter(pk=attempt.pk).update(valid_until=timezone.now() + timedelta(days=29))
    assert "Your pass of the exam Grammar ends on" in text_of(client.get("/"))
    one = started(client, exam)
    client.post(f"{one}1/", answers(_1="b", _2="b"))
    assert "You passed" in text_of(client.get(one))
    assert "Renew it" not in client.get("/").content.decode()
    assert client.post("/campaigns/tested/start/").url.startswith("/campaigns/tested/done/")
