from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from django.core.management.base import BaseCommand, CommandError

from exports.proofs import proof_of
from preferences.errors import DomainError
from preferences.models import Batch, Comparison


class Command(BaseCommand):
    help = (
        "Writes one row of a sealed batch with the hashes that lead from it to the batch's SHA-256, so that who has "
        "that hash can check with verify_row that the row is in it. It holds the row as it was sealed, with the "
        "numbers of the annotators' accounts and what they wrote."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--batch", required=True, metavar="NAME")
        parser.add_argument("--batch-version", type=int, metavar="N", dest="number", help="the newest unless told")
        parser.add_argument("--comparison", required=True, type=UUID, metavar="KEY", help="as exports name it")
        parser.add_argument("--out", type=Path, metavar="FILE", help="printed unless told")

    def handle(self, *, batch: str, number: int | None, comparison: UUID, out: Path | None, **options: Any) -> None:
        versions = Batch.objects.filter(name=batch, **({"version": number} if number is not None else {}))
        found = versions.order_by("-version").first()
        if found is None:
            raise CommandError(f"There is no batch “{batch}”{f', version {number}' if number is not None else ''}.")
        wanted = Comparison.objects.filter(key=comparison).first()
        if wanted is None:
            raise CommandError(f"There is no comparison {comparison}.")
        try:
            content = orjson.dumps(proof_of(found, wanted), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
            if out is None:
                self.stdout.write(content.decode(), ending="")
            else:
                out.write_bytes(content)
                self.stdout.write(f"{out}: row of {found}, whose SHA-256 is {found.sha256}.")
        except (DomainError, OSError) as error:
            raise CommandError(str(error)) from None
