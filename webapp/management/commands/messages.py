from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from webapp.management import catalogues
from webapp.paths import BASE_DIR


class Command(BaseCommand):
    help = "Brings the message catalogues up to date with the sources and compiles them; --check only compares."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true")
        parser.add_argument("--root", type=Path, default=BASE_DIR, help="The tree whose sources are read.")

    def handle(self, *, check: bool, root: Path, **options: Any) -> None:
        directory = root / "webapp" / "locale"
        if check:
            said = [line for language in translated() for line in catalogues.problems(root, directory, language)]
            if said:
                raise CommandError(
                    "The message catalogues are not complete. Run “make fix”, then translate.\n" + "\n".join(said)
                )
            return
        for language in translated():
            messages = catalogues.write(root, directory, language).messages().values()
            empty = sum(not all(catalogues.forms(message.string)) for message in messages)
            self.stdout.write(f"{language}: {len(messages)} messages, {empty} to translate.")


def translated() -> list[str]:
    """The languages that have a catalogue: all but the one that the sources are written in."""
    return [language for language, _ in settings.LANGUAGES if language != settings.LANGUAGE_CODE]
