from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from django.core.cache import caches
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection, transaction
from django.test import Client
from rich.console import Console
from rich.table import Table

from annotation import memberships
from annotation.models import Role
from bench import collected, database, world
from bench.seeding import Seeding, pass_by_triggers
from preferences import rater_pairs, splits, throughput
from preferences.actions import guidelines, variants
from preferences.agreement import agreement_by, agreement_of
from preferences.counting import Scope
from preferences.cuts import Cut
from preferences.models import Campaign
from webapp.accounts import actions as accounts

COLD, WARM = 2.0, 0.1  # seconds


class Command(BaseCommand):
    help = "Measures every part of the agreement page beside 1.4 million comparisons of three judgments each."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--comparisons", type=int, default=1_400_000)
        parser.add_argument("--people", type=int, default=200)
        parser.add_argument("--keep", action="store_true", help="measure on what the last run left")
        parser.add_argument("--samples", type=int, default=3)

    def handle(self, **options: Any) -> None:
        console = Console()
        call_command("collectstatic", interactive=False, verbosity=0)
        if not options["keep"]:
            console.print(f"{options['comparisons']:,} comparisons: copying …")
            _fill(options["comparisons"], options["people"])
        campaign = Campaign.objects.get(slug="bench-helpfulness")
        table = Table(title=f"Load {os.getloadavg()[0]:.1f}")
        for heading in ("what", "least, s", "most, s", "target, s"):
            table.add_column(heading)
        for name, call in _cold(campaign).items():
            table.add_row(name, *_timed(call, options["samples"]), f"{COLD}")
        client = _manager(campaign)
        for heading, target in (("the page, cold", "–"), ("the page, warm", f"{WARM}")):
            table.add_row(heading, *_timed(lambda: _page(client, campaign), 1 if target == "–" else 10), target)
        console.print(table)


def _fill(comparisons: int, people: int) -> None:
    database.make()
    made = world.make(tracks=1, annotators=people)
    Seeding(made, made.annotator("bench-ahead"), 8, judged=1, ahead_by=0, checked=False).write()
    for name in ("newer", "newest"):
        made.variants.append(variants.register(name=f"bench-{name}", engine="tiny", by=None))
        guidelines.publish(campaign=made.campaigns[0], text=f"# {name}", by=None)
    with transaction.atomic():
        pass_by_triggers()
        collected.fill(made, comparisons)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _cold(campaign: Campaign) -> dict[str, Callable[[], Any]]:
    """What the page is made of, past the cache."""
    scope = Scope((campaign,))
    calls: dict[str, Callable[[], Any]] = {"the whole": lambda: agreement_of(scope)}
    for cut in Cut:
        calls[f"by {cut.value}"] = partial(agreement_by, scope, cut)
    return calls | {
        "furthest apart": lambda: splits.widest(scope),
        "rater by rater": lambda: rater_pairs.count_pairs(scope, list(rater_pairs.busiest(scope))),
        "finished by day": lambda: throughput.finished_by_day(campaign),
    }


def _timed(call: Callable[[], Any], samples: int) -> tuple[str, str]:
    seconds = []
    for _ in range(samples):
        begun = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - begun)
    return f"{min(seconds):.2f}", f"{max(seconds):.2f}"


def _manager(campaign: Campaign) -> Client:
    caches["counted"].clear()
    person = accounts.create(username=f"bench-manager-{time.time_ns()}", password=None, by=None)
    memberships.add(user=person, campaign=campaign, role=Role.MANAGER, by=None)
    client = Client(SERVER_NAME="127.0.0.1", raise_request_exception=True)
    client.force_login(person)
    return client


def _page(client: Client, campaign: Campaign) -> None:
    """The page and whatever it asks for by itself."""
    address = f"/campaigns/{campaign.slug}/agreement/"
    answer = client.get(address)
    assert answer.status_code == 200, answer
    for part in answer.content.decode().split('hx-get="')[1:]:
        client.get(part.split('"')[0])
