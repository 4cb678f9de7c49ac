"""No byte that an annotator receives tells which variant wrote a response."""

from __future__ import annotations

import itertools
import re
import uuid
from collections import Counter
from collections.abc import Iterator

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from annotation import queue
from annotation.models import Assignment
from annotation.visibility import Sight
from preferences.actions import comparisons, guidelines
from preferences.choices import Track
from preferences.models import Campaign, Comparison, Response, Turn, Variant
from tests import factories
from webapp.accounts.models import User
from workers import actions as workers
from workers import recording
from workers.engines.base import Completion, EngineInfo

pytestmark = pytest.mark.django_db

FIRST_RESPONSE, FIRST_VARIANT, FIRST_RUN = 918_273_645_001, 827_364_591_001, 736_459_182_001
HASHES = {"quokka-7b": "f00dcafe" * 8, "wombat-13b": "deadbeef" * 8}
TEMPERATURES = {"quokka-7b": 0.731_377, "wombat-13b": 1.239_119}


@pytest.fixture
def campaign() -> Campaign:
    """Two variants whose every fact can be told from anything else on a page."""
    _restart("preferences_response", FIRST_RESPONSE)
    _restart("preferences_variant", FIRST_VARIANT)
    _restart("workers_samplingrun", FIRST_RUN)
    campaign = factories.campaign(track=Track.SAFETY, slug="blind", name="Blind", max_turns=4, asks_edit=True)
    first, second = (
        factories.variant(
            name,
            engine=f"engine-of-{name}",
            location=f"/srv/checkpoints/{name}/step-9000",
            iteration=f"RLHF-V{number}-{name}",
            system_prompt=f"You are the {name} system.",
            weights_hash=HASHES[name],
        )
        for number, name in enumerate(HASHES, start=4)
    )
    factories.sampling_plan(
        campaign,
        first=first,
        second=second,
        first_temperature=TEMPERATURES["quokka-7b"],
        second_temperature=TEMPERATURES["wombat-13b"],
    )
    return campaign


