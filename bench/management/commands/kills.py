from __future__ import annotations

import random
import shutil
import tempfile
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from rich.console import Console
from rich.table import Table

from bench import database, kills
from bench.settings import REPORT
from webapp.services import valkey
from workers import faults


class Command(BaseCommand):
    help = "Kills the sampling worker at random points of its loop while it answers requests, and counts the pairs."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--requests", type=int, default=500)
        parser.add_argument("--kills", type=int, default=20)
        parser.add_argument("--minutes", type=float, default=15, help="after which it gives up")
        parser.add_argument("--seed", type=int, default=random.randrange(10**6), help="of what is killed where")

    def handle(self, **options: Any) -> None:
        directory = REPORT.with_name("kills")
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        database.make()
        campaign = kills.planned(milliseconds=600, batch_size=8)
        kills.ask(campaign, options["requests"])
        dice = random.Random(options["seed"])
        with tempfile.TemporaryDirectory() as broker:  # a socket's path is short
            data, place = directory / "broker", Path(broker)

            def restart() -> None:
                valkey.stop(place)
                valkey.ensure(data, place)

            try:
                outcome = kills.run(
                    campaign,
                    points=[dice.choice(faults.POINTS) for _ in range(options["kills"])],
                    terminations=5,
                    restart_broker=restart,
                    environment={
                        "DJANGO_SETTINGS_MODULE": "bench.settings",
                        "REDIS_URL": valkey.ensure(data, place),
                        "MARGIN_LOCAL": "1",
                    },
                    directory=directory,
                    seed=options["seed"],
                    minutes=options["minutes"],
                )
            finally:
                valkey.stop(place)
        self._print(outcome, options)
        if defects := outcome.defects():
            raise SystemExit("\n".join(defects))

    def _print(self, outcome: kills.Outcome, options: dict[str, Any]) -> None:
        table = Table("what", "count", title=f"A worker killed {outcome.killed.total()} times, seed {options['seed']}")
        counts = {
            "requests": outcome.requests,
            "pairs": outcome.comparisons,
            "turns with other than two responses": sum(n for size, n in outcome.responses.items() if size != 2),
            **{f"killed {point}": outcome.killed[point] for point in faults.POINTS},
            "connections ended by the database": outcome.let_go,
            "restarts of the broker": 1,
            "seconds": round(outcome.seconds),
        }
        for name, count in counts.items():
            table.add_row(name, f"{count:,}")
        Console().print(table)
