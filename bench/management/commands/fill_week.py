from __future__ import annotations

from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandParser

from bench import weeks, world


class Command(BaseCommand):
    help = "Copies finished comparisons of a week's counts and lengths into the benchmark's database (bench/weeks.py)."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("week", type=orjson.loads, help="comparisons, turns, example, prompt, response as JSON")
        parser.add_argument("--seed", type=int, default=0)

    def handle(self, *, week: dict[str, Any], seed: int, **options: Any) -> None:
        weeks.fill_here(world.there(), weeks.Week(**week), seed=seed)
