from __future__ import annotations

import os
import time
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.utils import translation
from rich.console import Console

from bench import browser, database, rendering, server, serving, weight, world
from bench.report import Report
from bench.seeding import Seeding
from bench.settings import DATABASE, REPORT
from bench.visitors import InProcess, OverHttp


class Command(BaseCommand):
    help = "Measures the annotator's pages at two sizes of the record, on a database of its own."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--comparisons", type=int, nargs="+", default=[10_000, 100_000], help="the sizes")
        parser.add_argument("--samples", type=int, default=200, help="of each request, at each size")
        parser.add_argument("--browser-samples", type=int, default=40)
        parser.add_argument("--no-http", action="store_true", help="in this process only: no server and no browser")

    def handle(self, **options: Any) -> None:
        report, console = Report(sorted(options["comparisons"])), Console()
        console.width = max(console.width, 110)
        REPORT.parent.mkdir(parents=True, exist_ok=True)
        call_command("collectstatic", interactive=False, verbosity=0)
        database.make()
        with translation.override("en"):
            for size in report.sizes:
                self._at(size, report, options, console)
            report.rendered, report.cached = rendering.measure()
        report.write(REPORT)
        report.print(console)
        console.print(f"{REPORT} has all figures. The database {DATABASE} stays until the next run.")

    def _at(self, size: int, report: Report, options: dict[str, Any], console: Console) -> None:
        console.print(f"{size:,} comparisons: seeding …")
        database.empty()
        begun = time.perf_counter()
        made = world.make()
        ahead = made.annotator("bench-ahead")
        Seeding(made, ahead, size, checked=False).write()
        report.seeding[size] = time.perf_counter() - begun
        console.print(f"{size:,} comparisons: in process …")
        samples = options["samples"]
        report.load[f"{size:,}, in process"] = os.getloadavg()[0]
        report.in_process[size] = serving.measure(made, ahead, InProcess, samples=samples, counts=True)
        if options["no_http"]:
            return
        console.print(f"{size:,} comparisons: over HTTP …")
        report.load[f"{size:,}, over HTTP"] = os.getloadavg()[0]
        with server.running() as address:
            report.over_http[size] = serving.measure(
                made, ahead, lambda person: OverHttp(person, address), samples=samples, counts=False
            )
            if size != report.sizes[-1]:
                return
            console.print(f"{size:,} comparisons: in the browser …")
            report.weight = weight.weigh(address, made.annotator("bench-weighs"), made.campaigns[1].slug)
            people = {campaign.slug: made.annotator(f"browser-{campaign.slug}") for campaign in made.campaigns}
            report.browser = browser.measure(address, people, options["browser_samples"])
