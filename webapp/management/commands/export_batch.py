from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from exports import actions, catalogue
from exports.formats import FORMATS, load_command
from exports.public_sets import PublicSet
from exports.selections import OTHERS
from exports.sources import SOURCES
from preferences.errors import DomainError
from preferences.margins import DEFAULT, EXAMPLE, MARGINS
from preferences.models import Batch
from webapp.management.files import directory_name, existing_file


def public_set(typed: str) -> PublicSet:
    """“safety:hh=harmless.jsonl.gz”, or a name of the catalogue, as what it names."""
    if "=" not in typed:
        try:
            return catalogue.chosen([typed])[0]
        except DomainError as error:
            raise ArgumentTypeError(str(error)) from None
    which, _, file = typed.partition("=")
    track, _, source = which.partition(":")
    if track not in OTHERS or source not in SOURCES:
        raise ArgumentTypeError(f"“{typed}” is not TRACK:SOURCE=FILE, such as safety:hh=harmless.jsonl.gz")
    return PublicSet(source, track, existing_file(file).absolute())


class Command(BaseCommand):
    help = "Writes a sealed batch into a directory, with a manifest of every file; the same batch gives the same bytes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        formats = ", ".join(f"{name} ({format.consumer})" for name, format in FORMATS.items())
        parser.add_argument("--batch", required=True, metavar="NAME", help="its newest version")
        parser.add_argument("--format", default="trl", choices=FORMATS, help=f"{formats}; trl unless told")
        parser.add_argument(
            "--margin",
            default=DEFAULT,
            help=f"what a degree becomes, where the format has a margin: {', '.join(MARGINS)}, or numbers such as "
            f"{EXAMPLE} (%(default)s)",
        )
        parser.add_argument(
            "--mix", default="", choices=["", *OTHERS], help="what a reward model of this track is trained on"
        )
        parser.add_argument(
            "--public",
            action="append",
            default=[],
            type=public_set,
            metavar="NAME|TRACK:SOURCE=FILE",
            help="a public set beside it in a mix, several times: a name that public_sets lists, or a file of one of "
            f"these sources: {', '.join(SOURCES)}",
        )
        parser.add_argument(
            "--stop", action="store_true", help="at an entry of a public set that cannot be read; else it is left out"
        )
        parser.add_argument("--out", type=directory_name, required=True, metavar="DIR", help="which must not exist yet")

    def handle(
        self,
        *,
        batch: str,
        format: str,
        margin: str,
        mix: str,
        public: list[PublicSet],
        stop: bool,
        out: Path,
        **options: Any,
    ) -> None:
        found = Batch.objects.filter(name=batch).order_by("-version").first()
        if found is None:
            raise CommandError(f"There is no batch “{batch}”. Nothing was written.")
        try:
            export = actions.write_here(
                batch=found, format=format, margin=margin, mix=mix, public=public, stop=stop, out=out
            )
        except DomainError as error:
            raise CommandError(f"{error} Nothing was written.") from None
        except OSError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{out}: {export.rows:,} rows. manifest.json has SHA-256 {export.manifest_sha256}.")
        self.stdout.write(load_command(format, str(out)))
