from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.table import Table

from preferences.errors import DomainError
from webapp.round.report import HEADS
from webapp.round.stages import Turn, next_number
from workers.rewards.errors import RewardError

WIDTH = 140  # of the tables


class Command(BaseCommand):
    help = (
        "Runs one turn of the loop in small on the demo's data: reward models, temperatures, rejection sampling, "
        "fine-tuning, and the new variant against the previous one. Again, it makes the next round."
    )

    def handle(self, **options: Any) -> None:
        try:
            report = Turn(self.stdout, next_number()).run()
        except (DomainError, RewardError) as error:
            raise CommandError(f"{error} What was done so far was kept; “make round” goes on with it.") from None
        console = Console(file=self.stdout, width=WIDTH)  # type: ignore[arg-type]  # OutputWrapper is a text file
        console.print(_accuracy(report["table"]))
        console.print(_wins(report["verdicts"]))
        self.stdout.write(f"{sum(report['seconds'].values()):.0f} seconds.")
        self.stdout.write(report["said"])


def _accuracy(rows: list[dict[str, Any]]) -> Table:
    table = Table(title="Accuracy of the reward models on held-out pairs, % (95% interval, pairs)", box=None)
    for head in ("reward model", "test set", *HEADS):
        table.add_column(head, no_wrap=True)
    for row in rows:
        table.add_row(row["model"], row["test"], *row["cells"])
    return table


def _wins(verdicts: list[dict[str, Any]]) -> Table:
    table = Table(title="The new variant against the previous one, %", box=None)
    for head in ("on", "judgments", "preferred", "95% interval"):
        table.add_column(head)
    for one in verdicts:
        table.add_row(one["what"], str(one["judgments"]), one["preferred"], one["interval"])
    return table
