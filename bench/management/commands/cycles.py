from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction
from rich.console import Console
from rich.table import Table

from bench import bare, crowded, database, label_studio, server, world
from bench.cycles import Api, Bare, Cycles, Door, Page, Theirs, run
from bench.seeding import Seeding, pass_by_triggers
from bench.visitors import session_of
from webapp.accounts import tokens
from webapp.accounts.models import Scope, User

AT_ONCE = (1, 8, 32)
SIZES = (20_000, 100_000)
MOST_OF_THEIRS = 100_000  # pairs; beyond, filling its tables takes longer than measuring
LEAST_OF_BARE = 200_000  # pairs: it does a thousand and more a second and must not run out of them
HEADINGS = ("what", "pairs", "workers", "at once", "cycles/s", "p50, ms", "p95, ms", "p99, ms", "judged twice")
JUDGED_TWICE = """
    SELECT (SELECT count(*) FROM (SELECT FROM preferences_judgment WHERE slot_id IS NOT NULL
                                   GROUP BY slot_id HAVING count(*) > 1) AS slots)
         + (SELECT count(*) FROM (SELECT FROM preferences_judgment
                                   GROUP BY comparison_id, annotator_id HAVING count(*) > 1) AS people)
"""


@dataclass(frozen=True)
class Line:
    name: str
    pairs: int
    workers: int
    at_once: int
    found: Cycles
    twice: int | None = None  # pairs that were judged more often than asked for, after the last of a kind


class Command(BaseCommand):
    help = (
        "Measures claim-and-submit cycles over HTTP at 1, 8 and 32 clients on queued pairs, through Margin's page and "
        "API, beside Label Studio where it is installed and bare Django with its REST framework. Quiet, the two sizes "
        "take some 12 minutes, a million pairs 10 more."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--pairs", type=int, nargs="+", default=SIZES, help="queued, each size in turn")
        parser.add_argument("--at-once", type=int, nargs="+", default=AT_ONCE, help="clients")
        parser.add_argument("--seconds", type=float, default=15, help="of each line of the table (%(default)s)")
        parser.add_argument("--workers", type=int, nargs="+", default=[2], help="of gunicorn, each number in turn (2)")
        parser.add_argument("--threads", type=int, default=4, help="of each worker (%(default)s)")
        parser.add_argument(
            "--client-cores",
            type=int,
            default=0,
            help="that the clients have for themselves, with a process on each; 0: they run on the server's",
        )
        parser.add_argument("--alone", action="store_true", help="Margin only.")

    def handle(self, **options: Any) -> None:
        self.console, self.lines = Console(width=120), list[Line]()
        self.at_once, self.seconds = options["at_once"], options["seconds"]
        self.cores = set_apart(options["client_cores"])
        call_command("collectstatic", interactive=False, verbosity=0)
        database.make()
        try:
            for pairs, workers in product(options["pairs"], options["workers"]):
                self.shape = {"workers": workers, "threads": options["threads"]}
                self._margin(pairs)
                if not options["alone"]:
                    self._bare(pairs)
                    self._label_studio(pairs)
        finally:
            database.drop()
        self.console.print(table(self.lines, options["threads"]))

    def _margin(self, pairs: int) -> None:
        database.empty()
        self.console.print(f"{pairs:,} pairs: copying …")
        made = queued(pairs)
        slug = made.campaigns[0].slug
        people = [made.annotator(f"cycles-{number}") for number in range(max(self.at_once))]
        sessions, keys = [session_of(person) for person in people], [token_of(person) for person in people]
        with server.running(**self.shape) as at:
            doors: dict[str, Callable[[int], Door]] = {
                "the page": lambda number: Page(at, sessions[number], slug),
                "the API": lambda number: Api(at, keys[number], slug),
                "the API, claim apart": lambda number: Api(at, keys[number], slug, apart=True),
            }
            for name, door in doors.items():
                self._measure(f"Margin, {name}", pairs, door)
        self._count_twice(judged_twice())

    def _bare(self, pairs: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute(bare.MADE, [max(pairs, LEAST_OF_BARE)])
        with server.running(
            app="bench.bare", settings_module="bench.bare_settings", ready="/cycle", **self.shape
        ) as at:
            self._measure("bare Django and DRF", pairs, lambda _number: Bare(at))

    def _label_studio(self, pairs: int) -> None:
        if pairs > MOST_OF_THEIRS:
            return
        if not label_studio.is_installed():
            self.console.print(label_studio.MISSING)
            return
        self.console.print(f"Label Studio with {pairs:,} pairs: migrating and filling …")
        with label_studio.made(pairs=pairs, people=max(self.at_once), judged=False) as theirs:
            with theirs.running(**self.shape) as at:
                self._measure("Label Studio", pairs, lambda number: Theirs(at, theirs.tokens[number], theirs.project))
            self._count_twice(theirs.judged_twice())

    def _measure(self, name: str, pairs: int, door: Callable[[int], Door]) -> None:
        workers = self.shape["workers"]
        for at_once in self.at_once:
            found = run([door(number) for number in range(at_once)], seconds=self.seconds, cores=self.cores)
            self.lines.append(Line(name, pairs, workers, at_once, found))
            waited = f"p95 {found.summary().p95:.0f} ms" if found.requests else "none was answered"
            self.console.print(
                f"  {name}, {at_once} at once, {workers} workers: {found.rate:.1f} cycles a second, {waited}"
            )

    def _count_twice(self, twice: int) -> None:
        self.lines.append(replace(self.lines.pop(), twice=twice))


def set_apart(count: int) -> list[int]:
    """The last so many of the cores that this process may use; it keeps the others, as do the servers it starts."""
    if not count:
        return []
    usable = sorted(os.sched_getaffinity(0))
    if count >= len(usable):
        raise CommandError(f"Of {len(usable)} cores {count} cannot be the clients' alone: the server needs one.")
    server = usable[: len(usable) - count]
    os.sched_setaffinity(0, server)
    return usable[len(server) :]


def queued(pairs: int) -> world.World:
    """A campaign with so many open pairs, each of a dialogue and with texts of its own."""
    made = world.make(tracks=1, raters_per_item=2, annotators=1)
    Seeding(made, made.annotator("bench-ahead"), 8, judged=0, ahead_by=0, checked=False).write()
    with transaction.atomic():
        pass_by_triggers()
        crowded.fill(made.campaigns[0], pairs)
    return made


def token_of(person: User) -> str:
    _, token = tokens.issue(user=person, name="cycles", scopes=[Scope.JUDGE], days=1, by=person)
    return token


def judged_twice() -> int:
    """Slots with two judgments, and people with two on one comparison."""
    with connection.cursor() as cursor:
        cursor.execute(JUDGED_TWICE)
        found: int = cursor.fetchone()[0]
    return found


def table(lines: Sequence[Line], threads: int) -> Table:
    made = Table(title=f"Claim and submit over HTTP, {threads} threads a worker, load {os.getloadavg()[0]:.1f}")
    for heading in (*HEADINGS, "faults"):
        made.add_column(heading, justify="left" if heading == "what" else "right")
    for line in lines:
        timed = line.found.summary() if line.found.requests else None
        shown = [f"{value:.0f}" for value in (timed.p50, timed.p95, timed.p99)] if timed else ["–"] * 3
        twice = "" if line.twice is None else f"{line.twice:,}"
        faults = f"{len(line.found.errors)}: {line.found.errors[0][:60]}" if line.found.errors else "0"
        counts = (f"{line.pairs:,}", str(line.workers), str(line.at_once), f"{line.found.rate:.1f}")
        made.add_row(line.name, *counts, *shown, twice, faults)
    return made
