"""What must hold when things die: workers, the broker, connections."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable

import httpx
import pytest
from django.test import Client

from annotation import queue
from bench import kills
from preferences.choices import SamplingStatus, TurnStatus
from preferences.models import Campaign, Comparison, Judgment, Response, Turn
from tests import factories
from tests.conftest import BROKER_NUMBER, WITHOUT_MODELS
from webapp.celery import app as celery_app
from webapp.services import valkey
from workers import actions, tasks
from workers.models import SamplingRun, Worker


@pytest.fixture
def campaign(transactional_db: None) -> Campaign:
    campaign = factories.campaign(slug="faults")
    kills.plan(campaign, milliseconds=400, batch_size=8)
    return campaign


def test_a_killed_worker_loses_and_doubles_nothing(
    campaign: Campaign, start_worker: Callable, eventually: Callable
) -> None:
    turns = [factories.turn(campaign, text=f"Tell me fact number {number}.") for number in range(40)]
    for turn in turns:
        actions.request_pair(turn=turn, by=None)
    first = start_worker(WITHOUT_MODELS)
    tasks.wake.delay()
    eventually(lambda: SamplingRun.objects.filter(status=SamplingStatus.DONE).exists())
    eventually(lambda: SamplingRun.objects.filter(status=SamplingStatus.RUNNING).exists())
    first.kill()
    assert SamplingRun.objects.exclude(status=SamplingStatus.DONE).exists()

    start_worker(WITHOUT_MODELS)

    def all_sampled() -> bool:
        tasks.wake.delay()  # the scheduler's sweep
        return Turn.objects.filter(status=TurnStatus.READY).count() == len(turns)

    eventually(all_sampled)
    assert Comparison.objects.count() == len(turns)
    assert set(Counter(Response.objects.values_list("turn", flat=True)).values()) == {2}
    eventually(lambda: Worker.objects.count() == 1)  # who took over is not seen beside the dead one


def test_a_prompt_written_while_the_broker_is_down_is_sampled_when_it_is_back(
    campaign: Campaign, start_worker: Callable, eventually: Callable, tmp_path_factory: pytest.TempPathFactory
) -> None:
    place = tmp_path_factory.mktemp("b")
    data, before = place / "data", celery_app.conf.broker_url
    use_broker(valkey.ensure(data, place))
    alice = Client()
    alice.force_login(factories.annotator(campaign))
    try:
        valkey.stop(place)
        sent = alice.post("/campaigns/faults/write/", {"text": "Why is grass green?", "category": "factual"})
        assert sent.status_code == 302
        assert Turn.objects.get().status == TurnStatus.SAMPLING

        valkey.ensure(data, place)
        start_worker(WITHOUT_MODELS)
        tasks.wake.delay()  # the scheduler's sweep
        eventually(lambda: Turn.objects.get().status == TurnStatus.READY)
    finally:
        use_broker(before)
        valkey.stop(place)


def use_broker(url: str) -> None:
    celery_app.conf.broker_url = url
    celery_app._after_fork()  # forgets the pools that were made for another broker


def test_fifty_submits_at_once_store_one_judgment(live_server, campaign: Campaign) -> None:
    factories.comparison(campaign)
    alice = factories.annotator(campaign, "alice", password="a long password")
    assignment = queue.claim(campaign=campaign, by=alice)
    client = Client()
    client.force_login(alice)
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    address = f"{live_server.url}/compare/{assignment.key}/"
    start, answers = threading.Barrier(50), []

    def submit() -> None:
        with httpx.Client(cookies=cookies, timeout=60) as browser:
            browser.get(address)
            start.wait()
            token = browser.cookies["csrftoken"]
            answers.append(browser.post(address, data={"verdict": "3", "csrfmiddlewaretoken": token}))

    threads = [threading.Thread(target=submit) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Judgment.objects.count() == 1
    assert {answer.status_code for answer in answers} == {302}
    assert {answer.headers["location"] for answer in answers} == {f"/campaigns/faults/done/?last={assignment.key}"}


def test_no_message_of_a_test_reaches_the_broker_of_a_running_stack() -> None:
    assert celery_app.conf.broker_url.endswith((f"virtual_host={BROKER_NUMBER}", f"/{BROKER_NUMBER}"))
