"""What a worker process tells of itself, and that a database that is away does not hold it up."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, transaction
from django.utils import timezone

from preferences.models import Variant
from tests import factories
from tests.workers.helpers import planned_campaign, sampled_turn, script
from workers import presence, sampling, tasks
from workers.engines.base import Request
from workers.models import Worker
from workers.rewards import work
from workers.rewards.errors import RewardError

KEY = uuid.uuid4()
NOBODY = 2**22 + 1  # above the largest process id


@pytest.fixture(autouse=True)
def fresh_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "_process", presence._Process())


def told() -> Worker:
    presence.tell("gpu0@here", KEY, timezone.now())
    return Worker.objects.get(pk=KEY)


@pytest.mark.django_db
def test_an_idle_process_says_who_it_is() -> None:
    worker = told()
    assert (worker.name, worker.host, worker.process_id) == ("gpu0@here", socket.gethostname(), os.getpid())
    assert (worker.task, worker.variant, worker.reward_model, worker.loaded) == ("", None, None, [])


@pytest.mark.django_db
def test_it_says_what_it_samples_while_it_samples_and_what_it_holds_then(monkeypatch: pytest.MonkeyPatch) -> None:
    campaign = planned_campaign()
    for _ in range(3):
        sampled_turn(campaign)
    early = Variant.objects.get(name="early")
    seen: list[Worker] = []

    def say(location: str, request: Request) -> str:
        seen.append(told())
        return location

    script(monkeypatch, say)
    tasks.sample.apply((early.pk,))

    assert {(worker.task, worker.variant, worker.runs) for worker in seen} == {("workers.tasks.sample", early, 3)}
    after = told()
    assert (after.task, after.variant, after.runs, after.loaded) == ("", None, 0, [early.pk])
    sampling.let_go()
    assert told().loaded == []


@pytest.mark.django_db
def test_it_lets_go_of_its_models_to_train_and_says_what_it_trains(
    monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
) -> None:
    sampled_turn(planned_campaign())
    script(monkeypatch, lambda location, request: location)
    sampling.drain(Variant.objects.get(name="early"))
    assert told().loaded
    settings.REWARDS_DIR = tmp_path
    model, seen = factories.reward_model(), []

    def see(*_command: Any, **_options: Any) -> None:
        seen.append((told(), dict(sampling._engines)))
        raise RewardError("This training ends before it begins.")

    monkeypatch.setattr(subprocess, "Popen", see)
    assert work.train(model) is False

    worker, engines = seen[0]
    assert (worker.reward_model, worker.loaded, engines) == (model, [], {})
    assert told().reward_model is None


@pytest.mark.django_db
def test_it_says_on_which_gpu_it_is_and_how_full_that_is(monkeypatch: pytest.MonkeyPatch) -> None:
    cuda = SimpleNamespace(
        is_available=lambda: True,
        is_initialized=lambda: True,
        get_device_name=lambda: "H100",
        mem_get_info=lambda: (2 * 2**30, 80 * 2**30),
        empty_cache=lambda: None,
    )
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(cuda=cuda))
    worker = told()
    assert (worker.device, worker.memory_used, worker.memory_total) == ("H100", 78 * 2**30, 80 * 2**30)

    def lost() -> tuple[int, int]:
        raise RuntimeError("CUDA error: the GPU fell off the bus")

    cuda.mem_get_info = lost
    assert (told().device, told().memory_total) == ("a GPU that does not answer", None)
    cuda.is_initialized = lambda: False
    assert told().device == "CPU"
    monkeypatch.delitem(sys.modules, "torch")
    assert told().device == ""


@pytest.fixture
def unreaped() -> Iterator[int]:
    """A process that has ended and that its parent has not waited for."""
    process = subprocess.Popen(["true"])
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    yield process.pid
    process.wait()


@pytest.mark.django_db
def test_it_takes_the_place_of_those_before_it_that_ended_and_of_no_other(unreaped: int) -> None:
    here, name = socket.gethostname(), "gpu0@here"
    zombie = factories.worker(name=name, host=here, process_id=unreaped)
    ended = factories.worker(name=name, host=here, process_id=NOBODY)
    itself = factories.worker(name=name, host=here, process_id=os.getpid())
    old = factories.worker(name="old@there", seen_at=timezone.now() - timedelta(days=1, seconds=1))
    beside = factories.worker(name=name, host=here, process_id=os.getppid())
    elsewhere = factories.worker(name=name, host="there", process_id=NOBODY)
    other = factories.worker(name="gpu1@here", host=here, process_id=NOBODY)

    presence.forget_the_dead(name)

    assert set(Worker.objects.all()) == {beside, elsewhere, other}
    assert {zombie, ended, itself, old}.isdisjoint(Worker.objects.all())


@pytest.mark.django_db(transaction=True)
def test_it_tells_until_it_ends_and_whatever_is_in_its_way_only_delays_it(
    monkeypatch: pytest.MonkeyPatch, eventually: Callable[..., Any]
) -> None:
    real, refusals = presence.tell, [OperationalError("the server closed the connection"), KeyError("odd")]

    def tell(*what: Any) -> None:
        if refusals:
            raise refusals.pop()
        real(*what)

    monkeypatch.setattr(presence, "tell", tell)
    monkeypatch.setattr(presence, "SECONDS", 0.02)
    presence.begin("gpu0@here")
    first = eventually(lambda: Worker.objects.filter(name="gpu0@here").first())
    eventually(lambda: Worker.objects.get(pk=first.pk).seen_at > first.seen_at)
    monkeypatch.setattr(presence, "SECONDS", 20)
    presence.end()
    assert not Worker.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("worker_does_one_thing", {"runs": 3}),
        ("worker_memory_used_of_total", {"memory_used": 3}),
    ],
)
def test_the_database_refuses_what_no_worker_does(constraint: str, fields: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        factories.worker(**fields)
