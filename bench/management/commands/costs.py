from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import psutil
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection
from rich.console import Console
from rich.table import Table

from bench import database, world
from bench.seeding import Seeding
from bench.visitors import InProcess, Pair, first_pair


class Command(BaseCommand):
    help = "What a request of an annotator costs the processors of web and database, and PostgreSQL's log."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--samples", type=int, default=300)
        parser.add_argument("--comparisons", type=int, default=10_000)

    def handle(self, **options: Any) -> None:
        call_command("collectstatic", interactive=False, verbosity=0)
        database.make()
        made = world.make(tracks=1)
        ahead = made.annotator("bench-ahead")
        Seeding(made, ahead, options["comparisons"], checked=False, judged=0, ahead_by=0).write()
        visitor = InProcess(made.annotator("bench-costs"))
        self._pair = first_pair(visitor, made.campaigns[0].slug)
        samples = options["samples"]

        def submit() -> None:
            self._pair = Pair.of(visitor.send("POST", self._pair.path, self._pair.answer(), htmx=True).text)

        def beat() -> None:
            visitor.send("POST", f"{self._pair.path}heartbeat/", {**self._pair.answer(), "rationale": "So far."})

        table = Table("request", "web, ms of a core", "PostgreSQL, ms of a core", "log, KB")
        for name, ask in {"submit and next": submit, "heartbeat with a draft": beat}.items():
            table.add_row(name, *_cost(ask, samples))
        size = database.size() / (options["comparisons"])
        Console().print(table, f"{size / 1024:.1f} KB on disk a comparison, before anybody judged it")


def _cost(ask: Callable[[], None], samples: int) -> tuple[str, str, str]:
    for _ in range(20):
        ask()
    # The server is on this machine, and this process has one connection.
    backend = psutil.Process(connection.connection.get_backend_pid())
    log, web, database_seconds = _log(), time.process_time(), sum(backend.cpu_times()[:2])
    for _ in range(samples):
        ask()
    spent = (time.process_time() - web, sum(backend.cpu_times()[:2]) - database_seconds)
    milliseconds = [f"{1000 * seconds / samples:.1f}" for seconds in spent]
    return milliseconds[0], milliseconds[1], f"{(_log() - log) / 1024 / samples:.1f}"


def _log() -> float:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn")
        return float(cursor.fetchone()[0])
