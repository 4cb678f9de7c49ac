from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from preferences.lifecycle import TRANSITIONS
from webapp.paths import BASE_DIR

PAGE = BASE_DIR / "docs" / "life-of-a-comparison.md"
BEGIN, END = "<!-- states: begin, written by make fix -->", "<!-- states: end -->"


class Command(BaseCommand):
    help = (
        "Writes the state diagrams of lifecycle.TRANSITIONS into docs/life-of-a-comparison.md; --check only compares."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *, check: bool, **options: Any) -> None:
        page = PAGE.read_text(encoding="utf-8")
        head, _, rest = page.partition(BEGIN)
        _, end, tail = rest.partition(END)
        if not end:
            raise CommandError(f"{PAGE.name} has lost its markers “{BEGIN}” and “{END}”.")
        drawn = head + BEGIN + "\n" + diagrams() + END + tail
        if check and drawn != page:
            raise CommandError(f"{PAGE.name} does not show the transitions as they are: run “make fix”.")
        if not check:
            PAGE.write_text(drawn, encoding="utf-8")


def diagrams() -> str:
    """One Mermaid diagram for each lifecycle."""
    drawn = ""
    for statuses, edges in TRANSITIONS.items():
        noun = statuses.__name__.removesuffix("Status").lower()
        drawn += f"\n### {noun.capitalize()}\n\n```mermaid\nstateDiagram-v2\n"
        drawn += f"    [*] --> {next(iter(statuses))}\n"
        for before, targets in edges.items():
            drawn += "".join(f"    {before} --> {to}\n" for to in targets)
            drawn += f"    {before} --> [*]\n" if not targets else ""
        drawn += "```\n"
    return drawn
