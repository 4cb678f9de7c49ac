from __future__ import annotations

from argparse import ArgumentParser
from dataclasses import fields
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from workers.rewards.errors import RewardError
from workers.tuning import actions
from workers.tuning import recipe as recipes
from workers.tuning.recipe import Recipe


class Command(BaseCommand):
    help = (
        "Fine-tunes a base model on sets of prompts and completions, in a process of its own. Settings are those of "
        "Llama 2 unless told otherwise."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--data", type=Path, nargs="+", required=True, metavar="DIR", help="sets, and exports of demonstrations"
        )
        parser.add_argument("--base", type=Path, required=True, help="the checkpoint to start from, safetensors")
        parser.add_argument("--out", type=Path, required=True, help="which must not exist yet")
        parser.add_argument("--epochs", type=int, default=recipes.EPOCHS, help="(%(default)s)")
        parser.add_argument("--rows-per-step", type=int, default=recipes.ROWS_PER_STEP, help="(%(default)s)")
        parser.add_argument("--rows-at-once", type=int, default=recipes.ROWS_AT_ONCE, help="(%(default)s)")
        parser.add_argument("--learning-rate", type=float, default=recipes.LEARNING_RATE, help="(%(default)s)")
        parser.add_argument(
            "--max-length", type=int, default=recipes.MAX_LENGTH, help="longer rows are left out (%(default)s)"
        )
        parser.add_argument("--seed", type=int, default=recipes.SEED, help="(%(default)s)")

    def handle(self, *, data: list[Path], base: Path, out: Path, **options: Any) -> None:
        try:
            recipe = Recipe(**{field.name: options[field.name] for field in fields(Recipe)})
            report = actions.fine_tune(
                data=[one.resolve() for one in data],
                base=base.resolve(),
                out=out.resolve(),
                recipe=recipe,
                tell=self.tell,
            )
        except RewardError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(
            f"{out.resolve()}: {report['rows']} rows, {report['too_long']} left out as too long, "
            f"loss {report['losses'][0]:.3f} to {report['losses'][-1]:.3f}, {report['seconds']:.0f} s"
        )

    def tell(self, progress: dict[str, Any]) -> None:
        self.stdout.write(f"step {progress['step']} of {progress['steps']}, loss {progress['loss']:.4f}")
