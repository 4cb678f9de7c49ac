from __future__ import annotations

import itertools
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from preferences.actions import imports
from preferences.errors import DomainError
from preferences.importing import ImportedComparison, parse
from preferences.models import Campaign
from webapp.accounts.actions import imported_annotator
from webapp.management.files import existing_file

CHUNK = 1000
LONGEST_LINE = 16 * 1024 * 1024


class Command(BaseCommand):
    help = (
        "Brings comparisons made elsewhere into a campaign, with or without votes. A line that cannot be used is "
        "reported and the rest goes on; an id that the campaign has already is skipped, so that a broken import can "
        "be run again. The exit status is 1 if any line failed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=existing_file, help="JSON lines")
        parser.add_argument("--campaign", required=True, metavar="SLUG")

    def handle(self, *, file: Path, campaign: str, **options: Any) -> None:
        try:
            target = Campaign.objects.get(slug=campaign)
        except Campaign.DoesNotExist:
            raise CommandError(f"There is no campaign “{campaign}”.") from None
        stored = skipped = 0
        self.failed = 0
        annotator_of = cache(lambda name: imported_annotator(target, name))
        with file.open("rb") as lines:
            items = self._items(lines, target)
            while chunk := list(itertools.islice(items, CHUNK)):
                try:
                    result = imports.add_chunk(campaign=target, items=chunk, annotator_of=annotator_of, by=None)
                except DomainError as error:
                    raise CommandError(f"{error} {stored} were stored before; the rest was not.") from None
                stored += len(result.stored)
                skipped += len(result.skipped)
                self.stdout.write(f"{stored} stored, {skipped} skipped, {self.failed} failed")
        self.stdout.write(f"Done: {stored} stored, {skipped} already there, {self.failed} failed.")
        if self.failed:
            sys.exit(1)

    def _items(self, lines: Any, campaign: Campaign) -> Iterator[ImportedComparison]:
        scale, most_votes = campaign.the_scale, campaign.raters_per_item
        for number, line in enumerate(_bounded(lines), start=1):
            if not line.strip():
                continue
            try:
                if len(line) >= LONGEST_LINE:
                    raise DomainError(f"longer than {LONGEST_LINE:,} bytes")
                yield parse(line, scale, most_votes=most_votes)
            except DomainError as error:
                self.failed += 1
                self.stderr.write(f"line {number}: {error}")


def _bounded(lines: Any) -> Iterator[bytes]:
    """Lines, each cut off at LONGEST_LINE, so that a file without line ends cannot fill the memory."""
    while line := lines.readline(LONGEST_LINE):
        rest = line
        while len(rest) == LONGEST_LINE and not rest.endswith(b"\n"):
            rest = lines.readline(LONGEST_LINE)
        yield line
