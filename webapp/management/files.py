from __future__ import annotations

from argparse import ArgumentTypeError
from pathlib import Path


def existing_file(name: str) -> Path:
    path = Path(name)
    if not path.is_file():
        raise ArgumentTypeError(f"there is no file {name}")
    return path
