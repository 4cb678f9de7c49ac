from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from webapp.management.tuning import add_source, campaigns_named, tell_into, variant_named
from workers.rewards.errors import RewardError
from workers.tuning import actions


class Command(BaseCommand):
    help = (
        "Samples answers to each prompt, scores them by reward models, and writes the best one of each prompt, among "
        "all earlier candidates too, as a set for supervised fine-tuning. Killed, the same command goes on."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--variant", action="append", required=True, metavar="NAME", help="the newest first; several may be named"
        )
        add_source(parser)
        parser.add_argument("--answers", type=int, default=10, metavar="K", help="to each prompt (%(default)s)")
        parser.add_argument("--temperature", type=float, help="T* of each variant's newest sweep, else the plan's")
        parser.add_argument("--top-p", type=float, default=1.0, help="(%(default)s)")
        parser.add_argument(
            "--reward", type=Path, action="append", metavar="DIR", help="the newest one of each campaign's track"
        )
        parser.add_argument("--earlier", type=Path, nargs="*", metavar="DIR", help="sets; those of the campaigns")
        parser.add_argument("--seed", type=int, default=actions.SEED, help="(%(default)s)")
        parser.add_argument("--out", type=Path, required=True, help="which must not exist yet")

    def handle(
        self,
        *,
        variant: list[str],
        prompts: Path | None,
        campaign: list[str] | None,
        reward: list[Path] | None,
        earlier: list[Path] | None,
        out: Path,
        temperature: float | None,
        top_p: float,
        **options: Any,
    ) -> None:
        campaigns = campaigns_named(campaign or [])
        rewards = [str(folder.resolve()) for folder in reward or []]
        rewards = rewards or [model.location for model in actions.rewards_of(campaigns)]
        if not rewards:
            raise CommandError("No reward model is trained yet: train one first, or name one by --reward.")
        found = [variant_named(name) for name in variant]
        try:
            made = actions.sample_best(
                speakers=[
                    actions.speaker(one, campaigns=campaigns, temperature=temperature, top_p=top_p) for one in found
                ],
                source=actions.Source(campaigns=campaigns, file=prompts),
                answers=options["answers"],
                rewards=rewards,
                earlier=(actions.earlier_of(campaigns) if earlier is None else [str(one.resolve()) for one in earlier]),
                out=out.resolve(),
                seed=options["seed"],
                by=None,
                tell=tell_into(self.stdout),
            )
        except RewardError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{made.location}: {made.rows} best answers")
