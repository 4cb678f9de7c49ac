from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from exports.contamination.errors import ContaminationError
from exports.contamination.texts import read_samples
from preferences.actions import evaluation_sets
from preferences.errors import DomainError
from webapp.management.files import existing_file


class Command(BaseCommand):
    help = (
        "Registers an evaluation set, so that who writes a prompt out of it is told. Only hashes of its runs of eleven "
        "tokens are kept, not its texts. Managers see it, and retire it, on the page Evaluation sets."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file",
            type=existing_file,
            help="a whole sample an entry: “text”, “messages”, or “prompt” with “answer”; JSON lines or an array, .gz "
            "too, or .parquet",
        )
        parser.add_argument("--name", required=True, help="as annotators read it, such as “GSM8K test”")
        parser.add_argument("--licence", default="", help="what it was published under")

    def handle(self, *, file: Path, name: str, licence: str, **options: Any) -> None:
        texts = (sample.text for sample in read_samples(file, name=str(file)))
        try:
            made = evaluation_sets.register(name=name, licence=licence, texts=texts, by=None)
        except (ContaminationError, DomainError) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"“{made.name}” is registered: {made.samples:,} samples of {made.tokens:,} tokens.")
