from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from preferences.actions.sampling_plans import Terms
from preferences.errors import DomainError
from preferences.models import Variant
from webapp.management.plans import campaign_called, print_plan, variant_called
from workers import plans


class Command(BaseCommand):
    help = "Prints a campaign's sampling plan, after adding a line to it where one is given."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--campaign", required=True, metavar="SLUG")
        parser.add_argument(
            "--pair", nargs=2, metavar="NAME:TEMPERATURE", help="two different variants, each at its temperature"
        )
        parser.add_argument("--weight", type=float, default=1.0, help="beside the other lines (%(default)s)")
        parser.add_argument("--top-p", type=float, default=1.0, help="(%(default)s)")
        parser.add_argument("--tuned", action="store_true", help="the temperatures follow the campaign's sweeps")
        parser.add_argument("--anyway", action="store_true", help="also with variants that no check found usable")

    def handle(
        self, *, campaign: str, pair: list[str] | None, weight: float, top_p: float, tuned: bool, anyway: bool, **_: Any
    ) -> None:
        planned = campaign_called(campaign)
        if pair:
            (first, one), (second, other) = map(_side, pair)
            terms = Terms(first_temperature=one, second_temperature=other, top_p=top_p, weight=weight, tuned=tuned)
            try:
                plans.add(campaign=planned, first=first, second=second, terms=terms, by=None, anyway=anyway)
            except DomainError as error:
                raise CommandError(str(error)) from None
        print_plan(planned, self.stdout.write)


def _side(told: str) -> tuple[Variant, float]:
    name, _, temperature = told.rpartition(":")
    try:
        number = float(temperature)
    except ValueError:
        raise CommandError(f"“{told}” is no variant with its temperature, such as rlhf-v3:1.2.") from None
    return variant_called(name), number