def _restart(table: str, number: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER SEQUENCE {table}_id_seq RESTART {number}")


@pytest.fixture
def ann(campaign: Campaign) -> User:
    return factories.annotator(campaign, "ann")


class Walker:
    """A browser that keeps all that it was sent."""

    def __init__(self, user: User) -> None:
        self.client = Client()
        self.client.force_login(user)
        self.received: list[tuple[str, bytes]] = []

    def get(self, path: str, **headers: str) -> HttpResponse:
        return self._keep(f"GET {path}", self.client.get(path, headers=headers))

    def post(self, path: str, data: dict[str, str] | None = None, *, htmx: bool = False) -> HttpResponse:
        headers = {"HX-Request": "true"} if htmx else {}
        return self._keep(f"POST {path}", self.client.post(path, data or {}, headers=headers))

    def _keep(self, what: str, answer: HttpResponse) -> HttpResponse:
        assert answer.status_code < 500, what
        cookies = answer.cookies.output()
        self.received.append((what, answer.serialize_headers() + cookies.encode() + answer.content))
        return answer


def secrets() -> dict[str, str]:
    """Every fact of the variants and of the responses' making, as it might stand on a page."""
    facts: dict[str, str] = {}
    for variant in Variant.objects.all():
        for name in ("name", "engine", "location", "iteration", "system_prompt", "weights_hash"):
            if value := getattr(variant, name):
                facts[f"{name} of {variant.name}"] = value
        facts[f"id of {variant.name}"] = str(variant.pk)
    for response in Response.objects.all():
        facts[f"id of response {response.pk}"] = str(response.pk)
        facts[f"seed of response {response.pk}"] = str(response.seed)
    facts |= {f"temperature {number}": f"{number:.6f}".rstrip("0") for number in TEMPERATURES.values()}
    facts |= {f"key of comparison {pair.pk}": str(pair.key) for pair in Comparison.objects.all()}
    return facts


def sample(turn: Turn) -> Iterator[Response]:
    """Both runs of the turn, answered as a worker does; yields after each."""
    for run in turn.sampling_runs.select_related("variant").order_by("?"):
        holder, claimed = workers.claim(variant=run.variant, limit=1)
        completion = Completion(
            text=f"Answer {run.position} in {run.seed % 97} words to “{turn.prompt.text}”.",
            temperature=run.temperature,
            top_p=run.top_p,
            seed=run.seed,
            prompt_tokens=31_337,
            completion_tokens=27_182,
            finish_reason="stop",
            latency_ms=161_803,
        )
        engine = EngineInfo(engine="engine-x", engine_version="v9.9.9", weights_hash=run.variant.weights_hash)
        assert recording.record(run=claimed[0], holder=holder, completion=completion, engine=engine)
        yield Response.objects.order_by("-pk")[0]


def test_a_whole_dialogue_tells_nothing_of_the_variants(campaign: Campaign, ann: User) -> None:
    walker = Walker(ann)
    walker.get("/")
    walker.get("/settings/")
    walker.get("/campaigns/blind/guideline/")
    form = {"risk_category": "unqualified_advice", "attack_vector": "logic", "key": str(uuid.uuid4())}
    walker.get("/campaigns/blind/write/")
    walker.post("/campaigns/blind/write/", {**form, "text": "How much of this is too much?"})
    for number in range(4):
        turn = Turn.objects.get(index=number)
        walker.get(f"/turns/{turn.pk}/")
        for _ in sample(turn):
            walker.post(f"/turns/{turn.pk}/open/", htmx=True)
        key = Assignment.objects.latest("pk").key
        judge(walker, key)
        if number < 3:
            walker.get(f"/dialogues/{turn.dialogue_id}/?last={key}")
            again = {"text": f"And then, part {number}?", "key": str(uuid.uuid4())}
            assert walker.post(f"/dialogues/{turn.dialogue_id}/", again).status_code == 302
    queued(walker, campaign, ann)
    check(walker)


def judge(walker: Walker, key: uuid.UUID) -> None:
    """Every door of a compare page, refused and taken."""
    page = f"/compare/{key}/"
    answer = {"verdict": "2", "safety_left": "4", "safety_right": "4", "rationale": "Clearer."}
    walker.get(page)
    walker.get(f"{page}guideline/", **{"HX-Request": "true"})
    walker.post(f"{page}heartbeat/", answer)
    walker.post(f"{page}flag/", {"reason": "broken"}, htmx=True)
    assert walker.post(page, {**answer, "safety_left": "1"}, htmx=True).status_code == 422
    walker.post(page, answer, htmx=True)
    walker.get(f"{page}edit/")
    walker.post(f"{page}edit/draft/", {"text": "Better"})
    walker.post(f"{page}edit/", {"text": "A better answer."})
    walker.get(page)
    walker.post(page, {**answer, "verdict": "2", "rationale": "Much clearer.", "revision": "0"}, htmx=True)


def queued(walker: Walker, campaign: Campaign, ann: User) -> None:
    """A pair from the queue: lost, taken up again, skipped, and the end of the queue."""
    for _ in range(2):
        turn = factories.turn(campaign)
        workers.request_pair(turn=turn, by=None)
        list(sample(turn))
    walker.post("/campaigns/blind/start/")
    held = Assignment.objects.latest("pk")
    walker.get(f"/compare/{held.key}/")
    factories.expire(held)
    walker.post(f"/compare/{held.key}/", {"verdict": "3", "safety_left": "3", "safety_right": "3"}, htmx=True)
    walker.get(f"/compare/{held.key}/")
    walker.post(f"/compare/{held.key}/reclaim/")
    guidelines.publish(campaign=campaign, text="Newer.", by=None)
    latest = Assignment.objects.latest("pk").key
    walker.post(f"/compare/{latest}/", {"verdict": "3", "safety_left": "3", "safety_right": "3"})
    walker.post(f"/compare/{latest}/skip/", {"reason": "other"}, htmx=True)
    walker.get("/campaigns/blind/done/")
    failed = factories.turn(campaign, by=ann)
    comparisons.fail_turn(turn=failed, reason="The models could not answer.")
    walker.get(f"/turns/{failed.pk}/")


def check(walker: Walker) -> None:
    facts = secrets()
    assert len(facts) > 40 and len(walker.received) > 60
    found = [
        (what, name)
        for what, received in walker.received
        for name, secret in facts.items()
        if secret.encode() in received
    ]
    assert found == []
    numbers = (b"31337", b"27182", b"161803", b"31,337", b"27,182", b"161,803", b"v9.9.9", b"engine-x")
    assert [(what, number) for what, received in walker.received for number in numbers if number in received] == []


def test_the_check_sees_a_leak(campaign: Campaign, ann: User) -> None:
    walker = Walker(ann)
    walker.received = [("GET /", b"nothing")] * 61
    for _ in range(20):
        factories.comparison(campaign)
    walker.received.append(("GET /leak/", b"<p data-model='wombat-13b'>"))
    with pytest.raises(AssertionError, match="name of wombat-13b"):
        check(walker)


@pytest.mark.parametrize("there", [True, False], ids=["worker", "no worker"])
def test_the_waiting_page_does_not_tell_that_one_answer_is_there(campaign: Campaign, ann: User, there: bool) -> None:
    if there:
        factories.worker()
    turn = factories.turn(campaign, by=ann)
    for run in workers.request_pair(turn=turn, by=ann):
        workers.claim(variant=run.variant, limit=1)  # both are being sampled
        type(run).objects.filter(pk=run.pk).update(leased_until="2000-01-01T00:00:00Z")
    walker = Walker(ann)
    waiting = _still(walker.get(f"/turns/{turn.pk}/"))
    assert ("The models are away" in waiting) is not there
    next(sample(turn))
    assert turn.responses.count() == 1
    assert _still(walker.get(f"/turns/{turn.pk}/")) == waiting
    assert _still(walker.post(f"/turns/{turn.pk}/open/", htmx=True)) == waiting


def _still(answer: HttpResponse) -> str:
    """The page without what differs at every request: tokens and seconds."""
    page = re.sub(r'value="\w{64}"|"X-CSRFToken": "\w+"|nonce="[^"]+"', "", answer.content.decode())
    return re.sub(r"for \d+ seconds?", "", page)


def test_neither_the_side_nor_the_order_of_making_tells_the_variant(campaign: Campaign) -> None:
    ann = factories.annotator(campaign)
    sides: list[str] = []
    for _ in range(32):
        turn = factories.turn(campaign)
        workers.request_pair(turn=turn, by=None)
        list(sample(turn))
        assignment = queue.claim(campaign=campaign, by=ann)
        assert assignment is not None
        sides.append(assignment.comparison.response_at(assignment.left).variant.name)
        safe = queue.Answer(place=1, safety_left=4, safety_right=4)
        queue.submit(key=assignment.key, by=ann, answer=safe)
    assert 6 <= Counter(sides)["quokka-7b"] <= 26  # outside of this once in ten thousand runs
    same_as_before = sum(one == other for one, other in itertools.pairwise(sides))
    assert 5 <= same_as_before <= 26  # neither always the same nor always the other


def test_what_reaches_the_page_has_no_place_for_a_variant() -> None:
    telling = {"variant", "response", "response_a", "response_b", "assignment", "comparison", "shown_left"}
    assert set(Sight.__dataclass_fields__).isdisjoint(telling)
