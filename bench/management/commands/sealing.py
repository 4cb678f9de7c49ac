from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from typing import Any

import numpy as np
import psutil
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone
from rich.console import Console
from rich.table import Table

from bench import database, server, weeks, world
from bench.seeding import Seeding
from bench.settings import REPORT
from bench.submits import Submits, annotators
from preferences.models import Batch
from preferences.weeks import week_of

PEOPLE, EVERY = 8, 1.0  # as many verdicts as 500 people send who take a minute each


class Command(BaseCommand):
    help = "Seals a batch while annotators work over real HTTP: how long it takes, and how much longer they wait."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--comparisons", type=int, default=250_000)
        parser.add_argument("--seconds", type=float, default=60, help="of work before and after (%(default)s)")
        parser.add_argument("--keep", action="store_true", help="Leave the database there.")

    def handle(self, *, comparisons: int, seconds: float, keep: bool, **options: Any) -> None:
        console = Console(width=120)
        REPORT.parent.mkdir(parents=True, exist_ok=True)
        call_command("collectstatic", interactive=False, verbosity=0)
        database.make()
        try:
            made = world.make()
            people = [made.annotator(f"sealing-{number}") for number in range(PEOPLE)]
            open_ones = 1_000 + round(PEOPLE * (2 * seconds + comparisons / 1_000) / EVERY)
            Seeding(made, people[0], open_ones, judged=0, ahead_by=0, checked=False).write()
            weeks.fill(weeks.TABLE_26[-1].scaled(comparisons / weeks.TABLE_26[-1].comparisons))
            slugs = [campaign.slug for campaign in made.campaigns]
            with server.running() as address, annotators(address, people, slugs, every=EVERY) as submits:
                time.sleep(5)  # every process has been asked once
                times = [time.monotonic()]
                time.sleep(seconds)
                times.append(time.monotonic())
                busy, most = _seal()
                times.append(time.monotonic())
                time.sleep(seconds)
                times.append(time.monotonic())
            console.print(_table(submits, times))
            console.print(f"The process that sealed was at work for {busy:.1f} s and had {most:.0f} MB at most.")
            if submits.errors:
                raise SystemExit(f"Somebody could not work: {submits.errors[0]}")
        finally:
            if not keep:
                database.drop()


def _seal() -> tuple[float, float]:
    """The seconds of a core that the command took, and the most memory that it had, in MB."""
    command = [sys.executable, "manage.py", "seal_batch", "--settings", "bench.settings"]
    command += ["--week", week_of(timezone.now()), "--anyway", "It is measured."]
    process = psutil.Popen(command, cwd=settings.BASE_DIR)
    busy = most = 0.0
    while process.poll() is None:  # what waiting for it tells has this process's own memory in it
        with suppress(psutil.NoSuchProcess):
            times, memory = process.cpu_times(), process.memory_info()
            busy, most = times.user + times.system, max(most, memory.rss / 2**20)
        time.sleep(0.1)
    if process.returncode:
        raise SystemExit("The batch was not sealed.")
    return busy, most


def _table(submits: Submits, times: list[float]) -> Table:
    sealed = Batch.objects.get().items.count()
    took, load = times[2] - times[1], os.getloadavg()[0]
    table = Table(
        title=f"{sealed:,} comparisons sealed in {took:.1f} s ({sealed / took:,.0f} a second), load {load:.1f}"
    )
    for heading in ("submit and next", "sent", "p50, ms", "p95, ms", "p95 beside before", "longest, ms"):
        table.add_column(heading, justify="right")
    before = 0.0
    for name, begun, ended in zip(("before", "while sealing", "after"), times, times[1:], strict=False):
        waits = 1000 * np.array(submits.between(begun, ended))
        p50, p95 = np.percentile(waits, [50, 95])
        before = before or p95
        table.add_row(name, f"{len(waits)}", f"{p50:.0f}", f"{p95:.0f}", f"{p95 / before:.2f}", f"{waits.max():.0f}")
    return table
