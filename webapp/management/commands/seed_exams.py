from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from annotation import exam_files, exam_rules
from annotation.exam_questions import ExamFileError
from preferences.actions import guidelines
from preferences.errors import DomainError
from preferences.models import Campaign
from webapp.management.files import existing_file


class Command(BaseCommand):
    help = (
        "Loads exams: the four that are shipped, or the files named. A version that is stored already stays as it is, "
        "so that this may be run again. Nothing is stored if anything is wrong."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="*", type=existing_file, help="TOML, see docs/exams.md")
        parser.add_argument("--campaign", metavar="SLUG", help="require the exams in this campaign")
        parser.add_argument(
            "--of-its-guideline",
            action="store_true",
            help="the exams ask about the campaign's current guideline version, and are for no other campaign",
        )

    def handle(self, *, files: list[Path], campaign: str | None, of_its_guideline: bool, **options: Any) -> None:
        target = Campaign.objects.filter(slug=campaign).first() if campaign else None
        if campaign and target is None:
            raise CommandError(f"There is no campaign “{campaign}”.")
        guideline = guidelines.current(target) if target and of_its_guideline else None
        if of_its_guideline and guideline is None:
            raise CommandError("There is no guideline: name with --campaign one that has published its guideline.")
        try:
            read = [exam_files.read(path) for path in files or sorted(exam_files.SHIPPED.glob("*.toml"))]
            with transaction.atomic():
                for exam in read:
                    stored, is_new = exam_files.store(exam=exam, by=None, guideline=guideline)
                    if target is not None:
                        exam_rules.require(campaign=target, exam=stored, by=None)
                    word = "stored" if is_new else "there already"
                    self.stdout.write(f"{stored.slug}, version {stored.version}: {word}.")
        except (ExamFileError, DomainError) as error:
            raise CommandError(str(error)) from None
