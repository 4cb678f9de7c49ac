from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandParser

from bench import memory
from bench.settings import REPORT
from exports import actions
from exports.batch_statistics import batch_statistics
from preferences.models import Batch

STATISTICS = "statistics"


class Command(BaseCommand):
    help = "Exports the benchmark's newest batch in one format, or counts its statistics; tells what it cost as JSON."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", help=f"a format, or {STATISTICS}")

    def handle(self, *, what: str, **options: Any) -> None:
        batch = Batch.objects.latest("sealed_at")
        with tempfile.TemporaryDirectory(dir=REPORT.parent) as folder, memory.watched() as found:
            began = time.perf_counter()
            if what == STATISTICS:
                batch_statistics(batch)
            else:
                export = actions.request(batch=batch, format=what, margin="small", by=None)
                actions.write(export=export, out=Path(folder) / what)
            seconds = time.perf_counter() - began
            written = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
        self.stdout.write(orjson.dumps({"seconds": seconds, "written": written, "memory": found.most}).decode())
