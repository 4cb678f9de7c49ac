from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from exports import manifest
from exports.verifying import VerificationError, problems


class Command(BaseCommand):
    help = (
        "Compares every file of an export with the SHA-256 in its manifest, and names each that differs, is missing or "
        "is not in it. The status is 1 where there is one. It needs no database."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("directory", type=Path)
        parser.add_argument("--sha256", help="what the manifest's own hash must be, as the batch's page shows it")

    def handle(self, *, directory: Path, sha256: str | None, **options: Any) -> None:
        try:
            found = problems(directory)
        except VerificationError as error:
            raise CommandError(str(error)) from None
        own = manifest.file_hash(directory / manifest.NAME)
        if sha256 is not None and sha256.strip().lower() != own:
            found.append(f"{manifest.NAME} is another one: its SHA-256 is {own}.")
        if found:
            raise CommandError("\n".join(found))
        self.stdout.write(f"{directory}: every file is as it was written. {manifest.NAME} has SHA-256 {own}.")
