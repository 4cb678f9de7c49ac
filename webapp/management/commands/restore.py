from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from exports import storage
from exports.models import Export
from preferences.choices import ExportStatus
from webapp.management.backups import BackupError, restore, unapplied


class Command(BaseCommand):
    help = (
        "Makes the record of a backup anew in the empty database that DATABASE_URL names, all of it or nothing, and "
        "compares it with the backup's manifest: rows, roots of batches, and every sealed row with its hash."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("directory", type=Path, help="what manage.py backup wrote")

    def handle(self, *, directory: Path, **options: Any) -> None:
        try:
            made = restore(directory)
        except (BackupError, OSError) as error:
            raise CommandError(str(error)) from None
        counts = f"{sum(made.rows.values())} rows, {len(made.batches)} batches"
        self.stdout.write(f"Restored the record of {made.made_at}: {counts}, as they were.")
        if wanted := unapplied(made):
            self.stdout.write(f"It is older than this code: run manage.py migrate, which applies {wanted} migrations.")
            return
        ready = Export.objects.filter(status=ExportStatus.READY)
        if missing := sum(not storage.is_whole(export) for export in ready):
            self.stdout.write(
                f"The files of {missing} exports are not here. “Write again” on their page makes them, byte for byte."
            )
