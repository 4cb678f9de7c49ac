from __future__ import annotations

import sys
from argparse import ArgumentParser
from contextlib import nullcontext
from pathlib import Path
from typing import IO, Any

import orjson
from django.core.management.base import BaseCommand, CommandError

from exports.sources import SOURCES, read
from exports.sources.reading import Broken
from webapp.management.files import existing_file


class Command(BaseCommand):
    help = (
        "Writes a public preference set as lines that import_comparisons takes, to standard output or --out. An entry "
        "that cannot be read is told with its number, and the rest goes on; the status is then 1."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        known = "; ".join(f"{name}: {source.title} ({source.licence})" for name, source in SOURCES.items())
        parser.add_argument("source", choices=sorted(SOURCES), metavar="SOURCE", help=known)
        parser.add_argument("file", type=existing_file, help="JSON lines or an array, .gz too, or .parquet")
        parser.add_argument("--out", type=Path)
        parser.add_argument("--stop", action="store_true", help="at the first entry that cannot be read")

    def handle(self, *, source: str, file: Path, out: Path | None, stop: bool, **options: Any) -> None:
        try:
            with out.open("wb") if out else nullcontext(sys.stdout.buffer) as target:
                broken = self.convert(source, file, target, stop=stop)
                target.flush()
        except OSError as error:
            where = out or "the output"
            raise CommandError(f"{where} cannot be written: {error.strerror}. What is there is not whole.") from None
        if broken:
            raise CommandError(f"{broken:,} entries could not be read; the others were written.")

    def convert(self, source: str, file: Path, target: IO[bytes], *, stop: bool) -> int:
        """How many entries could not be read."""
        broken = 0
        for line in read(source, file):
            if not isinstance(line, Broken):
                target.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
                continue
            broken += 1
            self.stderr.write(f"Entry {line.number}: {line.reason}.")
            if stop:
                raise CommandError(f"Stopped at entry {line.number}; those before it were written.")
        return broken
