from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import connection, connections
from django.db.migrations.exceptions import IrreversibleError
from django.db.migrations.executor import MigrationExecutor
from rich.console import Console
from rich.table import Table

from bench import database, world
from bench.seeding import Seeding

APPS = ("preferences", "annotation", "workers", "exports")
LIMITS = "SET lock_timeout = '5s'; SET statement_timeout = '60s'"
BEFORE_JUDGING = 0.02
JUDGING = """
    WITH held AS (
        SELECT id FROM preferences_slot WHERE status = 'open' ORDER BY random() LIMIT 1 FOR UPDATE SKIP LOCKED
    )
    UPDATE preferences_slot SET number = number FROM held WHERE preferences_slot.id = held.id
"""


class Command(BaseCommand):
    help = (
        "Applies the last migrations to a filled record while rows are held and written, and says who waited how long."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--comparisons", type=int, default=100_000)
        parser.add_argument("--back", type=int, default=3, help="how many migrations of each part are applied anew")

    def handle(self, **options: Any) -> None:
        database.make()
        made = world.make(tracks=1)
        ahead = made.annotator("bench-ahead")
        Seeding(made, ahead, options["comparisons"], checked=False, judged=0, ahead_by=0).write()
        latest = MigrationExecutor(connection).loader.graph.leaf_nodes()
        for app in APPS:
            self._back(app, options["back"])
        with connection.cursor() as cursor:
            cursor.execute(LIMITS)
        executor = MigrationExecutor(connection)
        table = Table("migration", "seconds", "longest wait of a writer, ms")
        waits: list[float] = []
        over = threading.Event()
        writer = threading.Thread(target=_write, args=(over, waits), daemon=True)
        writer.start()
        try:
            for migration, _backwards in executor.migration_plan(latest):
                waits.clear()
                begun = time.monotonic()
                MigrationExecutor(connection).migrate([(migration.app_label, migration.name)])
                table.add_row(str(migration), f"{time.monotonic() - begun:.1f}", _longest(waits))
        finally:
            over.set()
            writer.join()
        Console().print(table)

    def _back(self, app: str, steps: int) -> None:
        """As far as can be gone."""
        graph = MigrationExecutor(connection).loader.graph
        (leaf,) = graph.leaf_nodes(app)
        for name in sorted((name for label, name in graph.nodes if label == app), reverse=True)[1 : steps + 1]:
            try:
                MigrationExecutor(connection).migrate([(app, name)])
            except IrreversibleError:
                self.stdout.write(f"{leaf}: not before {name}, what comes after it cannot be taken back.")
                return


def _longest(waits: Sequence[float]) -> str:
    return f"{1000 * max(waits):.0f}" if waits else "–"


def _write(over: threading.Event, waits: list[float]) -> None:
    """As annotators do: a row at a time, held for as long as a submit takes."""
    try:
        while not over.wait(BEFORE_JUDGING):
            begun = time.monotonic()
            with connection.cursor() as cursor:
                cursor.execute(JUDGING)
            waits.append(time.monotonic() - begun)
    finally:
        connections.close_all()
