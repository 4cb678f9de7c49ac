from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from webapp.management.files import existing_file
from workers.rewards.errors import RewardError
from workers.rewards.running import call


class Command(BaseCommand):
    help = (
        "Scores responses by a reward model. A line of the file is "
        '{"messages": [{"role": "user", "content": "…"}], "response": "…"}; it is written with its “score”, and with '
        "its “reward”, the score's sigmoid."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--model", type=Path, required=True, help="a reward model's directory")
        parser.add_argument("--in", type=existing_file, required=True, dest="source")
        parser.add_argument("--out", type=Path, required=True)

    def handle(self, *, model: Path, source: Path, out: Path, **options: Any) -> None:
        try:
            said = call("workers.rewards.scoring", str(model.resolve()), str(source.resolve()), str(out.resolve()))
        except RewardError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(said.strip())
