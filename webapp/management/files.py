from __future__ import annotations

from argparse import ArgumentTypeError
from pathlib import Path

from preferences.text import printable

LONGEST_NAME = 200
LONGEST_PATH = 500  # characters: what an export keeps of where it lies


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


def directory_name(name: str) -> Path:
    """The whole path of a directory that may not be there yet: one that can be kept as text, without “..” in it."""
    try:
        path = Path(name).resolve()
        str(path).encode()
    except (OSError, ValueError):  # links in a ring, a zero byte, bytes that are no UTF-8
        path = Path("/")
    if not path.name or len(str(path)) > LONGEST_PATH:
        raise ArgumentTypeError(
            f"{printable(name, LONGEST_NAME)} cannot be a directory's name here: write one in UTF-8, whose whole path "
            f"has at most {LONGEST_PATH} characters"
        )
    return path
