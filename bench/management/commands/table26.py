from __future__ import annotations

import os
import shutil
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone
from rich.console import Console
from rich.table import Table

from bench import database, weeks, world
from bench.management.commands.exports import peak, timed
from bench.settings import REPORT
from exports import actions
from preferences.actions import batches
from preferences.models import Batch, Campaign
from preferences.weeks import week_of

COLUMNS = ("turns_per_dialogue", "tokens_per_example", "tokens_per_prompt", "tokens_per_response")
HEADINGS = ("batch", "comparisons", "turns", "paper", "tok/example", "paper", "tok/prompt", "paper", "tok/response",
            "paper", "seal, s", "statistics, s", "export, s", "rows a second", "MB")  # fmt: skip


class Command(BaseCommand):
    help = "Replays the paper's fourteen weekly batches (Table 26) through sealing, statistics and export."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--scale", type=float, default=1.0, help="of the 1,418,091 comparisons (%(default)s)")
        parser.add_argument("--format", default="trl", help="(%(default)s)")
        parser.add_argument("--keep", action="store_true", help="Leave the database there.")

    def handle(self, *, scale: float, format: str, keep: bool, **options: Any) -> None:
        console = Console(width=170)
        database.make()
        try:
            seconds, table = timed(lambda: replayed(console, scale, format))
            console.print(table)
            console.print(f"{seconds:,.0f} s, {database.size() / 2**30:.1f} GB, load {os.getloadavg()[0]:.1f}.")
        finally:
            if not keep:
                database.drop()


def replayed(console: Console, scale: float, format: str) -> Table:
    table = Table(title=f"Table 26, replayed at {scale:g} of its size; “paper” is what it prints")
    for heading in HEADINGS:
        table.add_column(heading, justify="right")
    world.make()
    sums = dict.fromkeys(("comparisons", "dialogues", "turns", *COLUMNS[1:]), 0.0)
    times = [0.0, 0.0, 0.0]
    for number, paper in enumerate(weeks.TABLE_26, start=1):
        filling, _ = timed(partial(weeks.fill, paper.scaled(scale), seed=number))
        about, took = _through(number, format)
        count = about["comparisons"]
        console.print(f"{number}: {count:,} comparisons, filled in {filling:.0f} s, then {sum(took):.0f} s")
        table.add_row(*_line(str(number), about, paper, took))
        times = [one + other for one, other in zip(times, took, strict=True)]
        sums["comparisons"] += about["comparisons"]
        sums["dialogues"] += about["dialogues"]
        sums["turns"] += about["turns_per_dialogue"] * about["dialogues"]
        for name in COLUMNS[1:]:
            sums[name] += about[name] * about["comparisons"]
    whole: dict[str, Any] = {name: sums[name] / sums["comparisons"] for name in COLUMNS[1:]}
    whole |= {"comparisons": int(sums["comparisons"]), "turns_per_dialogue": sums["turns"] / sums["dialogues"]}
    table.add_section()
    table.add_row(*_line("total", whole, weeks.TOTAL, times))
    return table


def _through(number: int, format: str) -> tuple[dict[str, Any], list[float]]:
    """The batch's statistics, and the seconds of sealing, describing and exporting it."""
    sealing, batch = timed(lambda: _seal(number))
    describing, about = timed(lambda: actions.describe(batch=batch))
    export = actions.request(batch=batch, format=format, margin="small", by=None)
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=REPORT.parent) as folder:
        out = Path(folder) / "out"
        exporting, _ = timed(lambda: actions.write(export=export, out=out))
        shutil.rmtree(out)
    return about, [sealing, describing, exporting]


def _seal(number: int) -> Batch:
    campaigns = list(Campaign.objects.all())
    return batches.seal(week=week_of(timezone.now()), campaigns=campaigns, by=None, name=f"batch-{number}")


def _line(name: str, about: dict[str, Any], paper: weeks.Week, took: list[float]) -> list[str]:
    printed = (paper.turns, paper.example, paper.prompt, paper.response)
    columns = [f"{value:.1f}" for found, told in zip(COLUMNS, printed, strict=True) for value in (about[found], told)]
    seconds = [f"{one:.1f}" for one in took]
    count = about["comparisons"]
    return [name, f"{count:,}", *columns, *seconds, f"{count / took[2]:,.0f}", f"{peak():,.0f}"]
