"""The figures as a table beside their targets, and as JSON."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.utils import timezone
from rich.console import Console
from rich.table import Table

from bench import serving
from bench.times import Summary
from bench.weight import Part

MOST_QUERIES = 12
MOST_BYTES = 80 * 1024
MOST_BROWSER = 150  # milliseconds, as those below
TARGETS = {
    serving.COLD_PAGE: 50, serving.WARM_PAGE: 50,
    serving.COLD_SUBMIT: 60, serving.WARM_SUBMIT: 60, serving.AHEAD_SUBMIT: 60,
}  # fmt: skip


@dataclass
class Report:
    sizes: list[int]
    seeding: dict[int, float] = field(default_factory=dict)  # seconds by size
    in_process: dict[int, dict[str, Summary]] = field(default_factory=dict)
    over_http: dict[int, dict[str, Summary]] = field(default_factory=dict)
    weight: list[Part] = field(default_factory=list)
    load: dict[str, float] = field(default_factory=dict)  # processes that wanted a core, in the last minute
    browser: Summary | None = None
    rendered: Summary | None = None
    cached: Summary | None = None

    def write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        found: dict[str, Any] = {"measured_at": timezone.now().isoformat(), "cores": os.cpu_count(), **asdict(self)}
        path.write_text(json.dumps(found, indent=2) + "\n")

    def print(self, console: Console) -> None:
        """In the order in which it is read: the figures that matter most come last."""
        if self.weight:
            console.print(self._parts())
        for title, found in (("in process", self.in_process), ("over HTTP, 2 workers with 4 threads", self.over_http)):
            if found:
                console.print(self._times(title, found))
        console.print(self._rest())

    def _times(self, title: str, found: dict[int, dict[str, Summary]]) -> Table:
        table = Table(title=f"Server time {title}, milliseconds", title_justify="left")
        table.add_column("what", no_wrap=True)
        for name in ("pairs", "least", "p50", "p95", "p99", "SQL", "p95 target", "ratio"):
            table.add_column(name, justify="right", no_wrap=True)
        for name in found[self.sizes[0]]:
            for size in self.sizes:
                taken, least = found[size][name], found[self.sizes[0]][name]
                counted = (
                    "–".join(map(str, dict.fromkeys((taken.queries[0], taken.queries[-1])))) if taken.queries else ""
                )
                table.add_row(
                    name if size == self.sizes[0] else "", f"{size:,}", f"{taken.least:.1f}", f"{taken.p50:.1f}",
                    f"{taken.p95:.1f}", f"{taken.p99:.1f}",
                    _judged(counted, not taken.queries or taken.queries[-1] <= MOST_QUERIES),
                    _judged(f"< {TARGETS[name]}", taken.p95 < TARGETS[name]) if name in TARGETS else "",
                    f"{taken.p50 / least.p50:.2f}",
                )  # fmt: skip
        return table

    def _parts(self) -> Table:
        table = Table(title="Weight of the compare page, bytes", title_justify="left")
        table.add_column("part")
        for name in ("plain", "gzip", "sent"):
            table.add_column(name, justify="right")
        for part in sorted(self.weight, key=lambda part: -part.compressed):
            table.add_row(part.name, f"{part.plain:,}", f"{part.compressed:,}", f"{part.sent:,}")
        return table

    def _rest(self) -> Table:
        table = Table(title="The rest", title_justify="left")
        for name in ("what", "measured", "target"):
            table.add_column(name)
        for size, seconds in self.seeding.items():
            table.add_row(f"seeding {size:,} comparisons", f"{seconds:.0f} s", "")
        for moment, processes in self.load.items():
            table.add_row(f"load of the machine at {moment}", f"{processes:.1f} on {os.cpu_count()} cores", "")
        if self.weight:
            compressed = sum(part.compressed for part in self.weight)
            table.add_row(
                "compare page with all it loads, gzip", f"{compressed / 1024:.1f} KB",
                _judged(f"< {MOST_BYTES // 1024} KB", compressed < MOST_BYTES),
            )  # fmt: skip
        if self.browser:
            table.add_row(
                "Enter to the next pair on the screen, p50 / p95",
                f"{self.browser.p50:.0f} / {self.browser.p95:.0f} ms ({self.browser.samples} samples)",
                _judged(f"< {MOST_BROWSER} ms", self.browser.p95 < MOST_BROWSER),
            )
        if self.rendered and self.cached:
            table.add_row("two texts rendered, p50", f"{self.rendered.p50:.2f} ms", "")
            table.add_row("two texts from the cache, p50", f"{self.cached.p50:.2f} ms", "")
            table.add_row("rendered : from the cache", f"{self.rendered.p50 / self.cached.p50:.0f} : 1", "")
        return table


def _judged(text: str, is_met: bool) -> str:
    return f"{text} [green]✓[/]" if is_met and text else f"{text} [red]✗[/]" if text else ""
