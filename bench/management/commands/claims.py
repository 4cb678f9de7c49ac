from __future__ import annotations

import os
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import connection, transaction
from rich.console import Console
from rich.table import Table

from annotation import queue
from annotation.queue import Answer
from bench import crowded, database, world
from bench.seeding import Seeding, pass_by_triggers
from bench.times import Stopwatch, Summary
from webapp.accounts.models import User

CLAIM, SUBMIT, AHEAD = "claim", "submit and claim", "submit and claim, by one who is ahead"
TARGET = 1.5
WARMING = 20


class Command(BaseCommand):
    help = "Measures claim and submit beside 10,000 and beside 1,000,000 open comparisons."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--open", type=int, nargs=2, default=[10_000, 1_000_000], help="the two sizes")
        parser.add_argument("--samples", type=int, default=400)

    def handle(self, **options: Any) -> None:
        console, found = Console(), {}
        database.make()
        for size in options["open"]:
            database.empty()
            console.print(f"{size:,} open comparisons: copying …")
            made = self._world(size)
            console.print(f"{size:,} open comparisons: claiming (load {os.getloadavg()[0]:.1f}) …")
            found[size] = self._measure(made, options["samples"])
        console.print(_table(found))

    def _world(self, size: int) -> world.World:
        made = world.make(tracks=1, raters_per_item=2)
        Seeding(made, made.annotator("bench-ahead"), 8, judged=0, ahead_by=0, checked=False).write()
        with transaction.atomic():
            pass_by_triggers()
            crowded.fill(made.campaigns[0], size)
        return made

    def _measure(self, made: world.World, samples: int) -> dict[str, Summary]:
        watch, campaign = Stopwatch(counts=False), made.campaigns[0]
        for number in range(-WARMING, samples):
            watch.warming = number < 0
            person = made.annotator(f"claims-{number}")
            watch.time(CLAIM, partial(queue.claim, campaign=campaign, by=person))
        with connection.cursor() as cursor:  # as autovacuum does within a minute of the first claims
            cursor.execute("ANALYZE")
        self._submit(watch, SUBMIT, made, made.annotator("submits"), samples)
        # Whoever has judged thousands before anybody else finds them at the head of the queue.
        ahead = made.annotator("is-ahead")
        watch.warming = True
        self._submit(watch, AHEAD, made, ahead, min(1_000, campaign.comparisons.count() // 4))
        watch.warming = False
        self._submit(watch, AHEAD, made, ahead, samples)
        return watch.summaries()

    def _submit(self, watch: Stopwatch, name: str, made: world.World, by: User, samples: int) -> None:
        held = queue.claim(campaign=made.campaigns[0], by=by)
        for number in range(samples):
            assert held is not None, "more comparisons than samples"
            send = partial(queue.submit_and_claim, key=held.key, by=by, answer=Answer(place=1 + number % 8))
            held = watch.time(name, send).following


def _table(found: dict[int, dict[str, Summary]]) -> Table:
    small, large = sorted(found)
    table = Table(title="The queue in process, milliseconds", title_justify="left")
    for name in ("what", f"p50 / p95 at {small:,}", f"p50 / p95 at {large:,}", "ratio of the p95", "target"):
        table.add_column(name)
    for name in found[small]:
        few, many = found[small][name], found[large][name]
        table.add_row(
            name,
            f"{few.p50:.1f} / {few.p95:.1f}",
            f"{many.p50:.1f} / {many.p95:.1f}",
            f"{many.p95 / few.p95:.2f}",
            f"{'✓' if many.p95 <= TARGET * few.p95 else '✗'} < {TARGET}",
        )
    return table
