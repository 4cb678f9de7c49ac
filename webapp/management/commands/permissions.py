from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from webapp.doors import DOORS, SECTIONS, Door, Doors, Person
from webapp.doors.addresses import Address, addresses
from webapp.paths import BASE_DIR

PAGE = BASE_DIR / "docs" / "permissions.md"
BEGIN, END = "<!-- doors: begin, written by make fix -->", "<!-- doors: end -->"


class Command(BaseCommand):
    help = "Writes who may what (webapp/doors) into docs/permissions.md; --check only compares."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *, check: bool, **options: Any) -> None:
        found = addresses()
        if said := problems(found):
            raise CommandError("\n".join(said))
        page = PAGE.read_text(encoding="utf-8")
        head, _, rest = page.partition(BEGIN)
        _, end, tail = rest.partition(END)
        if not end:
            raise CommandError(f"{PAGE.name} has lost its markers “{BEGIN}” and “{END}”.")
        written = head + BEGIN + "\n" + tables(found) + END + tail
        if check and written != page:
            raise CommandError(f"{PAGE.name} does not show webapp/doors as it is: run “make fix”.")
        if not check:
            PAGE.write_text(written, encoding="utf-8")


def problems(found: list[Address]) -> list[str]:
    """Addresses without a door, and doors without an address."""
    names = {address.name for address in found}
    missing = [f"{one.route} ({one.name}) has no line in webapp/doors: who may?" for one in found]
    return [line for one, line in zip(found, missing, strict=True) if one.name not in DOORS] + [
        f"“{name}” in webapp/doors is the name of no address." for name in DOORS if name not in names
    ]


def tables(found: list[Address]) -> str:
    return "".join(f"\n## {title}\n\n{_table(found, doors)}" for title, doors in SECTIONS.items())


def _table(found: list[Address], doors: Doors) -> str:
    shown = {address.route: address for address in reversed(found) if address.name in doors}  # two names, one address
    has_scopes = any(address.scopes for address in shown.values())
    heads = ["address", "method", *(["scope"] if has_scopes else []), *(person.value for person in Person)]
    rows = [cells for address in reversed(shown.values()) for cells in _rows(address, doors[address.name], has_scopes)]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in [heads, ["---"] * len(heads), *rows])


def _rows(address: Address, door: Door, has_scopes: bool) -> list[list[str]]:
    """One row for methods that are answered alike."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for method, answers in door.items():
        scope = [address.scopes.get(method, "")] if has_scopes else []
        alike.setdefault((*scope, *(answers[person] for person in Person)), []).append(method)
    return [[f"`{address.route}`", " ".join(methods), *cells] for cells, methods in alike.items()]
