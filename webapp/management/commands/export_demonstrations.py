from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from exports import demonstrations
from preferences.errors import DomainError
from preferences.models import Campaign


class Command(BaseCommand):
    help = "Writes a campaign's approved demonstrations for supervised fine-tuning, with a manifest, into a directory."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("directory", type=Path, help="which must not exist yet")

    def handle(self, *, slug: str, directory: Path, **options: Any) -> None:
        campaign = Campaign.objects.filter(slug=slug).first()
        if campaign is None:
            raise CommandError(f"There is no campaign “{slug}”.")
        try:
            rows = demonstrations.write(campaign=campaign, out=directory, by=None)
        except DomainError as error:
            raise CommandError(str(error)) from None
        for name, count in rows.items():
            self.stdout.write(f"{directory / name}: {count} rows")
