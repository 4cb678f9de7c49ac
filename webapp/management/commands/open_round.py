from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from preferences.errors import DomainError
from webapp.management.plans import campaign_called, print_plan, variant_called
from workers import plans, rounds


class Command(BaseCommand):
    help = "Opens a campaign's next round: its plan becomes the new variant against the previous ones."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--campaign", required=True, metavar="SLUG")
        parser.add_argument("--new", required=True, metavar="NAME", help="the variant that the round tries")
        parser.add_argument(
            "--against",
            nargs="+",
            metavar="NAME[=WEIGHT]",
            help="the previous ones; those of the iteration before it unless told",
        )
        parser.add_argument("--anyway", action="store_true", help="also with variants that no check found usable")

    def handle(self, *, campaign: str, new: str, against: list[str] | None, anyway: bool, **options: Any) -> None:
        variant = variant_called(new)
        others = dict(map(_weighted, against)) if against else dict.fromkeys(plans.before(variant), 1.0)
        try:
            opened = rounds.open_round(
                campaign=campaign_called(campaign), new=variant, against=others, by=None, anyway=anyway
            )
        except DomainError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"Round {opened.number} of “{opened.campaign.slug}” is open and tries “{variant}”.")
        print_plan(opened.campaign, self.stdout.write)


def _weighted(told: str) -> tuple[Any, float]:
    name, _, weight = told.partition("=")
    try:
        return variant_called(name), float(weight or 1)
    except ValueError:
        raise CommandError(f"“{weight}” is no weight.") from None
