from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from preferences.errors import DomainError
from preferences.importing import parse_prompt
from preferences.models import Campaign
from webapp.management.files import existing_file
from webapp.management.line_files import LineFile
from workers import prompt_sets

CHUNK = 200


class Command(BaseCommand):
    help = (
        "Brings a fixed set of prompts into a campaign and has its variants answer each, by the sampling plan. "
        "docs/imports.md has the format. A line that cannot be used is reported and the rest goes on; an id that the "
        "campaign has already is skipped, and asked for once more where sampling had failed. The exit status is 1 if "
        "any line failed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=existing_file, help="JSON lines")
        parser.add_argument("--campaign", required=True, metavar="SLUG")

    def handle(self, *, file: Path, campaign: str, **options: Any) -> None:
        try:
            target = Campaign.objects.get(slug=campaign)
        except Campaign.DoesNotExist:
            raise CommandError(f"There is no campaign “{campaign}”.") from None
        stored = skipped = again = 0
        lines = LineFile(file, parse_prompt, self.stderr.write)
        for chunk in lines.chunks(CHUNK):
            try:
                result = prompt_sets.bring_in(campaign=target, items=chunk, by=None)
            except DomainError as error:
                raise CommandError(f"{error} {stored} were stored before; the rest was not.") from None
            stored += len(result.stored)
            skipped += len(result.skipped)
            again += len(result.asked_again)
            self.stdout.write(f"{stored} stored, {skipped} skipped, {lines.failed} failed")
        self.stdout.write(
            f"Done: {stored} stored, {skipped} already there, {again} of these asked for again, {lines.failed} failed."
        )
        if lines.failed:
            sys.exit(1)
