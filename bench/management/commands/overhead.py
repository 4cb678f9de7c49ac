from __future__ import annotations

import cProfile
import os
import pstats
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rich.console import Console
from rich.table import Table

from bench import database, kills
from preferences.models import Comparison, Variant
from workers import sampling

MOST_MS, LEAST_A_SECOND = 15, 200


class Command(BaseCommand):
    help = "Measures what the queue costs beside the engine: from the claim of a request to its recorded response."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--requests", type=int, default=1_600, help="turns, of two responses each")
        parser.add_argument("--batch", type=int, default=32)
        parser.add_argument("--profile", action="store_true", help="print where the time goes")

    def handle(self, **options: Any) -> None:
        database.make()
        campaign = kills.planned(milliseconds=0, batch_size=options["batch"])
        kills.ask(campaign, options["requests"])
        with connection.cursor() as cursor:  # as autovacuum does within a minute
            cursor.execute("ANALYZE")
        profile = cProfile.Profile()
        table = Table("what", "requests", "ms a request", "of these on its own core", "a second")
        table.title = f"Batches of {options['batch']}"
        for name in ("first answers", "second answers, which open the pair"):
            variant = Variant.objects.filter(name__startswith="echo").order_by("name")[table.row_count]
            answered, begun, processor = 0, time.perf_counter(), time.process_time()
            if options["profile"]:
                profile.enable()
            while fresh := sampling.drain(variant):
                answered += fresh
            profile.disable()
            seconds, own = time.perf_counter() - begun, 1000 * (time.process_time() - processor) / answered
            each = f"{1000 * seconds / answered:.2f}"
            table.add_row(name, f"{answered:,}", each, f"{own:.2f}", f"{answered / seconds:.0f}")
        assert Comparison.objects.count() == options["requests"]
        kills.ask(campaign, options["batch"])
        with CaptureQueriesContext(connection) as queries:
            sampling.drain(variant)
        console = Console()
        console.print(table)
        console.print(f"At most {MOST_MS} ms, at least {LEAST_A_SECOND} a second; load {os.getloadavg()[0]:.1f}.")
        console.print(f"{len(queries)} statements a batch, the empty claim that ends it among them.")
        if options["profile"]:
            pstats.Stats(profile).sort_stats("cumulative").print_stats(45)
