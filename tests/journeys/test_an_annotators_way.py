"""An annotator's way, page by page: invited, an exam failed, the cool-down, passed, work, returned, fixed, the hours.

Mona manages, Rita reviews; everything goes through the pages, and the clock is the test's.
"""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from django.test import Client

from annotation import memberships
from annotation.models import Attempt, Exam, Review, Role
from preferences.models import Campaign, Event, Judgment
from tests import factories
from tests.clock import Clock
from tests.factories import answers
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db

ACCOUNT = {"username": "ann", "password": "a heron by the river"}


@pytest.fixture
def campaign() -> Campaign:
    campaign = factories.campaign(slug="sky", name="Sky", track="helpfulness", raters_per_item=2)
    factories.review_plan(campaign, percent=100)
    factories.required_exam(campaign, title="Language")
    for _ in range(2):
        factories.comparison(campaign)
    return campaign


def member(campaign: Campaign, role: Role, name: str) -> Client:
    person = factories.user(name)
    memberships.add(user=person, campaign=campaign, role=role, by=None)
    return signed_in(person)


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def page(answer: Any) -> str:
    html: str = answer.content.decode()
    return html


def invited(mona: Client) -> Client:
    """Ann, who came by the link that Mona was shown."""
    shown = page(mona.post("/people/invitations/", {"role": ["sky:annotator"]}))
    link = re.search(r"/invitations/[\w-]{43}/", shown)
    assert link is not None
    ann = Client()
    assert ann.post(link[0], ACCOUNT).url == "/"
    return ann


def sit(ann: Client, exam: str, word: str) -> str:
    """The result of an attempt that answers both questions with this."""
    attempt = ann.post(exam).url
    assert "Part 1 of 1" in page(ann.get(attempt))
    assert ann.post(f"{attempt}1/draft/", answers(_1=word)).status_code == 200
    assert ann.post(f"{attempt}1/", answers(_1=word, _2=word)).url == attempt
    return page(ann.get(attempt))


def qualify(ann: Client, clock: Clock) -> None:
    """Failed, too early for another attempt, cooled down, passed."""
    exam = f"/exams/{Exam.objects.get().slug}/1/"
    assert exam in page(ann.get("/"))
    assert ann.post("/campaigns/sky/start/").url == exam, "There is no work before the exam."
    assert "Not passed this time" in sit(ann, exam, "a")
    refused = ann.post(exam)
    assert refused.status_code == 409 and "may start on" in page(refused)
    clock.goes(hours=24)
    assert "You passed" in sit(ann, exam, "b")
    assert list(Attempt.objects.order_by("number").values_list("status", flat=True)) == ["failed", "passed"]


def work(ann: Client, clock: Clock) -> str:
    """The guideline is read, a pair is judged in half a minute of work; the address of the pair."""
    guideline = ann.post("/campaigns/sky/start/").url
    assert guideline == "/campaigns/sky/guideline/?then=start"
    assert ann.post(guideline, {"version": "1", "then": "start"}).url == "/campaigns/sky/next/"
    pair = ann.get("/campaigns/sky/next/").url
    for _ in range(2):
        clock.goes(seconds=15)
        assert ann.post(f"{pair}heartbeat/", {"verdict": "2"}).status_code == 200
    assert ann.post(pair, {"verdict": "2"}).url.startswith("/compare/")
    return str(pair)


def return_it(rita: Client) -> None:
    """The reviewer takes what was drawn and sends it back with words."""
    assert rita.get("/campaigns/sky/review/").status_code == 200
    review = rita.post("/campaigns/sky/review/start/").url
    assert "ann" not in re.findall(r"\w+", page(rita.get(review)))
    rita.post(review, {"decision": "return", "revision": "0", "text": "Read the right response again."})


def fix(ann: Client, pair: str) -> None:
    """Whichever way to more work Ann takes, the feedback comes first; then she changes her verdict."""
    returned = ann.post("/campaigns/sky/start/").url
    assert returned.startswith("/returned/")
    assert "Read the right response again." in page(ann.get(returned))
    assert ann.post(pair, {"verdict": "7", "revision": "0"}).status_code == 302


def test_from_the_invitation_to_the_hours(campaign: Campaign, clock: Clock) -> None:
    mona, rita = member(campaign, Role.MANAGER, "mona"), member(campaign, Role.REVIEWER, "rita")
    ann = invited(mona)
    qualify(ann, clock)
    pair = work(ann, clock)
    return_it(rita)
    fix(ann, pair)

    judgment = Judgment.objects.get(annotator__username="ann")
    assert (judgment.revision, judgment.active_seconds) == (1, 30)
    approve = rita.post("/campaigns/sky/review/start/").url
    rita.post(approve, {"decision": "approve", "revision": "1"})
    assert Review.objects.get().status == "approved"

    file = mona.post("/campaigns/sky/ledger/file/", {"by": "week"}).content.decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(file))
    assert (row["pseudonym"], row["judged items"]) == (judgment.annotator.pseudonym, "1")
    verbs = ["attempt.failed", "attempt.passed", "judgment.recorded", "judgment.revised"]
    assert list(Event.objects.filter(verb__in=verbs).order_by("pk").values_list("verb", flat=True)) == verbs
