"""Requests to models while the worker's child is killed at every point of its loop, and the database lets go of it.

Once the broker starts anew, too. The worker is Celery's own, with one child and the scheduler's sweep inside; the
engine is bench/echo.py. What it came to is counted afterwards: a pair for each request, and nothing twice.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.db import connection, connections
from django.db.models import Count

from bench import echo, load, world
from preferences.actions import prompts, sampling_plans, variants
from preferences.actions.sampling_plans import Terms
from preferences.choices import TurnStatus
from preferences.models import Campaign, Comparison, Response, Turn
from webapp.paths import BASE_DIR
from workers import actions, faults

TERMINATE = """
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = %s
"""
WORKER = "killed-worker"  # the name under which PostgreSQL knows the worker's connections


@dataclass
class Outcome:
    requests: int
    ready: int  # turns whose pair is there
    comparisons: int
    most_on_one: int  # comparisons of the turn that has most
    responses: Counter[int]  # how many turns have so many responses
    killed: Counter[str]  # by the point of the loop
    let_go: int  # connections that the database ended
    seconds: float

    def defects(self) -> list[str]:
        """A sentence for everything that must not be."""
        found = []
        if (self.ready, self.comparisons) != (self.requests, self.requests):
            found.append(f"{self.requests} requests, {self.ready} ready turns, {self.comparisons} comparisons.")
        if self.most_on_one != 1:
            found.append(f"A turn has {self.most_on_one} comparisons.")
        if set(self.responses) != {2}:
            found.append(f"Turns by how many responses they have: {dict(self.responses)}.")
        return found


def planned(*, milliseconds: int, batch_size: int) -> Campaign:
    """A campaign of two variants that answer a batch in so many milliseconds."""
    campaign = world.make(tracks=1, annotators=0).campaigns[0]
    plan(campaign, milliseconds=milliseconds, batch_size=batch_size)
    return campaign


def plan(campaign: Campaign, *, milliseconds: int, batch_size: int) -> None:
    early, late = (
        variants.register(
            name=f"echo-{name}", engine=echo.ENGINE, location=str(milliseconds), batch_size=batch_size, by=None
        )
        for name in ("early", "late")
    )
    sampling_plans.add(
        campaign=campaign, first=early, second=late, terms=Terms(first_temperature=0.7, second_temperature=0.9), by=None
    )


def ask(campaign: Campaign, requests: int) -> None:
    for number in range(requests):
        turn = prompts.submit(campaign=campaign, text=f"What is number {number}?", by=None, category="factual")
        actions.request_pair(turn=turn, by=None)


def run(
    campaign: Campaign,
    *,
    points: Sequence[str],
    terminations: int,
    restart_broker: Callable[[], None],
    environment: Mapping[str, str],
    directory: Path,
    seed: int,
    minutes: float,
) -> Outcome:
    """Lets a worker answer all that waits, and kills it at each of the points while it does."""
    begun, killed, dice = time.monotonic(), Counter[str](), random.Random(seed)
    switches = directory / "faults"
    switches.mkdir()
    until = begun + 60 * minutes
    with _worker({**environment, faults.VARIABLE: str(switches), "PGAPPNAME": WORKER}, directory) as worker:
        killers = [
            threading.Thread(target=_kill, args=(switches / name, times, killed, dice, until), daemon=True)
            for name, times in Counter(points).items()
        ]
        for killer in killers:
            killer.start()
        let_go = _let_go(terminations, dice)
        restart_broker()
        while not _is_over(campaign) and worker.poll() is None and time.monotonic() < until:
            time.sleep(0.2)
        for killer in killers:
            killer.join(5)
    return _counted(campaign, killed, let_go, time.monotonic() - begun)


def _kill(switch: Path, times: int, killed: Counter[str], dice: random.Random, until: float) -> None:
    """Has the worker killed so many times at the point that the switch is named after."""
    for _ in range(times):
        time.sleep(dice.uniform(0, 2))
        switch.touch()
        while switch.exists():
            if time.monotonic() > until:
                return
            time.sleep(0.005)
        killed[switch.name] += 1


def _let_go(times: int, dice: random.Random) -> int:
    """What a restart of the database looks like to a worker: the connections end, whatever they were doing."""
    ended = 0
    for _ in range(times):
        before, until = ended, time.monotonic() + 20
        while ended == before and time.monotonic() < until:
            time.sleep(dice.uniform(0.02, 0.2))
            with connection.cursor() as cursor:
                cursor.execute(TERMINATE, [WORKER])
                ended += cursor.fetchone()[0]
    return ended


def _is_over(campaign: Campaign) -> bool:
    turns = Turn.objects.filter(dialogue__campaign=campaign)
    return not turns.filter(status=TurnStatus.SAMPLING).exists()


def _counted(campaign: Campaign, killed: Counter[str], let_go: int, seconds: float) -> Outcome:
    turns = Turn.objects.filter(dialogue__campaign=campaign)
    on_one = Comparison.objects.filter(campaign=campaign).values("turn").annotate(count=Count("pk"))
    answers = Response.objects.filter(turn__in=turns).values("turn").annotate(count=Count("pk"))
    return Outcome(
        requests=turns.count(),
        ready=turns.filter(status=TurnStatus.READY).count(),
        comparisons=Comparison.objects.filter(campaign=campaign).count(),
        most_on_one=max((row["count"] for row in on_one), default=0),
        responses=Counter(row["count"] for row in answers),
        killed=killed,
        let_go=let_go,
        seconds=seconds,
    )


@contextmanager
def _worker(environment: Mapping[str, str], directory: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = "celery -A bench.echo_worker worker -Q sample,celery -c 1 --without-gossip --without-mingle -B"
    schedule = ["--schedule", str(directory / "schedule"), "-l", "INFO"]
    with (directory / "worker.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", *command.split(), *schedule], cwd=BASE_DIR, env={**os.environ, **environment},
            stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        try:
            yield process
        finally:
            load.end(process)
            connections.close_all()
