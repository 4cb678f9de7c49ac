"""Everything dies at random while people work: web servers, workers, schedulers, the broker; PostgreSQL starts anew.

Two of each process, as an orchestrator runs them: what dies is started again at once. They share nothing but PostgreSQL
and the broker, both of the run's own. In the end it is counted what was lost or doubled, and how long each death was
felt.
"""

from __future__ import annotations

import itertools
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import httpx
import psutil
from django.db import Error, connection
from django.utils import timezone

from bench import load
from bench.crowd import Annotator, Crowd
from bench.visitors import HOST
from webapp.paths import BASE_DIR
from webapp.services import postgres, short_directory, valkey
from workers.models import Worker

WEB_CHILDREN = 2
PATIENCE = 90.0  # seconds, after which something that died is held never to come back
PAUSE = (1.0, 4.0)  # seconds between one being back and the next death
FELT_WITHIN = 20.0  # seconds after a death in which a pause of the answers is held to come of it


@dataclass
class Program:
    """A process that is started again whenever it ends."""

    name: str
    command: Sequence[str]
    is_back: Callable[[datetime], bool]  # whether it serves again what it did before the moment
    process: subprocess.Popen[bytes] | None = None

    def family(self) -> list[psutil.Process]:
        if self.process is None or self.process.poll() is not None:
            return []
        parent = psutil.Process(self.process.pid)
        return [parent, *parent.children(recursive=True)]


@dataclass(frozen=True)
class Death:
    what: str
    at: float  # on the monotonic clock
    back: float  # seconds until it served again


