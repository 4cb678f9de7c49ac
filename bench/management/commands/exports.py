from __future__ import annotations

import os
import resource
import shutil
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone
from rich.console import Console
from rich.table import Table

from bench import database, weeks, world
from bench.copied_out import copied
from bench.settings import REPORT
from exports import actions
from exports.batch_statistics import batch_statistics
from preferences.actions import batches
from preferences.models import Batch, Campaign
from preferences.weeks import week_of

# About 3.5 KB of text a comparison: the dialogue before, what was asked, both responses.
WEEK = weeks.Week(500_000, 3.5, 620, 31, 180)
# Label Studio's own export of 20,000 pairs, measured apart on the same machine: 71 to 96 s, at 1 GB.
LABEL_STUDIO = 20_000 / 71


class Command(BaseCommand):
    help = "Measures sealing, describing and exporting a batch beside PostgreSQL's own binary COPY of the same rows."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--comparisons", type=int, default=WEEK.comparisons)
        parser.add_argument("--formats", default="trl,openai,hh,votes", help="(%(default)s)")
        parser.add_argument("--keep", action="store_true", help="Leave the database there.")

    def handle(self, *, comparisons: int, formats: str, keep: bool, **options: Any) -> None:
        console = Console(width=120)
        console.print(f"{comparisons:,} comparisons: copying …")
        database.make()
        try:
            world.make()
            seconds, _ = timed(lambda: weeks.fill(WEEK.scaled(comparisons / WEEK.comparisons)))
            console.print(f"Copied in {seconds:.0f} s; sealing and exporting …")
            console.print(measured(comparisons, formats.split(",")))
            console.print(f"{database.size() / 2**30:.1f} GB in the database.")
        finally:
            if not keep:
                database.drop()


def measured(comparisons: int, formats: list[str]) -> Table:
    seconds, batch = timed(seal)
    begun = line("seal", seconds, comparisons, None)
    copying, size = timed(lambda: copied(batch))
    copy_rate = comparisons / copying
    table = Table(
        title=f"{comparisons:,} comparisons of {size / comparisons:,.0f} bytes, load {os.getloadavg()[0]:.1f}"
    )
    for heading in ("what", "seconds", "rows a second", "beside COPY", "beside Label Studio", "most memory so far, MB"):
        table.add_column(heading, justify="right")
    table.add_row(*begun)
    table.add_row(*line(f"COPY … BINARY ({size / 2**20:,.0f} MB)", copying, comparisons, copy_rate))
    seconds, _ = timed(lambda: batch_statistics(batch))
    table.add_row(*line("statistics", seconds, comparisons, copy_rate))
    actions.describe(batch=batch)
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=REPORT.parent) as folder:
        for format in formats:
            export = actions.request(batch=batch, format=format, margin="small", by=None)
            out = Path(folder) / format
            seconds, _ = timed(partial(actions.write, export=export, out=out))
            megabytes = sum(path.stat().st_size for path in out.rglob("*") if path.is_file()) / 2**20
            table.add_row(*line(f"export as {format} ({megabytes:,.0f} MB)", seconds, comparisons, copy_rate))
            shutil.rmtree(out)
    return table


def seal() -> Batch:
    return batches.seal(week=week_of(timezone.now()), campaigns=list(Campaign.objects.all()), by=None, name="bench")


def timed(call: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    answer = call()
    return time.perf_counter() - began, answer


def line(name: str, seconds: float, rows: int, copy_rate: float | None) -> list[str]:
    rate = rows / seconds
    beside = ["–", "–"] if copy_rate is None else [f"{rate / copy_rate:.2f}", f"{rate / LABEL_STUDIO:,.0f}"]
    return [name, f"{seconds:.1f}", f"{rate:,.0f}", *beside, f"{peak():,.0f}"]


def peak() -> float:
    """The most memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
