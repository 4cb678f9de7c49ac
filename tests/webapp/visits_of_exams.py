"""The exams' pages, as a visit can call them up: before, during and after, for who takes, scores and manages them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client
from django.utils import translation

from annotation import memberships, qualification
from annotation.models import Attempt, Exam, Role
from preferences.models import Campaign
from tests import factories
from tests.factories import answers
from webapp.accounts.models import User

CHOICE = {"kind": "choice", "text": "哪个对？", "options": {"a": "这个", "b": "那个"}, "key": "b"}
RANKING = {"kind": "ranking", "text": "请排序。", "options": {"a": "一", "b": "二"}, "key": ["b", "a"], "by": "pairs"}
PAIRWISE = {"kind": "pairwise", "text": "哪个好？", "options": {"a": "一", "b": "二"}, "key": "a", "degree": "better"}
LIKERT = {"kind": "likert", "text": "多好？", "options": ["差", "较差", "一般", "好", "很好"], "key": 4}
WRITTEN = {"kind": "written", "text": "请写一个回答。"}
WORDS = {"title": "考试", "introduction": "说明。"}
AVERAGE = [{"parts": [1], "measure": "average", "more_than": 4}]


def part(*questions: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return factories.part(*questions, title="部分", introduction="说明。", **fields)


def required(campaign: Campaign, *parts: dict[str, Any], **fields: Any) -> Exam:
    made: Exam = factories.required_exam(campaign, *parts, **{**WORDS, **fields})
    return made


def visits(
    a_campaign: Callable[..., Campaign],
    get: Callable[..., Any],
    post: Callable[..., Any],
    reader: Callable[[User], Client],
) -> dict[str, Callable[[], Any]]:
    campaign = a_campaign("examined")
    ann = factories.annotator(campaign)
    memberships.add(user=ann, campaign=campaign, role=Role.REVIEWER, by=None)
    return _taking(campaign, ann, get, post, reader(ann)) | _judging(campaign, get, post, reader)


def _taking(campaign: Campaign, ann: User, get: Any, post: Any, client: Client) -> dict[str, Callable[[], Any]]:
    kinds = required(campaign, part(CHOICE, RANKING, PAIRWISE, LIKERT, WRITTEN, answers_wanted=3), marks=AVERAGE)
    two = required(campaign, part(CHOICE), part(CHOICE))
    counted = [{"parts": [1], "measure": "count", "more_than": 0}]
    failed, passed = required(campaign, part(CHOICE), marks=counted), required(campaign, part(CHOICE))
    running, rest = (qualification.start(exam=exam, by=ann) for exam in (kinds, two))
    qualification.hand_in(key=rest.key, part=1, by=ann, fields=answers(_1="b"))
    late = qualification.start(exam=failed, by=ann)
    factories.time_over(late)
    with translation.override("zh-hans"):
        page = f"/exams/attempts/{late.key}/"
        client.post(f"{page}1/draft/", answers(_1="b"))
    done = factories.taken(passed, ann)
    factories.taken(required(campaign, part(CHOICE), valid_days=20), ann)  # to be renewed soon
    fresh = required(campaign, part(CHOICE), valid_days=None)
    one = f"/exams/attempts/{running.key}/"
    return {
        "home with exams": get(client, "/"),
        "done for want of an exam": get(client, "/campaigns/examined/done/"),
        "not qualified": get(client, "/campaigns/examined/write/"),
        "an exam to start": get(client, f"/exams/{fresh.slug}/1/"),
        "an exam that runs": get(client, f"/exams/{kinds.slug}/1/"),
        "an exam that cools down": post(client, f"/exams/{failed.slug}/1/"),
        "an exam that is passed": post(client, f"/exams/{passed.slug}/1/"),
        "a part": get(client, one),
        "a part with gaps": post(client, f"{one}1/"),
        "a part with too long a text": post(client, f"{one}1/", anyway="1", **{"answer-5": "字" * 20_001}),
        "a tampered part": post(client, f"{one}1/", **{"answer-1": "z"}),
        "a part that was not begun": post(client, f"/exams/attempts/{rest.key}/2/", anyway="1"),
        "between two parts": get(client, f"/exams/attempts/{rest.key}/"),
        "a late answer": post(client, f"{page}1/", anyway="1", **{"answer-1": "a"}),
        "a result": get(client, f"/exams/attempts/{done.key}/"),
    }


def _judging(campaign: Campaign, get: Any, post: Any, reader: Callable[[User], Client]) -> dict[str, Callable[[], Any]]:
    exam = required(campaign, part(WRITTEN), marks=AVERAGE, attempts=1)
    bob, olga = factories.annotator(campaign), factories.manager(campaign)
    attempt = qualification.start(exam=exam, by=bob)
    qualification.hand_in(key=attempt.key, part=1, by=bob, fields=answers(_1="一个好的回答。"))
    factories.taken(required(campaign, part(CHOICE), attempts=1), bob, right=False)
    factories.taken(required(campaign, part(CHOICE), valid_days=None), bob)
    factories.exam(part(CHOICE), slug=exam.slug, version=2, **WORDS)
    client = reader(olga)
    address = f"/exams/scoring/{Attempt.objects.get(pk=attempt.pk).key}/"
    empty = factories.campaign(name="空")
    memberships.add(user=olga, campaign=empty, role=Role.MANAGER, by=None)
    return {
        "home of a reviewer": get(client, "/"),
        "a result that waits": get(reader(bob), f"/exams/attempts/{attempt.key}/"),
        "answers to score": get(client, "/exams/scoring/"),
        "an answer to score": get(client, address),
        "no score": post(client, address, **{f"remark-{attempt.sittings.get().answers.get().pk}": "好"}),
        "exams of a campaign": get(client, "/campaigns/examined/exams/"),
        "a grant that is not needed": post(
            client, "/campaigns/examined/exams/grant/", exam=str(exam.pk), person=olga.pseudonym
        ),
        "an attempt of somebody": get(client, f"/campaigns/examined/exams/attempts/{attempt.key}/"),
        "exams of a campaign without": get(client, f"/campaigns/{empty.slug}/exams/"),
        "not for annotators: scoring": get(reader(bob), "/exams/scoring/"),
    }
