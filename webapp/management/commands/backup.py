from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from webapp.management.backups import BackupError, back_up
from webapp.management.files import directory_name


class Command(BaseCommand):
    help = (
        "Writes a copy of the whole record, of one moment while people go on working, into a new directory: "
        "PostgreSQL's dump, and a manifest of what must be found again. Files beside the record are not in it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--out", type=directory_name, required=True, help="a directory that is not there yet")

    def handle(self, *, out: Path, **options: Any) -> None:
        try:
            made = back_up(out)
        except (BackupError, OSError) as error:
            raise CommandError(str(error)) from None
        rows = sum(made.rows.values())
        self.stdout.write(f"{out}: {rows} rows, {len(made.batches)} batches. The dump has SHA-256 {made.sha256}.")
