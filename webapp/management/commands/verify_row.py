from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from exports.proofs import check
from exports.verifying import VerificationError
from webapp.management.files import existing_file


class Command(BaseCommand):
    help = (
        "Checks a file of prove_row: the row is as it was sealed, and in the batch. The status is 1 where it is not. "
        "It needs no database."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=existing_file)
        parser.add_argument("--sha256", help="of the batch, as its page or a manifest shows it")

    def handle(self, *, file: Path, sha256: str | None, **options: Any) -> None:
        try:
            self.stdout.write(check(file.read_bytes(), root=sha256))
        except VerificationError as error:
            raise CommandError(str(error)) from None
