"""Which version of this code made something."""

from __future__ import annotations

import os
import subprocess
from functools import cache
from pathlib import Path

BUILT_FROM = "MARGIN_CODE_VERSION"  # an image has neither the repository nor git; it is told as it is built


@cache
def code_version() -> str:
    """The commit that an image was built from, or that is checked out, else “unknown”."""
    if built_from := os.environ.get(BUILT_FROM):
        return built_from
    try:
        run = subprocess.run(
            ["git", "rev-parse", "HEAD"], cwd=Path(__file__).parent, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:  # no git
        return "unknown"
    return run.stdout.strip() or "unknown"
