from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import orjson
from django.core.management.base import BaseCommand

from exports.sources import SOURCES, load_source
from webapp.management.files import existing_file


class Command(BaseCommand):
    help = "Writes a public preference set as lines that import_comparisons takes, to standard output or --out."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("source", choices=sorted(SOURCES))
        parser.add_argument("file", type=existing_file)
        parser.add_argument("--out", type=Path)

    def handle(self, *, source: str, file: Path, out: Path | None, **options: Any) -> None:
        target = out.open("wb") if out else sys.stdout.buffer
        try:
            for line in load_source(source)(file):
                target.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
        finally:
            target.flush()
            if out:
                target.close()
