"""A week of an annotator whose front end is not Margin's: everything she does goes through the API.

Rita reviews and Mona manages by their actions, the models answer by a worker, and the clock is the test's.
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from django.test import Client

from annotation import memberships, reviews
from annotation.models import Review
from preferences.actions import batches
from preferences.choices import DialogueStatus, ReviewStatus
from preferences.models import Campaign, Dialogue, Judgment, Prompt, Variant
from tests import factories
from tests.clock import Clock
from tests.webapp.api.clients import refused
from tests.workers.helpers import drain_both, question, script
from webapp.accounts import tokens
from webapp.accounts.models import Scope, User
from workers.engines.base import EngineError, Request

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 16, 8, tzinfo=UTC)
SKY = "Why is the sky blue?"


class FrontEnd:
    """Speaks to the API with one token, and remembers every byte that it was told."""

    def __init__(self, user: User) -> None:
        _token, plain = tokens.issue(user=user, name="a front end", scopes=[Scope.JUDGE], days=7, by=user)
        self._client = Client(headers={"Authorization": f"Bearer {plain}"})
        self.told = ""

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        headers = {} if method == "GET" else {"Idempotency-Key": str(uuid.uuid4())}
        sent = "" if method == "GET" else orjson.dumps(body or {}).decode()
        answer = self._client.generic(method, f"/api/v1/{path}", sent, content_type="application/json", headers=headers)
        self.told += answer.content.decode()
        return answer

    def get(self, path: str) -> Any:
        return self._done(self.ask("GET", path))

    def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        return self._done(self.ask("POST", path, body))

    def put(self, path: str, body: dict[str, Any]) -> Any:
        return self._done(self.ask("PUT", path, body))

    @staticmethod
    def _done(answer: Any) -> Any:
        assert answer.status_code in (200, 201, 204), answer.content
        return answer.json() if answer.content else None


@pytest.fixture
def campaign(clock: Clock) -> Campaign:
    clock.now = MONDAY
    made = factories.campaign(slug="sky", max_turns=3, asks_edit=True)
    factories.sampling_plan(made)
    for _ in range(4):
        factories.comparison(made)
    return made


@pytest.fixture
def ann(campaign: Campaign) -> User:
    return factories.annotator(campaign)


@pytest.fixture
def front(campaign: Campaign, ann: User) -> FrontEnd:
    return FrontEnd(ann)


def test_a_week(campaign: Campaign, ann: User, front: FrontEnd, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monday_reads_and_judges(campaign, front, clock)
    clock.goes(days=1)
    tuesday_answers_a_reviewer(campaign, front)
    clock.goes(days=1)
    wednesday_talks_with_the_models(front, clock, monkeypatch)
    clock.goes(days=1)
    thursday_is_paused(campaign, ann, front)
    clock.goes(days=1)
    friday_is_sealed(campaign, front)
    for variant in Variant.objects.all():
        assert variant.name not in front.told


def monday_reads_and_judges(campaign: Campaign, front: FrontEnd, clock: Clock) -> None:
    [mine] = front.get("my/campaigns/")["results"]
    assert (mine["slug"], mine["held_back"], mine["guideline"]["is_read"]) == ("sky", "", True)
    claim = front.post("claims/", {"campaign": "sky"})
    clock.goes(seconds=30)
    front.post(f"claims/{claim['id']}/heartbeat/", {"draft": {"rationale": "So far"}})
    assert front.get(f"claims/{claim['id']}/")["draft"] == {"rationale": "So far"}
    front.post(f"claims/{claim['id']}/skip/", {"reason": "expertise"})
    for verdict in (1, 8):
        claim = front.post("claims/", {"campaign": "sky"})
        clock.goes(seconds=40)
        done = front.post(f"claims/{claim['id']}/judgment/", {"verdict": verdict})
        assert done["asks_edit"]
        front.put(f"judgments/{claim['id']}/edited-response/", {"text": f"Better said, {verdict}."})
    assert [one["verdict"] for one in front.get("judgments/")["results"]] == [8, 1]


def tuesday_answers_a_reviewer(campaign: Campaign, front: FrontEnd) -> None:
    rita = factories.reviewer(campaign)
    for judgment in Judgment.objects.order_by("pk"):
        taken = factories.taken_review(judgment, rita)
        reviews.send_back(key=taken.key, by=rita, feedback="Read both again.", revision=0)
    assert front.get("my/campaigns/")["results"][0]["returned"] == 2
    refused(front.ask("POST", "claims/", {"campaign": "sky"}), 409, "feedback_unread")
    kept, changed = front.get("feedback/?status=returned")["results"]
    front.post(f"feedback/{kept['id']}/answer/", {"text": "I did: the left one is wrong."})
    judgment = changed["judgment"]
    assert front.get(f"claims/{judgment['id']}/")["responses"][0]["side"] == "left"
    front.put(f"judgments/{judgment['id']}/", {"verdict": 4, "revision": judgment["revision"]})
    assert front.get("feedback/?status=returned")["results"] == []
    for review in Review.objects.filter(status=ReviewStatus.WAITING).order_by("pk"):
        assert reviews.take(campaign=campaign, by=rita) == review and review.judgment is not None
        reviews.approve(key=review.key, by=rita, revision=review.judgment.revision)
    assert {one["status"] for one in front.get("feedback/")["results"]} == {"approved"}


def wednesday_talks_with_the_models(front: FrontEnd, clock: Clock, patch: pytest.MonkeyPatch) -> None:
    answers = iter([EngineError("It is out of memory."), *(f"Answer {number}." for number in range(20))])
    script(patch, lambda _location, request: said(request, answers))
    front.post("my/campaigns/sky/heartbeat/", {"draft": {"text": "Why is", "category": "factual"}})
    clock.goes(seconds=30)
    dialogue = front.post("dialogues/", {"campaign": "sky", "text": SKY, "category": "factual"})
    path = f"dialogues/{dialogue['id']}/"
    drain_both()
    assert front.get(path)["waits_for"] == "retry"
    assert front.post(f"{path}retry/")["waits_for"] == "models"
    drain_both()
    chosen = judged_live(front, path)
    front.post(f"{path}heartbeat/", {"draft": {"text": "And at"}})
    clock.goes(seconds=30)
    assert front.post(f"{path}turns/", {"text": "And at night?"})["waits_for"] == "models"
    drain_both()
    judged_live(front, path)
    told = front.get(path)
    assert [turn["text"] for turn in told["turns"]] == [SKY, "And at night?"] and told["waits_for"] == "message"
    assert told["turns"][0]["answer"] == chosen
    assert front.post(f"{path}end/")["waits_for"] is None
    assert Dialogue.objects.get(pk=dialogue["id"]).status == DialogueStatus.ENDED
    written = Prompt.objects.filter(text__in=[SKY, "And at night?"]).values_list("active_seconds", flat=True)
    assert list(written) == [30, 30]


def said(request: Request, answers: Any) -> str | EngineError:
    assert question(request) in (SKY, "And at night?")
    answer: str | EngineError = next(answers)
    return answer


def judged_live(front: FrontEnd, path: str) -> str:
    """Both answers, compared; the right one is better, and left as it is."""
    assert front.get(path)["waits_for"] == "verdict"
    claim = front.post(f"{path}claim/")
    front.post(f"claims/{claim['id']}/judgment/", {"verdict": 7, "next": False})
    return str(claim["responses"][1]["text"])


def thursday_is_paused(campaign: Campaign, ann: User, front: FrontEnd) -> None:
    hers = ann.memberships.get(campaign=campaign)
    memberships.pause(membership=hers, reason="The guideline changes.", by=None)
    assert "paused" in front.get("my/campaigns/")["results"][0]["held_back"]
    refused(front.ask("POST", "claims/", {"campaign": "sky"}), 403, "work_paused")
    refused(
        front.ask("POST", "dialogues/", {"campaign": "sky", "text": "Why?", "category": "factual"}), 403, "work_paused"
    )
    memberships.resume(membership=hers, by=None)
    claim = front.post("claims/", {"campaign": "sky"})
    front.post(f"claims/{claim['id']}/flag/", {"reason": "broken", "note": "It ends in noise."})
    front.post(f"claims/{claim['id']}/judgment/", {"verdict": 3})


def friday_is_sealed(campaign: Campaign, front: FrontEnd) -> None:
    batch = batches.seal(week="2026-W47", campaigns=[campaign], by=None)
    week = front.get("judgments/?campaign=sky")["results"]
    assert len(week) == batch.items.count() == 5
    first = week[-1]
    late = {"verdict": 2, "revision": first["revision"]}
    refused(front.ask("PUT", f"judgments/{first['id']}/", late), 409, "conflict")
    assert front.get("claims/")["results"] == []
