from __future__ import annotations

import sys
from argparse import ArgumentParser
from functools import cache, partial
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from preferences.actions import imports
from preferences.errors import DomainError
from preferences.importing import parse
from preferences.models import Campaign
from webapp.accounts.actions import imported_annotator
from webapp.management.files import existing_file
from webapp.management.line_files import LineFile

CHUNK = 1000


class Command(BaseCommand):
    help = (
        "Brings comparisons made elsewhere into a campaign, with or without votes; where the campaign rates responses, "
        "responses one by one. docs/imports.md has the format. A line that cannot be used is reported and the rest "
        "goes on; an id that the campaign has already is skipped, so that a broken import can be run again. The exit "
        "status is 1 if any line failed."
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
        lines = LineFile(
            file, partial(parse, scale=target.the_scale, most_votes=target.raters_per_item), self.stderr.write
        )
        annotator_of = cache(lambda name: imported_annotator(target, name))
        for chunk in lines.chunks(CHUNK):
            try:
                result = imports.add_chunk(campaign=target, items=chunk, annotator_of=annotator_of, by=None)
            except DomainError as error:
                raise CommandError(f"{error} {stored} were stored before; the rest was not.") from None
            stored += len(result.stored)
            skipped += len(result.skipped)
            self.stdout.write(f"{stored} stored, {skipped} skipped, {lines.failed} failed")
        self.stdout.write(f"Done: {stored} stored, {skipped} already there, {lines.failed} failed.")
        if lines.failed:
            sys.exit(1)
