from __future__ import annotations

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from exports.erasures import elsewhere
from preferences.actions.erasures import NothingToErase
from preferences.erasing import Erasing
from preferences.errors import DomainError
from preferences.models import Batch, Comparison
from webapp import erasing
from webapp.management.people import person_called
from workers.models import TuningSet

UNTOUCHED = "Nothing was erased."


class Command(BaseCommand):
    help = (
        "Takes the words of a person, or of a comparison and its dialogue, out of the record for good. Tombstones tell "
        "where they stood, sealed batches that held them get a new version, and what was exported of the old one is "
        "withdrawn. A second time it finds nothing and says so."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--person", metavar="WHO", help="an e-mail address, a user name or a pseudonym")
        which.add_argument("--comparison", type=UUID, metavar="KEY", help="as exports name it")
        parser.add_argument("--reason", required=True, help="kept with the tombstones; it should name nobody")
        parser.add_argument("--dry-run", action="store_true", help="only say what would be touched")

    def handle(
        self, *, person: str | None, comparison: UUID | None, reason: str, dry_run: bool, **options: Any
    ) -> None:
        try:
            with transaction.atomic():
                if person is not None:
                    found = erasing.erase_person(
                        person=person_called(person, otherwise=UNTOUCHED), reason=reason, by=None
                    )
                elif comparison is not None:
                    found = erasing.erase_comparison(comparison=_comparison(comparison), reason=reason, by=None)
                lines = list(_lines(found))
                transaction.set_rollback(dry_run)
        except NothingToErase as nothing:
            self.stdout.write(str(nothing))
            return
        except DomainError as error:
            raise CommandError(str(error)) from None
        head = "This would be erased; nothing was:" if dry_run else f"Erased ({found.erasure.pk}):"
        self.stdout.write("\n".join([head, *lines]))


def _comparison(key: UUID) -> Comparison:
    found = Comparison.objects.select_related("turn__dialogue__campaign").filter(key=key).first()
    if found is None:
        raise CommandError(f"There is no comparison {key}. {UNTOUCHED}")
    return found


def _lines(found: Erasing) -> list[str]:
    fields = [f"  {name}: {count:,}" for name, count in sorted(found.counts.items())]
    batches = [f"  {_told(old)} → {_told(new)}" for old, new in found.renewed]
    left = [f"  written elsewhere, remove it yourself: {path}" for path in elsewhere(found)]
    return [*fields, *batches, *left, *_tuned(found)]


def _tuned(found: Erasing) -> list[str]:
    """Sets for fine-tuning hold prompts and answers of the campaigns that they were made of."""
    touched = Comparison.objects.filter(pk__in=found.removed)
    slugs = sorted(set(touched.values_list("campaign__slug", flat=True)))
    sets = TuningSet.objects.filter(campaigns__overlap=slugs).order_by("location")
    return [f"  a set for fine-tuning may hold it, make it anew: {one.location}" for one in sets]


def _told(batch: Batch) -> str:
    return f"{batch}, {batch.items.count():,} rows ({batch.sha256[:12]})"
