from __future__ import annotations

from argparse import ArgumentParser
from dataclasses import fields
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from preferences.choices import Degree, RewardStatus, Track
from preferences.errors import DomainError
from preferences.margins import DEFAULT, MARGINS
from workers.models import RewardModel
from workers.rewards import actions, work
from workers.rewards.evaluation import Hits
from workers.rewards.recipe import PAIRS_AT_ONCE, PAIRS_PER_STEP, SEED, Recipe

SETTINGS = [field.name for field in fields(Recipe)]


class Command(BaseCommand):
    help = (
        "Trains a reward model on exported batch directories, in a process of its own, and measures it on their "
        "held-out rows. Settings are those of Llama 2 unless told otherwise."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dataset", type=Path, nargs="+", required=True, metavar="DIR", help="export directories")
        parser.add_argument("--track", choices=Track.values, required=True)
        parser.add_argument("--base", type=Path, required=True, help="the chat checkpoint to start from, safetensors")
        parser.add_argument("--margin", choices=list(MARGINS), default=DEFAULT, help="(%(default)s)")
        parser.add_argument("--out", type=Path, help="which must not exist yet; under REWARDS_DIR unless told")
        parser.add_argument("--epochs", type=int, default=1, help="(%(default)s)")
        parser.add_argument("--pairs-per-step", type=int, default=PAIRS_PER_STEP, help="(%(default)s)")
        parser.add_argument(
            "--pairs-at-once", type=int, default=PAIRS_AT_ONCE, help="halved if memory is short (%(default)s)"
        )
        parser.add_argument("--learning-rate", type=float, help="1e-5, and 5e-6 from 50 billion parameters on")
        parser.add_argument("--safety-loss", type=float, help="weight of the auxiliary loss; 1 on the safety track")
        parser.add_argument("--centring", type=float, default=0.0, help="weight of scores around 0 (%(default)s)")
        parser.add_argument("--max-length", type=int, help="in tokens; longer pairs are left out and counted")
        parser.add_argument("--seed", type=int, default=SEED, help="(%(default)s)")

    def handle(self, *, dataset: list[Path], base: Path, out: Path | None, **options: Any) -> None:
        try:
            model = actions.request(
                base=str(base.resolve()),
                datasets=[str(directory.resolve()) for directory in dataset],
                recipe=actions.recipe_of(**{name: options[name] for name in SETTINGS}),
                location=str(out.resolve()) if out else "",
                by=None,
            )
        except DomainError as error:
            raise CommandError(str(error)) from None
        work.train(model, tell=self.tell)
        model.refresh_from_db()
        if model.status != RewardStatus.TRAINED:
            raise CommandError(model.reason or "Another worker trains it; see the page of reward models.")
        self.say(model)

    def tell(self, progress: dict[str, Any]) -> None:
        loss = "" if progress["loss"] is None else f", loss {progress['loss']:.4f}"
        self.stdout.write(f"step {progress['step']} of {progress['steps']}{loss}")

    def say(self, model: RewardModel) -> None:
        report = model.report or {}
        pairs = report["pairs"]
        self.stdout.write(
            f"{model.location}: {pairs['own']} pairs of its track, {pairs['others']} others, "
            f"{pairs['too_long']} left out as longer than {report['max_length']} tokens"
        )
        self.stdout.write(f"{'accuracy on held-out pairs':<40}" + "".join(f"{head:>24}" for head in HEADS))
        for one in model.evaluations.all():
            counts = one.counted
            cells = [*(counts.of(degree) for degree in Degree), counts.total]
            self.stdout.write(f"{f'{one.batch}, {one.track}':<40}" + "".join(f"{_cell(hits):>24}" for hits in cells))


HEADS = ("significantly", "better", "slightly", "negligibly / unsure", "all")


def _cell(hits: Hits) -> str:
    share = hits.accuracy
    if share.value is None or share.low is None or share.high is None:
        return "-"
    return f"{100 * share.value:.1f}% ({100 * share.low:.0f}-{100 * share.high:.0f}, {hits.pairs})"