@dataclass
class Stage:
    """What runs, and what died."""

    environment: Mapping[str, str]
    directory: Path
    programs: list[Program] = field(default_factory=list)
    deaths: list[Death] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def start(self, program: Program) -> None:
        with (self.directory / f"{program.name}.log").open("ab") as log:
            program.process = subprocess.Popen(
                program.command, cwd=BASE_DIR, env={**os.environ, **self.environment}, stdin=subprocess.DEVNULL,
                stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip

    def supervise(self) -> None:
        """Until it is over; what ended is started again at once."""
        while not self.over.wait(0.05):
            for program in self.programs:
                if program.process is not None and program.process.poll() is not None:
                    self.start(program)


@contextmanager
def staged(environment: Mapping[str, str], directory: Path, sockets: Path, ports: Sequence[int]) -> Iterator[Stage]:
    """Two web servers, two workers and two schedulers, and the broker between them."""
    stage = Stage(environment, directory, [_broker(directory, sockets)])
    stage.programs += [_web(number, port) for number, port in enumerate(ports)]
    stage.programs += [_worker(number) for number in range(2)]
    stage.programs += [_beat(number, directory) for number in range(2)]
    begun = timezone.now()
    for program in stage.programs:
        stage.start(program)
    supervisor = threading.Thread(target=stage.supervise, daemon=True)
    try:
        for program in stage.programs:
            wait_until(lambda program=program: program.is_back(begun))  # type: ignore[misc]
        supervisor.start()
        yield stage
    finally:
        stage.over.set()
        if supervisor.ident:
            supervisor.join()
        for program in reversed(stage.programs):
            if program.process is not None:
                load.end(program.process)


def _broker(directory: Path, sockets: Path) -> Program:
    data = directory / "broker"
    data.mkdir()
    return Program("broker", valkey.command(data, sockets), lambda _since: valkey.answers(sockets / valkey.SOCKET))


def _web(number: int, port: int) -> Program:
    command = [
        *_python("gunicorn webapp.wsgi"), "--bind", f"{HOST}:{port}", "--workers", str(WEB_CHILDREN),
        "--threads", "4", "--timeout", "60", "--graceful-timeout", "5",
    ]  # fmt: skip
    program = Program(f"web-{number}", command, lambda _since: _answers(port) and len(program.family()) > WEB_CHILDREN)
    return program


def _worker(number: int) -> Program:
    name = f"worker-{number}"
    command = _python(f"celery -A bench.echo_worker worker -n {name}@%h -Q sample,export,celery -c 1 -l WARNING")
    return Program(name, [*command, "--without-gossip", "--without-mingle"], lambda since: _told(name, since))


def _beat(number: int, directory: Path) -> Program:
    schedule = str(directory / f"schedule-{number}")
    command = [*_python("celery -A bench.echo_worker beat --pidfile= -l WARNING"), "--schedule", schedule]
    program = Program(f"beat-{number}", command, lambda _since: bool(program.family()))
    return program


def _python(words: str) -> list[str]:
    return [sys.executable, "-m", *words.split()]


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://{HOST}:{port}/health/ready", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def _told(name: str, since: datetime) -> bool:
    """Whether a child of the worker began after that and told of itself."""
    return Worker.objects.filter(name__startswith=f"{name}@", started_at__gt=since).exists()


def wait_until(condition: Callable[[], bool], *, patience: float = PATIENCE) -> float:
    """Seconds until it was so."""
    begun = time.monotonic()
    while not condition():
        if time.monotonic() - begun > patience:
            raise RuntimeError(f"Something is not back after {patience:.0f} seconds.")
        time.sleep(0.05)
    return time.monotonic() - begun


def rage(stage: Stage, *, seconds: float, data: Path, dice: random.Random) -> None:
    """One death after the other, each when what died before is back; PostgreSQL's at a third and two thirds."""
    begun = time.monotonic()
    restarts = [begun + seconds / 3, begun + 2 * seconds / 3]
    while (now := time.monotonic()) < begun + seconds:
        if restarts and now >= restarts[0]:
            restarts.pop(0)
            stage.deaths.append(_restart_postgres(data))
        else:
            stage.deaths.append(_kill_one(dice.choice(stage.programs), dice))
        time.sleep(dice.uniform(*PAUSE))


def _kill_one(program: Program, dice: random.Random) -> Death:
    """All its processes at once, as when a machine dies, or one child of it."""
    family = program.family()
    is_whole = len(family) < 2 or dice.random() < 0.5
    victims = family if is_whole else [dice.choice(family[1:])]
    since, at = timezone.now(), time.monotonic()
    for victim in victims:
        if victim.is_running():
            victim.kill()
    psutil.wait_procs(victims, timeout=0.2)  # children of ours stay until they are waited for
    kind = program.name.split("-")[0]
    what = {"web": "web server", "worker": "worker", "beat": "scheduler"}.get(kind, kind)
    return Death(what if is_whole else f"a process of a {what}", at, wait_until(lambda: program.is_back(since)))


def _restart_postgres(data: Path) -> Death:
    at = time.monotonic()
    postgres.stop(data, short_directory())
    postgres.ensure(data, short_directory())
    return Death("PostgreSQL, restarted", at, wait_until(_database_answers) + time.monotonic() - at)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        connection.close()
        return False
    return True


def felt(deaths: Sequence[Death], place: int, crowd: Crowd) -> float:
    """The longest time, in seconds, without an answer to anybody, between this death and the next or the end."""
    begun = deaths[place].at
    ended = min([begun + FELT_WITHIN, crowd.deadline, *(death.at for death in deaths[place + 1 : place + 2])])
    ended = max(begun, ended)  # somebody may die as the last annotator leaves
    answered = sorted(at + seconds for at, seconds in crowd.waits)
    moments = [begun, *(at for at in answered if begun < at < ended), ended]
    return max(later - earlier for earlier, later in itertools.pairwise(moments))


def idle(crowd: Crowd, session: str, place: int, *, lease: float) -> None:
    """Somebody who takes a pair and is not seen again until another has it; comes back like that until the end."""
    with httpx.Client(cookies={"sessionid": session}, timeout=20) as browser:
        annotator = Annotator(crowd, browser, place)
        while (left := crowd.deadline - time.monotonic()) > 0:
            annotator.send("GET", f"/campaigns/{crowd.campaign.slug}/next/")
            time.sleep(min(left, lease + 15))
