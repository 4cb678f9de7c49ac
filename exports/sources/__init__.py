"""Public preference sets in their published forms, as lines of Margin's import format.

Each source is a dotted path to a function: path of the file -> the lines' objects, streamed.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from django.utils.translation import gettext as _

from preferences.errors import InvalidInput

SOURCES = {
    "hh": "exports.sources.hh.read",
    "pandalm": "exports.sources.pandalm.read",
}


class Reader(Protocol):
    def __call__(self, path: Path) -> Iterator[dict[str, Any]]: ...


def load_source(name: str) -> Reader:
    if name not in SOURCES:
        raise InvalidInput(
            _("There is no source “%(name)s”; known are %(known)s.") % {"name": name, "known": ", ".join(SOURCES)}
        )
    module, function = SOURCES[name].rsplit(".", 1)
    reader: Reader = getattr(import_module(module), function)
    return reader
