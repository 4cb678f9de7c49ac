"""Against `transformers serve`, which samples greedily at any temperature unless told otherwise in its own words."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bench.server import free_port
from tests.workers.engines.helpers import answered, ask
from workers.engines.openai_engine import OpenAIEngine, Server
from workers.engines.probe import probe
from workers.engines.tiny_training import TrainedPair

PATIENCE = 120


@pytest.fixture(scope="module")
def address(checkpoints: TrainedPair, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = free_port()
    log = tmp_path_factory.mktemp("serve") / "log"
    command = [str(Path(sys.executable).parent / "transformers"), "serve", str(checkpoints.early), "--device", "cpu"]
    with log.open("wb") as out:
        server = subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--port", str(port)],
            env={**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(log.parent), "OMP_NUM_THREADS": "1"},
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        deadline = time.monotonic() + PATIENCE
        while not _is_up(port):
            assert server.poll() is None and time.monotonic() < deadline, log.read_text()
            time.sleep(0.2)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        server.kill()
        server.wait()


def _is_up(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.parametrize("options", ["", "?stream=1"], ids=["whole", "streamed"])
def test_it_samples_as_it_is_asked_to(address: str, checkpoints: TrainedPair, options: str) -> None:
    engine = OpenAIEngine(f"{address}{options}#{checkpoints.early}")
    health = probe(engine)
    assert (health.problems, health.warnings) == ((), ())
    assert engine.info.engine_version.startswith("transformers over httpx ")
    completion = answered(engine.generate([ask("Where do fish live?", temperature=1.0, max_tokens=5)])[0])
    assert (completion.completion_tokens, completion.finish_reason) == (5, "length")
    assert completion.prompt_tokens > 0


def test_the_probe_would_have_noticed_its_greedy_default(
    address: str, checkpoints: TrainedPair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Server, "further", lambda self, request: {})
    health = probe(OpenAIEngine(f"{address}#{checkpoints.early}"))
    assert "4 seeds gave the same text at temperature 1" in health.problems[0]
