"""Tokenizers by name: folders in TOKENIZERS_DIR, each with a tokenizer.json. Nothing is loaded here."""

from __future__ import annotations

import hashlib
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from preferences.errors import Conflict

FILE = "tokenizer.json"


def known() -> list[str]:
    """The names of those that are there."""
    return sorted(found.parent.name for found in Path(settings.TOKENIZERS_DIR).glob(f"*/{FILE}"))


def sha256_of(name: str) -> str:
    """Of its file; Conflict where there is none."""
    if name not in known():
        raise Conflict(
            _("There is no tokenizer “%(name)s” in %(directory)s. Put its %(file)s back there, or choose another one.")
            % {"name": name, "directory": settings.TOKENIZERS_DIR, "file": FILE}
        )
    with _file(name).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def unchanged(name: str, sha256: str) -> Path:
    """Its file; Conflict where it is not the one that has this hash."""
    if sha256_of(name) != sha256:
        raise Conflict(
            _("%(file)s is not the file that the batch was sealed with, which has SHA-256 %(sha256)s. Put that back.")
            % {"file": _file(name), "sha256": sha256}
        )
    return _file(name)


def _file(name: str) -> Path:
    return Path(settings.TOKENIZERS_DIR) / name / FILE
