from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from exports import catalogue
from preferences.errors import DomainError


class Command(BaseCommand):
    help = "Lists the public sets in PUBLIC_SETS_DIR, by the names that exports take: name, track, form, licence, file."
    requires_system_checks = []

    def handle(self, **options: Any) -> None:
        try:
            found = catalogue.known()
        except DomainError as error:
            raise CommandError(str(error)) from None
        for one in found:
            self.stdout.write("\t".join((one.name, one.track, one.source, one.licence, one.path.name)))
        if not found:
            self.stderr.write(f"There is none: {catalogue.path()} is not there, or names none.")
