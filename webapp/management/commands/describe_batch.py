from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError

from exports.batch_statistics import batch_statistics
from exports.tokens import TokenizerError
from preferences.batch_versions import newest
from preferences.models import Batch
from preferences.text import by_number

COLUMNS = ("comparisons", "turns_per_dialogue", "tokens_per_example", "tokens_per_prompt", "tokens_per_response")


class Command(BaseCommand):
    help = "Counts what sealed batches hold, in the columns of Llama 2's Table 26; all, or those that are named."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("batch", nargs="*", metavar="NAME")
        parser.add_argument("--tokenizer", type=Path, metavar="DIR", help="with a tokenizer.json; without it, words")
        parser.add_argument("--json", action="store_true", help="everything, a line a batch")

    def handle(self, *, batch: list[str], tokenizer: Path | None, json: bool, **options: Any) -> None:
        wanted = newest().filter(name__in=batch) if batch else newest()
        found = sorted(wanted, key=lambda one: (one.week, by_number(one.name)))
        if missing := set(batch) - {one.name for one in found}:
            raise CommandError(f"There is no batch “{', '.join(sorted(missing))}”.")
        if not json:
            self.stdout.write(f"{'batch':<28}" + "".join(f"{name.replace('_', ' '):>22}" for name in COLUMNS))
        for one in found:
            try:
                about = batch_statistics(one, place=tokenizer)
            except TokenizerError as error:
                raise CommandError(str(error)) from None
            self.stdout.write(_object(one, about) if json else _line(one, about))


def _object(batch: Batch, about: dict[str, Any]) -> str:
    return orjson.dumps({"batch": str(batch), **about}).decode()


def _line(batch: Batch, about: dict[str, Any]) -> str:
    return f"{batch!s:<28}" + "".join(f"{_number(about[name]):>22}" for name in COLUMNS)


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,}" if isinstance(value, int) else f"{value:,.1f}"
