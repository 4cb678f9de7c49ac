from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import translation
from rich.console import Console
from rich.table import Table

from bench import database
from bench.coverage_of_studies import coverage
from bench.replica import Replica
from bench.settings import DATABASE
from bench.studies import collection, evaluation, safety
from preferences.evaluation import evaluation as evaluated
from preferences.models import Campaign
from preferences.ranking import ranking
from preferences.violations import violations


class Command(BaseCommand):
    help = "Writes the paper's studies with known true rates, on a database of its own, and what the reports find."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--size", type=float, default=1.0, help="of the paper's numbers of prompts")
        parser.add_argument("--seeds", type=int, default=0, help="samples of which the coverage is counted")

    def handle(self, **options: Any) -> None:
        console, begun = Console(), time.perf_counter()
        database.make()
        with translation.override("en"):
            replica = Replica(seed=options["seed"], size=options["size"], checked=False)
            made = [replica.add_evaluation(), replica.add_safety(), replica.add_collection()]
            for campaign in made:
                replica.manager(campaign)
            console.print(f"Written to {DATABASE} in {time.perf_counter() - begun:.0f} s.")
            console.print(_found(*made))
            if options["seeds"]:
                table = Table("interval", "holds the truth, %", title=f"Of {options['seeds']} samples")
                for what, share in coverage(options["seeds"]).items():
                    table.add_row(what, f"{100 * share:.1f}")
                console.print(table)


def _found(compared: Campaign, rated: Campaign, collected: Campaign) -> Table:
    table = Table("what", "true", "found", "from", "to", title="True rates and what the reports say")
    (match,), rates = evaluated(compared).matches, evaluation.rates()["all"]
    for name, truth, found in (
        ("wins", rates.win, match.outcome.win),
        ("ties", rates.tie, match.outcome.tie),
        ("losses", rates.loss, match.outcome.loss),
    ):
        _add(table, name, truth, found)
    _add(table, "AC2", evaluation.agreement(), match.agreement)
    truths = safety.violation_rates()
    for one in violations(rated).rated:
        model = one.variant.name.removeprefix("replica-")
        _add(table, f"violations of {model}", truths[model, "all"], one.safety.violation)
    centred = collection.STRENGTHS - collection.STRENGTHS.mean()
    strengths = {f"replica-{name}": float(one) for name, one in zip(collection.MODELS, centred, strict=True)}
    for ranked in ranking([collected]).ranked:
        _add(table, f"strength of {ranked.variant.name}", strengths[ranked.variant.name], ranked.adjusted)
    return table


def _add(table: Table, name: str, truth: float, found: Any) -> None:
    numbers = (truth, found.value, found.low, found.high)
    table.add_row(name, *("" if number is None else f"{number:.4f}" for number in numbers))
