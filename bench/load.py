"""Many annotators at once (bench/crowd.py) until nothing is left, while web processes and workers are killed at random;
then the count."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
from django.db.models import Count

from annotation.models import Assignment
from bench.crowd import Crowd
from bench.visitors import HOST
from preferences.choices import AssignmentStatus, ComparisonStatus
from preferences.models import Campaign, Judgment
from webapp.paths import BASE_DIR


@dataclass
class Outcome:
    """What a run came to; all counts of the record are read after it."""

    judgments: int
    wanted: int
    most_on_one: int  # judgments of the comparison that has most
    twice: int  # (comparison, annotator) with more than one judgment
    unfinished: int
    answered: int  # with success
    lost: int  # answered with success and not in the record
    killed: Counter[str]
    sent_again: int
    seconds: float
    errors: list[str]

    def defects(self) -> list[str]:
        """A sentence for everything that must not be."""
        found = []
        if self.judgments != self.wanted:
            found.append(f"{self.judgments} judgments, and not {self.wanted}.")
        if self.twice:
            found.append(f"{self.twice} times somebody judged a comparison twice.")
        if self.unfinished:
            found.append(f"{self.unfinished} comparisons are not finished.")
        if self.lost:
            found.append(f"{self.lost} judgments were answered with success and are not there.")
        return found + [f"{count} times: {error}" for error, count in Counter(self.errors).items()]


def run(
    *, address: str, campaign: Campaign, sessions: Sequence[str], victims: Mapping[str, int], minutes: float, seed: int
) -> Outcome:
    """`victims` are process ids by name, of which random children (or, of a supervisor's, the process) are killed."""
    begun = time.monotonic()
    crowd = Crowd([address], campaign, sessions, deadline=begun + 60 * minutes)
    killed: Counter[str] = Counter()
    with killing(victims, killed, seed):
        crowd.work()
    return _counted(crowd, killed, time.monotonic() - begun)


def _counted(crowd: Crowd, killed: Counter[str], seconds: float) -> Outcome:
    judged = Judgment.objects.filter(comparison__campaign=crowd.campaign)
    per_comparison = judged.values("comparison").annotate(count=Count("pk"))
    twice = judged.values("comparison", "annotator").annotate(count=Count("pk")).filter(count__gt=1)
    stored = Assignment.objects.filter(
        key__in=crowd.answered, status=AssignmentStatus.SUBMITTED, judgment__isnull=False
    )
    return Outcome(
        judgments=judged.count(),
        wanted=crowd.campaign.slots.count(),
        most_on_one=max((row["count"] for row in per_comparison), default=0),
        twice=twice.count(),
        unfinished=crowd.campaign.comparisons.filter(status=ComparisonStatus.OPEN).count(),
        answered=len(crowd.answered),
        lost=len(crowd.answered) - stored.count(),
        killed=killed,
        sent_again=crowd.sent_again,
        seconds=seconds,
        errors=crowd.errors,
    )


@contextmanager
def killing(victims: Mapping[str, int], killed: Counter[str], seed: int, *, every: float = 2.0) -> Iterator[None]:
    """Until the block ends, a random child of a random victim gets SIGKILL, every two seconds or so."""
    over, dice = threading.Event(), random.Random(seed)

    def kill() -> None:
        while not over.wait(dice.uniform(0.5, 1.5) * every):
            name = dice.choice(sorted(victims))
            children = psutil.Process(victims[name]).children()
            if children:
                os.kill(dice.choice(children).pid, signal.SIGKILL)
                killed[name] += 1

    thread = threading.Thread(target=kill, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextmanager
def processes(environment: Mapping[str, str], port: int, log: Path) -> Iterator[dict[str, int]]:
    """Web and worker as `make serve` runs them; both start a child anew that dies. Ended by their process ids."""
    commands = {
        "web": f"gunicorn webapp.wsgi --preload --bind {HOST}:{port} --workers 3 --threads 4 --timeout 60"
        " --graceful-timeout 5",
        "worker": "celery -A webapp worker -Q celery -c 1 -P prefork --without-gossip --without-mingle -B "
        f"--schedule {log.with_suffix('.schedule')} -l WARNING",
    }
    with log.open("ab") as output:
        started = {
            name: subprocess.Popen(
                [sys.executable, "-m", *command.split()], cwd=BASE_DIR, env={**os.environ, **environment},
                stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
            )
            for name, command in commands.items()
        }  # fmt: skip
        try:
            _wait_for(port)
            yield {name: process.pid for name, process in started.items()}
        finally:
            for process in started.values():
                end(process)


def _wait_for(port: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            httpx.get(f"http://{HOST}:{port}/sign-in/", timeout=5)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"The web process did not answer on port {port}.")


def end(process: subprocess.Popen[bytes]) -> None:
    """Ends a process and what it started, by their process ids."""
    family = [*psutil.Process(process.pid).children(recursive=True)] if process.poll() is None else []
    process.terminate()
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for child in family:
        if child.is_running():
            child.kill()
