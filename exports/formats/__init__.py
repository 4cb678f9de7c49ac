"""Formats by name, each a dotted path: a function that writes the data files of one batch into a directory."""

from __future__ import annotations

from collections import Counter
from importlib import import_module
from pathlib import Path
from typing import Protocol

from django.utils.translation import gettext as _

from preferences.errors import InvalidInput
from preferences.models import Batch

FORMATS = {
    "trl": "exports.formats.trl.write",
}


class Writer(Protocol):
    def __call__(self, batch: Batch, out: Path, *, margin: str, excluded: Counter[str]) -> dict[str, int]:
        """Writes the data files; returns rows by file, relative to `out`."""


def check_format(name: str) -> None:
    if name not in FORMATS:
        raise InvalidInput(
            _("There is no format “%(name)s”; known are %(known)s.") % {"name": name, "known": ", ".join(FORMATS)},
            field="format",
        )


def load_format(name: str) -> Writer:
    check_format(name)
    module, function = FORMATS[name].rsplit(".", 1)
    writer: Writer = getattr(import_module(module), function)
    return writer
