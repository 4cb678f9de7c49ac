from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from preferences.errors import DomainError
from webapp.management.people import person_called
from webapp.personal import files


class Command(BaseCommand):
    help = (
        "Writes all that is stored of a person into a new directory: JSON, and a page that says what is in which file. "
        "Secrets and what is somebody else's are not in it. That it was done is in the record of events."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--user", required=True, metavar="WHO", help="an e-mail address, a user name or a pseudonym"
        )
        parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="is not there yet")

    def handle(self, *, user: str, out: Path, **options: Any) -> None:
        person = person_called(user, otherwise="Nothing was written.")
        try:
            rows = files.write(person=person, out=out.resolve(), by=None)
        except (DomainError, OSError) as error:
            raise CommandError(str(error)) from None
        for name, count in rows.items():
            if count:
                self.stdout.write(f"  {name}: {count:,}")
        self.stdout.write(f"Written to {out}. It is about {person.pseudonym}: give it to nobody else.")
