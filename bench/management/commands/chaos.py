from __future__ import annotations

import random
import shutil
import statistics
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection
from rich.console import Console
from rich.table import Table

from bench import chaos, chaos_counts, database, kills, world
from bench.chaos_counts import Counted
from bench.crowd import Crowd
from bench.seeding import Seeding
from bench.server import free_port
from bench.settings import DATABASE, REPORT
from bench.visitors import HOST, session_of
from preferences.choices import TurnStatus
from preferences.models import Campaign, Turn
from webapp.environment import database as settings_of
from webapp.services import postgres, short_directory, valkey

LEASE = 60  # seconds, so that those of the idle run out
IDLE = 8
JUDGED, ASKED = 60, 3  # a second, so that there is work to the end
MODEL_MILLISECONDS, MODEL_BATCH = 2_000, 8


class Command(BaseCommand):
    help = "Kills every process at random and starts PostgreSQL anew while people work, and counts what came of it."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seconds", type=float, default=600)
        parser.add_argument("--annotators", type=int, default=32)
        parser.add_argument("--seed", type=int, default=random.randrange(10**6), help="of what dies when")

    def handle(self, **options: Any) -> None:
        directory = REPORT.with_name("chaos")
        with suppress(FileNotFoundError):
            postgres.stop(directory / "postgres", short_directory())
            shutil.rmtree(directory)
        directory.mkdir(parents=True)
        call_command("collectstatic", interactive=False, verbosity=0)
        url = postgres.ensure(directory / "postgres", short_directory())
        # Of its own, so that its restarts disturb nobody; also for the threads that connect later.
        connection.settings_dict.update({**settings_of(url), "NAME": DATABASE})
        try:
            database.make()
            with tempfile.TemporaryDirectory() as sockets:  # a socket's path is short
                self._run(directory, url, Path(sockets), options)
        finally:
            connection.close()
            postgres.stop(directory / "postgres", short_directory())

    def _run(self, directory: Path, url: str, sockets: Path, options: dict[str, Any]) -> None:
        seconds, dice = options["seconds"], random.Random(options["seed"])
        there = world.make(tracks=1)
        campaign = self._fill(there, seconds)
        people = [there.annotator(f"chaos-{number}") for number in range(options["annotators"] + IDLE)]
        sessions = [session_of(person) for person in people]
        ports = [free_port(), free_port()]
        environment = {
            "DATABASE_URL": url,
            "REDIS_URL": f"redis+socket://{sockets / valkey.SOCKET}",
            "DJANGO_SETTINGS_MODULE": "bench.settings",
            "MARGIN_LOCAL": "1",
        }
        with chaos.staged(environment, directory, sockets, ports) as stage:
            crowd = Crowd(
                [f"http://{HOST}:{port}" for port in ports],
                campaign,
                sessions[IDLE:],
                deadline=time.monotonic() + seconds,
                is_endless=True,
            )
            threads = [threading.Thread(target=crowd.work, daemon=True)]
            threads += [
                threading.Thread(target=chaos.idle, args=(crowd, session, place), kwargs={"lease": LEASE}, daemon=True)
                for place, session in enumerate(sessions[:IDLE])
            ]
            for thread in threads:
                thread.start()
            chaos.rage(stage, seconds=seconds, data=directory / "postgres", dice=dice)
            for thread in threads:
                thread.join()
            # On busy cores much of it is left: what was asked for within the run is worked off within another.
            rest = chaos.wait_until(lambda: not _waiting(campaign), patience=max(chaos.PATIENCE, seconds))
            counted = chaos_counts.count(campaign, crowd.answered)
        self._print(counted, crowd, stage.deaths, rest, options)
        if defects := [*counted.defects(), *crowd.errors]:
            raise SystemExit("\n".join(defects))

    def _fill(self, there: world.World, seconds: float) -> Campaign:
        (campaign,) = there.campaigns
        kills.plan(campaign, milliseconds=MODEL_MILLISECONDS, batch_size=MODEL_BATCH)
        Campaign.objects.update(lease_seconds=LEASE)
        wanted = round(seconds * JUDGED / world.RATERS_PER_ITEM)
        Seeding(there, there.annotator("chaos-ahead"), wanted, checked=False, judged=0, ahead_by=0).write()
        kills.ask(campaign, round(seconds * ASKED))
        return campaign

    def _print(
        self, counted: Counted, crowd: Crowd, deaths: Sequence[chaos.Death], rest: float, options: dict[str, Any]
    ) -> None:
        p50, p95, most = np.percentile([seconds for _, seconds in crowd.waits], [50, 95, 100])
        table = Table("what", "count", title=f"{options['seconds']:.0f} s, seed {options['seed']}")
        for name, value in {
            "judgments answered with success": f"{len(crowd.answered):,}",
            "of these not in the record": f"{counted.lost:,}",
            "somebody judged a comparison twice": f"{counted.twice:,}",
            "comparisons with more judgments than raters": f"{counted.beyond:,}",
            "judgments without a slot, without an event": f"{counted.unfilled:,}, {counted.untold:,}",
            "requests to models": f"{counted.sampled:,}",
            "of these without a pair, with more than one": f"{counted.unpaired:,}, {counted.extra:,}",
            "leases that ran out": f"{counted.expired:,}",
            "of these more than once": f"{counted.expired_twice:,}",
            "requests sent again": f"{crowd.sent_again:,}",
            "judgments a second": f"{len(crowd.answered) / options['seconds']:.1f}",
            "a verdict waited, p50 / p95 / most": f"{p50:.2f} / {p95:.2f} / {most:.1f} s",
            "the rest of the requests took": f"{rest:.0f} s",
        }.items():
            table.add_row(name, value)
        recovery = Table("what died", "times", "served again after", "nobody was answered for")
        for what, times in sorted(Counter(death.what for death in deaths).items()):
            back = [death.back for death in deaths if death.what == what]
            felt = [chaos.felt(deaths, place, crowd) for place, death in enumerate(deaths) if death.what == what]
            recovery.add_row(what, str(times), _middle_and_most(back), _middle_and_most(felt))
        Console().print(table, recovery)


def _waiting(campaign: Campaign) -> bool:
    return Turn.objects.filter(dialogue__campaign=campaign, status=TurnStatus.SAMPLING).exists()


def _middle_and_most(seconds: Sequence[float]) -> str:
    return f"{statistics.median(seconds):.1f} s, at most {max(seconds):.1f} s"
