from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from rich.console import Console
from rich.table import Table

from webapp.demo.stages import Demo


class Command(BaseCommand):
    help = (
        "Runs the whole way of a comparison in small: real models, real worker, real HTTP, a sealed batch, an export."
    )

    def handle(self, **options: Any) -> None:
        report = Demo(self.stdout).run()
        ac2, batch, export = report["ac2"], report["batch"], report["export"]
        table = Table(show_header=False, box=None, pad_edge=False)
        for name, value in [
            ("Comparisons", f"{report['comparisons']}, {report['failed_turns']} prompts without a pair"),
            ("Judgments", f"{report['judgments']} by {report['annotators']} annotators"),
            ("Gwet's AC2", f"{ac2['value']:.3f}, 95% interval {ac2['low']:.3f} to {ac2['high']:.3f}"),
            ("Batch", f"{batch['name']}: {batch['train']} train, {batch['test']} held-out test"),
            ("SHA-256", batch["sha256"]),
            ("Loaded", ", ".join(f"{split} {rows}" for split, rows in export["loaded"].items())),
            ("Export", export["path"]),
            ("Report", str(settings.VAR_DIR / "demo" / "report.json")),
            ("Seconds", f"{sum(report['seconds'].values()):.0f}"),
        ]:
            table.add_row(name, value)
        console = Console(file=self.stdout, soft_wrap=True)  # type: ignore[arg-type]  # OutputWrapper is a text file
        console.print(table)
        self.stdout.write("Now “make serve”, and look at it in a browser.")
