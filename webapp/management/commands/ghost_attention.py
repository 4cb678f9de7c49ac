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
        "Samples dialogues that keep to an instruction, and writes them as a set for supervised fine-tuning in which "
        "the first turn alone still says it (ghost attention). Killed, the same command goes on."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--variant", required=True, metavar="NAME")
        add_source(parser)
        parser.add_argument("--dialogues", type=int, required=True, metavar="N")
        parser.add_argument("--turns", type=int, default=4, help="of each dialogue (%(default)s)")
        parser.add_argument("--temperature", type=float, help="T* of the variant's newest sweep, else the plan's")
        parser.add_argument("--top-p", type=float, default=1.0, help="(%(default)s)")
        parser.add_argument("--seed", type=int, default=actions.SEED, help="(%(default)s)")
        parser.add_argument("--out", type=Path, required=True, help="which must not exist yet")

    def handle(
        self,
        *,
        variant: str,
        prompts: Path | None,
        campaign: list[str] | None,
        out: Path,
        temperature: float | None,
        top_p: float,
        **options: Any,
    ) -> None:
        campaigns = campaigns_named(campaign or [])
        found = variant_named(variant)
        try:
            made = actions.sample_dialogues(
                speaker=actions.speaker(found, campaigns=campaigns, temperature=temperature, top_p=top_p),
                source=actions.Source(campaigns=campaigns, file=prompts),
                out=out.resolve(),
                by=None,
                tell=tell_into(self.stdout),
                **{name: options[name] for name in ("dialogues", "turns", "seed")},
            )
        except RewardError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{made.location}: {made.rows} dialogues")
