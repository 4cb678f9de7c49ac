from __future__ import annotations

import random
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from rich.console import Console
from rich.table import Table

from bench import database, load, world
from bench.seeding import Seeding
from bench.server import free_port
from bench.settings import REPORT
from bench.visitors import HOST, session_of


class Command(BaseCommand):
    help = "Lets many annotators work at once while processes are killed, and counts what came of it."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--comparisons", type=int, default=2_000)
        parser.add_argument("--annotators", type=int, default=64)
        parser.add_argument("--minutes", type=float, default=30, help="after which it gives up")
        parser.add_argument("--seed", type=int, default=random.randrange(10**6), help="of what is killed when")

    def handle(self, **options: Any) -> None:
        REPORT.parent.mkdir(parents=True, exist_ok=True)
        call_command("collectstatic", interactive=False, verbosity=0)
        database.make()
        made = world.make(tracks=1)
        campaign = made.campaigns[0]
        Seeding(
            made, made.annotator("bench-ahead"), options["comparisons"], checked=False, judged=0, ahead_by=0
        ).write()
        people = [made.annotator(f"load-{number}") for number in range(options["annotators"])]
        port = free_port()
        settings = {"DJANGO_SETTINGS_MODULE": "bench.settings"}
        with load.processes(settings, port, REPORT.with_name("load.log")) as victims:
            outcome = load.run(
                address=f"http://{HOST}:{port}",
                campaign=campaign,
                sessions=[session_of(person) for person in people],
                victims=victims,
                minutes=options["minutes"],
                seed=options["seed"],
            )
        self._print(outcome, options)
        if defects := outcome.defects():
            raise SystemExit("\n".join(defects))

    def _print(self, outcome: load.Outcome, options: dict[str, Any]) -> None:
        table = Table("what", "count", title=f"{options['annotators']} annotators at once, seed {options['seed']}")
        for name, count in {
            "comparisons": options["comparisons"],
            "judgments wanted": outcome.wanted,
            "judgments stored": outcome.judgments,
            "most on one comparison": outcome.most_on_one,
            "answered with success": outcome.answered,
            "of these not in the record": outcome.lost,
            "web processes killed": outcome.killed["web"],
            "workers killed": outcome.killed["worker"],
            "requests sent again": outcome.sent_again,
            "seconds": round(outcome.seconds),
            "judgments a second": round(outcome.judgments / outcome.seconds, 1),
        }.items():
            table.add_row(name, f"{count:,}")
        Console().print(table)
