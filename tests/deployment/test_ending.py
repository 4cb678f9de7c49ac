"""What is asked to end ends what it has begun: the web server its requests, the worker its batch."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from bench import kills
from bench.server import free_port
from bench.visitors import HOST
from preferences.choices import SamplingStatus
from tests.conftest import Worker
from tests.deployment import slow
from webapp.paths import BASE_DIR
from workers import tasks
from workers.models import SamplingRun


def test_a_request_that_was_begun_is_answered_and_no_other(eventually: Callable) -> None:
    port = free_port()
    address = f"http://{HOST}:{port}"
    command = [sys.executable, "-m", "gunicorn", "tests.deployment.slow:app", "--bind", f"{HOST}:{port}"]
    server = subprocess.Popen([*command, "--threads", "2"], cwd=BASE_DIR, stderr=subprocess.DEVNULL)
    answers: list[str] = []

    def answered(path: str) -> str | None:
        try:
            return httpx.get(address + path).text
        except httpx.TransportError:
            return None

    try:
        eventually(lambda: answered("/"))
        assert httpx.get(address + "/").headers["Connection"] == "close", "the next request is for any process"
        asking = threading.Thread(target=lambda: answers.append(answered("/slow") or "cut off"))
        asking.start()
        time.sleep(slow.SECONDS / 4)
        server.send_signal(signal.SIGTERM)
        asking.join()
        assert server.wait(timeout=20) == 0
    finally:
        server.kill()
    assert answers == ["whole"]
    assert answered("/") is None


def test_a_worker_ends_its_batch_and_leaves_the_rest_to_others(
    transactional_db: None, eventually: Callable, tmp_path: Path
) -> None:
    campaign = kills.planned(milliseconds=1_000, batch_size=2)
    kills.ask(campaign, 6)
    variant = campaign.sampling_plan.get().first
    with (tmp_path / "worker.log").open("wb") as log:
        worker = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "bench.echo_worker", "worker", "-Q", "sample", "-c", "1"],
            cwd=BASE_DIR, env=Worker.environment(), stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    runs = SamplingRun.objects.filter(variant=variant)
    try:
        tasks.sample.apply_async((variant.pk,), queue="sample")
        eventually(lambda: runs.filter(status=SamplingStatus.RUNNING).exists())
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(timeout=30) == 0
    finally:
        if worker.poll() is None:
            os.killpg(worker.pid, signal.SIGKILL)
    counts = {status: runs.filter(status=status).count() for status in SamplingStatus}
    assert counts[SamplingStatus.RUNNING] == counts[SamplingStatus.FAILED] == 0
    assert counts[SamplingStatus.DONE] in {2, 4} and counts[SamplingStatus.PENDING] > 0
