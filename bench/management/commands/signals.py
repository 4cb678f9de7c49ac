from __future__ import annotations

import os
import time
from typing import Any

import numpy as np
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from rich.console import Console
from rich.table import Table

from annotation.quality.measures import measure
from annotation.quality.rows import read
from annotation.quality.windows import Window, recent
from bench import database, world
from bench.seeding import Seeding
from bench.signals import SIZES, Rate, false_alarms, power


class Command(BaseCommand):
    help = "Measures the signals of quality on simulated people, and how long a campaign's table takes."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--people", type=int, default=5_000, help="careful people, for the false alarms")
        parser.add_argument("--rounds", type=int, default=40, help="campaigns, for what is found")
        parser.add_argument("--comparisons", type=int, default=0, help="time the table beside so many; 0: do not")
        parser.add_argument("--annotators", type=int, default=200)

    def handle(self, **options: Any) -> None:
        console = Console()
        rng = np.random.default_rng(1)
        with translation.override("en"):
            for size in SIZES:
                rates = [false_alarms(options["people"], size, rng), *power(options["rounds"], size, rng)]
                console.print(_table(size, rates))
            if options["comparisons"]:
                _time(options["comparisons"], options["annotators"], console)


def _table(size: int, rates: list[Rate]) -> Table:
    table = Table(title=f"{size} judgments each")
    for heading in ("people", "called unusual", "95% interval", "by"):
        table.add_column(heading)
    for rate in rates:
        called, by = rate.called, ", ".join(f"{name} {count}" for name, count in rate.by.most_common())
        limits = f"{100 * (called.low or 0):.2f} to {100 * (called.high or 0):.2f} %"
        table.add_row(f"{rate.who} ({called.n})", f"{100 * (called.value or 0):.2f} %", limits, by)
    return table


def _time(comparisons: int, annotators: int, console: Console) -> None:
    database.make()
    made = world.make(tracks=1, annotators=annotators)
    Seeding(made, made.annotator("bench-ahead"), comparisons, checked=False).write()
    for name, window in (("everything", Window()), ("the last seven days", recent())):
        with CaptureQueriesContext(connection) as asked:
            begun = time.perf_counter()
            work = read(made.campaigns[0], window)
            fetched = time.perf_counter()
            people = measure(work)
            done = time.perf_counter()
        console.print(
            f"{name}: {work.verdicts.judgment.size:,} judgments of {len(people)} people, {len(asked)} queries, read in "
            f"{fetched - begun:.2f} s, computed in {done - fetched:.2f} s (load {os.getloadavg()[0]:.1f})"
        )
