"""A long command tells of each stage as it begins, and keeps how long it took."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar


@dataclass
class Staged:
    """What is done in `STAGES` stages; `seconds` by the name of each that is over."""

    STAGES: ClassVar[int]

    out: Any
    seconds: dict[str, float] = field(default_factory=dict, init=False)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        self.out.write(f"[{len(self.seconds) + 1}/{self.STAGES}] {name}")
        self.out.flush()
        started = time.monotonic()
        yield
        self.seconds[name] = time.monotonic() - started

    def say(self, line: str) -> None:
        self.out.write(f"      {line}")
        self.out.flush()
