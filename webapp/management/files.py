from __future__ import annotations

from argparse import ArgumentTypeError
from pathlib import Path

from preferences.text import printable

LONGEST_NAME = 200


def existing_file(name: str) -> Path:
    """A regular file: no folder, no device, and no pipe, which would be waited for without end."""
    path = Path(name)
    try:
        found = path.is_file()
    except OSError:  # a name that is too long
        found = False
    if not found:
        raise ArgumentTypeError(f"there is no file {printable(name, LONGEST_NAME)}")
    return path
