from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from bench import ratings


class Command(BaseCommand):
    help = "Measures what agreement takes on a large CSV file of ratings, in seconds and memory."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--units", type=int, default=3_333_334, help="of three ratings each")
        parser.add_argument("--raters", type=int, default=ratings.POOL, help="how many people rated")

    def handle(self, *, units: int, raters: int, **options: Any) -> None:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "ratings.csv"
            ratings.write(file, units, raters=raters)
            size = file.stat().st_size / 2**20
            taken = ratings.agreement(file)
        self.stdout.write(taken.said)
        self.stdout.write(
            f"{units * ratings.RATERS_PER_UNIT:,} rows, {size:,.0f} MB: {taken.seconds:.0f} s, "
            f"at most {taken.peak_mb:.0f} MB resident (load {os.getloadavg()[0]:.1f})"
        )
