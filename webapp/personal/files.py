"""Writes what is stored of a person: a file of JSON for each part, and a page that says what is in which."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from preferences.actions import events
from preferences.errors import Conflict
from preferences.models import Event
from webapp.accounts.models import User
from webapp.paths import BASE_DIR
from webapp.personal.parts import PARTS, Part

INDEX = "index.html"
STYLE = BASE_DIR / "webapp" / "static" / "webapp" / "base.css"  # packed with it: it is read without Margin
AT_ONCE = 1000
OWNER_ONLY = 0o700


def write(*, person: User, out: Path, by: User | None) -> dict[str, int]:
    """Writes the directory `out`, which appears whole, readable for its owner alone; the rows of each file.

    Conflict where the directory is there already. `by` is None where an operator acts.
    """
    if out.exists():
        raise Conflict(
            _("%(directory)s exists already; nothing was written. Name another directory.") % {"directory": out}
        )
    aside = out.with_name(f".{out.name}.{uuid.uuid4().hex}")
    aside.mkdir(parents=True, mode=OWNER_ONLY)
    try:
        rows = _fill(aside, person)
        with transaction.atomic():
            events.record("user.data_taken", person, by=by, rows=sum(rows.values()))
        aside.rename(out)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise
    return rows


def _fill(out: Path, person: User) -> dict[str, int]:
    rows = {part.name: _write_part(out / f"{part.name}.json", part, person) for part in PARTS}
    listed = [{"file": f"{part.name}.json", "about": part.about, "rows": rows[part.name]} for part in PARTS]
    context = {"person": person, "parts": listed, "at": timezone.now(), "style": STYLE.name}
    _synced(out / INDEX, render_to_string("personal_data.html", context).encode())
    _synced(out / STYLE.name, STYLE.read_bytes())
    return rows


def _write_part(path: Path, part: Part, person: User) -> int:
    """An array, an element a line, never whole in memory."""
    count = 0
    with path.open("wb") as file:
        for count, row in enumerate(_rows(part, person), start=1):
            file.write(b"[\n" if count == 1 else b",\n")
            file.write(orjson.dumps(row, default=str))
        file.write(b"\n]\n" if count else b"[]\n")
        file.flush()
        os.fsync(file.fileno())
    return count


def _rows(part: Part, person: User) -> Iterator[dict[str, Any]]:
    found = part.rows(person).values(*part.columns)
    for row in found.iterator(chunk_size=AT_ONCE):
        plain = {name.replace("__", "_").removesuffix("_slug"): value for name, value in row.items()}
        if part.model is Event and _is_about_another(row, person):
            del plain["data"]
        yield part.seen(plain)


def _is_about_another(row: dict[str, Any], person: User) -> bool:
    """What a manager noted about somebody else is that person's as well, who gets it among theirs."""
    named = {row["data"].get("user"), row["data"].get("person")} - {None}
    noun, _colon, key = row["subject"].partition(":")
    return bool(named - {person.pk}) or (noun == "user" and key != str(person.pk))


def _synced(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
