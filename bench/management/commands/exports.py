from __future__ import annotations

import os
import resource
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import connection
from django.utils import timezone
from rich.console import Console
from rich.table import Table

from bench import database, world
from bench.seeding import Seeding
from exports import actions
from exports.batch_statistics import batch_statistics
from preferences.actions import batches
from preferences.models import Batch, Campaign, Comparison
from preferences.weeks import week_of

# What an export is made of, as flat rows: the dialogue before, what was asked, both responses, every vote.
SAME_ROWS = """
    SELECT c.key, campaign.slug, campaign.track, dialogue.context, prompt.text, a.text, b.text, va.name, vb.name,
           a.temperature, b.temperature, a.seed, b.seed, a.completion_tokens, b.completion_tokens,
           ARRAY(SELECT p.text FROM preferences_turn t JOIN preferences_prompt p ON p.id = t.prompt_id
                  WHERE t.dialogue_id = turn.dialogue_id AND t.index < turn.index ORDER BY t.index),
           ARRAY(SELECT r.text FROM preferences_turn t LEFT JOIN preferences_response r ON r.id = t.chosen_response_id
                  WHERE t.dialogue_id = turn.dialogue_id AND t.index < turn.index ORDER BY t.index),
           ARRAY(SELECT j.score FROM preferences_judgment j WHERE j.comparison_id = c.id ORDER BY j.id),
           ARRAY(SELECT j.safety_a FROM preferences_judgment j WHERE j.comparison_id = c.id ORDER BY j.id)
      FROM preferences_batchitem item
      JOIN preferences_comparison c ON c.id = item.comparison_id
      JOIN preferences_campaign campaign ON campaign.id = c.campaign_id
      JOIN preferences_turn turn ON turn.id = c.turn_id
      JOIN preferences_dialogue dialogue ON dialogue.id = turn.dialogue_id
      JOIN preferences_prompt prompt ON prompt.id = turn.prompt_id
      JOIN preferences_response a ON a.id = c.response_a_id
      JOIN preferences_variant va ON va.id = a.variant_id
      JOIN preferences_response b ON b.id = c.response_b_id
      JOIN preferences_variant vb ON vb.id = b.variant_id
     WHERE item.batch_id = '{batch}' ORDER BY item.place
"""


class _Nothing:
    """Takes what is written and counts it."""

    def __init__(self) -> None:
        self.bytes = 0

    def write(self, data: bytes) -> int:
        self.bytes += len(data)
        return len(data)


class Command(BaseCommand):
    help = "Measures sealing, describing and exporting a batch beside PostgreSQL's own binary COPY of the same rows."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--comparisons", type=int, default=500_000)
        parser.add_argument("--formats", default="trl,hh,votes", help="(%(default)s)")

    def handle(self, *, comparisons: int, formats: str, **options: Any) -> None:
        console = Console()
        console.print(f"{comparisons:,} comparisons: copying …")
        database.make()
        made = world.make()
        Seeding(made, made.annotator("bench-ahead"), comparisons, judged=1, ahead_by=0, checked=False).write()
        table = Table(title=f"{comparisons:,} comparisons of {made_of()} bytes, load {os.getloadavg()[0]:.1f}")
        for heading in ("what", "seconds", "rows a second", "beside COPY", "most memory so far, MB"):
            table.add_column(heading, justify="right")
        seconds, batch = timed(seal)
        table.add_row(*line("seal", seconds, comparisons, None))
        copying, size = timed(lambda: copied(batch))
        copy_rate = comparisons / copying
        table.add_row(*line(f"COPY … BINARY ({size / 2**20:,.0f} MB)", copying, comparisons, copy_rate))
        seconds, _ = timed(lambda: batch_statistics(batch))
        table.add_row(*line("statistics", seconds, comparisons, copy_rate))
        actions.describe(batch=batch)
        with tempfile.TemporaryDirectory() as folder:
            for format in formats.split(","):
                export = actions.request(batch=batch, format=format, margin="small", by=None)
                seconds, _ = timed(partial(actions.write, export=export, out=Path(folder) / format))
                table.add_row(*line(f"export as {format}", seconds, comparisons, copy_rate))
        console.print(table)


def seal() -> Batch:
    return batches.seal(week=week_of(timezone.now()), campaigns=list(Campaign.objects.all()), by=None, name="bench")


def copied(batch: Batch) -> int:
    """Bytes of the binary COPY, thrown away."""
    nothing = _Nothing()
    with connection.cursor() as cursor:
        cursor.cursor.copy_expert(f"COPY ({SAME_ROWS.format(batch=batch.pk)}) TO STDOUT (FORMAT binary)", nothing)
    return nothing.bytes


def made_of() -> str:
    """The mean length of both responses, in characters."""
    pair = Comparison.objects.select_related("response_a", "response_b").first()
    assert pair is not None and pair.response_b is not None
    return f"{len(pair.response_a.text) + len(pair.response_b.text):,}"


def timed(call: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    answer = call()
    return time.perf_counter() - began, answer


def line(name: str, seconds: float, rows: int, copy_rate: float | None) -> list[str]:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    beside = "–" if copy_rate is None else f"{rows / seconds / copy_rate:.2f}"
    return [name, f"{seconds:.1f}", f"{rows / seconds:,.0f}", beside, f"{peak:,.0f}"]
