"""Runs what loads torch in a process of its own, and tells how far it is.

A killed caller takes its child along after the next step; a child that dies leaves its last words as the reason.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from workers import sampling
from workers.rewards.errors import RewardError

ROOT = Path(__file__).resolve().parents[2]
POLL_SECONDS = 0.5
TRAINING, MEASURING = "workers.rewards.training", "workers.rewards.measuring"
SCORING = "workers.rewards.scoring"

Watch = Callable[[dict[str, Any] | None], bool]  # the newest progress, if any; False to end it


def run(module: str, order: Mapping[str, Any], *, watch: Watch = lambda progress: True) -> list[dict[str, Any]]:
    """Runs a module on an order; `watch` is called about twice a second. The evaluations that it found, if it did.

    Models that this process answers with make room for those of the other.
    """
    sampling.let_go()
    with tempfile.TemporaryDirectory(prefix="margin-rewards-") as scratch:
        folder = Path(scratch)
        (folder / "order.json").write_text(json.dumps(order))
        with (folder / "said").open("wb") as said:
            command = [sys.executable, "-m", module, str(folder / "order.json")]
            process = subprocess.Popen(command, cwd=ROOT, stdout=said, stderr=said, stdin=subprocess.DEVNULL)
            try:
                _wait(process, folder / "progress.json", watch)
            finally:
                if process.poll() is None:
                    process.kill()
                process.wait()
        if process.returncode:
            raise RewardError(_last_words(folder / "said", process.returncode))
        found = folder / "evaluations.json"
        evaluations: list[dict[str, Any]] = json.loads(found.read_text()) if found.exists() else []
        return evaluations


def call(module: str, *arguments: str) -> str:
    """Runs a module to its end; what it printed. RewardError with its last words where it fails."""
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RewardError(_last_line(done.stderr) or f"It ended with status {done.returncode}.")
    return done.stdout


def _wait(process: subprocess.Popen[bytes], progress: Path, watch: Watch) -> None:
    while True:
        try:
            process.wait(POLL_SECONDS)
            watch(_read(progress))
            return
        except subprocess.TimeoutExpired:
            if not watch(_read(progress)):
                raise RewardError("It was ended: somebody else has taken it up.") from None


def _read(progress: Path) -> dict[str, Any] | None:
    return dict(json.loads(progress.read_text())) if progress.exists() else None


def _last_words(said: Path, status: int) -> str:
    if status < 0:
        return f"Its process was killed (signal {-status}), perhaps because the memory was full."
    return _last_line(said.read_text(errors="replace")) or f"It ended with status {status}."


def _last_line(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return lines[-1] if lines else ""
