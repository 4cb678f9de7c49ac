"""Files of ratings as large as anybody may have, and what reading one takes."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

RATERS_PER_UNIT = 3
CATEGORIES = "12345"
POOL = 3_000
# Coprime to any number of units that is no multiple of it, so that a unit's ratings lie far apart in the file.
STRIDE = 7_919


@dataclass(frozen=True)
class Taken:
    """Seconds, and the most memory that was resident, of one command."""

    seconds: float
    peak_mb: float
    said: str


def write(file: Path, units: int, *, raters: int = POOL) -> None:
    """Three ratings of each unit by different raters, at random, in no order."""
    with file.open("w", encoding="utf-8", newline="") as target:
        target.write("unit,rater,rating,remark\r\n")
        target.writelines(_lines(units, raters))


def _lines(units: int, raters: int) -> Iterator[str]:
    rng = random.Random(1)
    for row in range(units * RATERS_PER_UNIT):
        unit, round_ = row * STRIDE % units, row // units
        rater = (unit + round_) % raters
        yield f"unit-{unit:08d},rater-{rater:06d},{rng.choice(CATEGORIES)},as usual\r\n"


def agreement(file: Path) -> Taken:
    """Runs the command on the file, in a process of its own."""
    arguments = ["--unit", "unit", "--rater", "rater", "--rating", "rating", "--categories", ",".join(CATEGORIES)]
    begun = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "manage.py", "agreement", "--csv", str(file), *arguments, "--json"],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        said = process.stdout.read()
        _pid, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit("manage.py agreement failed.")
    return Taken(time.perf_counter() - begun, usage.ru_maxrss / 1024, said.strip())
