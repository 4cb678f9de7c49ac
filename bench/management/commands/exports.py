from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone
from rich.console import Console
from rich.table import Table

from bench import database, label_studio, memory, weeks, world
from bench.copied_out import copied
from bench.management.commands.measure_export import STATISTICS
from bench.settings import REPORT
from exports import actions
from preferences.actions import batches
from preferences.models import Batch, Campaign
from preferences.weeks import week_of

# About 3.5 KB of text a comparison: the dialogue before, what was asked, both responses.
WEEK = weeks.Week(500_000, 3.5, 620, 31, 180)
THEIRS = 20_000  # pairs of Label Studio's own export, which takes minutes at more
PATIENCE = 900  # seconds


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
            lines = measured(comparisons, formats.split(","))
            console.print(f"{database.size() / 2**30:.1f} GB in the database.")
            theirs = label_studio_rate(console)
        finally:
            if not keep:
                database.drop()
        console.print(table(lines, comparisons, theirs))


@dataclass(frozen=True)
class Line:
    name: str
    seconds: float
    memory: float | None = None  # bytes of all its processes at most; None where it is no process of ours
    compared: bool = True


def measured(comparisons: int, formats: list[str]) -> list[Line]:
    """The seal in this process, all else in one of its own; COPY first, which the others stand beside."""
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    with memory.watched() as found:
        seconds, batch = timed(seal)
    sealing = Line("seal", seconds, found.most, compared=False)
    copying, size = timed(lambda: copied(batch))
    lines = [sealing, Line(f"COPY … BINARY ({size / comparisons:,.0f} bytes each)", copying)]
    counted = apart(STATISTICS)
    lines.append(Line("statistics", counted["seconds"], counted["memory"]))
    actions.describe(batch=batch)
    for format in formats:
        told = apart(format)
        lines.append(Line(f"{format} ({told['written'] / 2**20:,.0f} MB)", told["seconds"], told["memory"]))
    return lines


def apart(what: str) -> dict[str, Any]:
    """Measured by a process of its own, so that its memory is what this takes and not what came before."""
    command = [sys.executable, "manage.py", "measure_export", what, "--settings", "bench.settings"]
    done = subprocess.run(command, cwd=settings.BASE_DIR, check=True, stdout=subprocess.PIPE)
    told: dict[str, Any] = orjson.loads(done.stdout.splitlines()[-1])
    return told


def label_studio_rate(console: Console) -> float:
    """Pairs a second of its own export, here and now where it is installed, else as it was measured apart."""
    if not label_studio.is_installed():
        console.print(label_studio.MISSING)
        return THEIRS / 71  # s; 71 to 96 at 1 GB, on the same machine
    console.print(f"Label Studio with {THEIRS:,} pairs: migrating, filling, exporting …")
    with label_studio.made(pairs=THEIRS, people=1, judged=True) as theirs, theirs.running(workers=1, threads=2) as at:
        address = f"{at}/api/projects/{theirs.project}/export?exportType=JSON"
        asked = urllib.request.Request(address, headers={"Authorization": f"Token {theirs.tokens[0]}"})
        began = time.perf_counter()
        with urllib.request.urlopen(asked, timeout=PATIENCE) as answer:
            pairs = len(orjson.loads(answer.read()))
        seconds = time.perf_counter() - began
    if pairs != THEIRS:
        raise SystemExit(f"Label Studio exported {pairs:,} pairs, and not {THEIRS:,}.")
    console.print(f"Label Studio exported {pairs:,} pairs in {seconds:.1f} s.")
    return THEIRS / seconds


def table(lines: Sequence[Line], comparisons: int, theirs: float) -> Table:
    copy = lines[1].seconds
    made = Table(
        title=f"{comparisons:,} comparisons, load {os.getloadavg()[0]:.1f}; Label Studio {theirs:,.0f} a second"
    )
    for heading in ("what", "seconds", "rows a second", "beside COPY", "beside Label Studio", "memory at most, MB"):
        made.add_column(heading, justify="right")
    for line in lines:
        rate = comparisons / line.seconds
        beside = (f"{copy / line.seconds:.2f}", f"{rate / theirs:,.0f}") if line.compared else ("–", "–")
        most = "–" if line.memory is None else f"{line.memory / 2**20:,.0f}"
        made.add_row(line.name, f"{line.seconds:.1f}", f"{rate:,.0f}", *beside, most)
    return made


def seal() -> Batch:
    return batches.seal(week=week_of(timezone.now()), campaigns=list(Campaign.objects.all()), by=None, name="bench")


def timed(call: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    answer = call()
    return time.perf_counter() - began, answer


def peak() -> float:
    """The most memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
