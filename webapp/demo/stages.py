"""The demo, from an empty machine to a loaded export; each stage is timed and told of."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from annotation import memberships
from annotation.models import Role
from exports import actions as exports
from preferences.actions import batches
from preferences.agreement import agreement_of
from preferences.choices import Split, Track
from preferences.counting import Scope
from preferences.models import Batch, Campaign, Judgment
from preferences.weeks import week_of
from webapp import stack
from webapp.demo import prompts, setting, work
from webapp.demo.raters import raters
from webapp.telling import Staged

ANNOTATORS = 12
RATERS_PER_ITEM = 3
SEED = 2307
TRY_OUT = 10  # pairs of each track left open, for a person to try


@dataclass
class Demo(Staged):
    STAGES = 8

    campaigns: list[Campaign] = field(default_factory=list)

    def run(self) -> dict[str, Any]:
        """Everything, in order; returns the report that it wrote."""
        with self.stage("database"), stack.lock():
            call_command("migrate", verbosity=0)
            call_command("collectstatic", interactive=False, verbosity=0)
        with self.stage("models"):
            models = setting.train_models()
        with self.stage("campaigns"):
            self.set_up(models)
        was_running = stack.running()
        with self.stage("services"), stack.lock():
            address = stack.start()
            self.say(f"web at {address}")
        try:
            with self.stage("sampling and judging"):
                self.work(address)
        finally:
            if not was_running:
                stack.stop()
        with self.stage("agreement"):
            found = agreement_of(Scope(tuple(self.campaigns)))
        with self.stage("batch"):
            batch = self.seal()
        with self.stage("export"):
            path = settings.EXPORTS_DIR / f"{batch.name}-{batch.sha256[:8]}"
            written = exports.write(
                export=exports.request(batch=batch, format="trl", margin="small", by=self.manager), out=path
            )
            loaded = load(path)
        report = {
            **self.totals(),
            "ac2": {"value": found.value, "low": found.low, "high": found.high},
            "ac2_by_track": self.by_track(),
            "batch": describe(batch),
            "export": {"path": str(path), "files": files(path), "rows": written.rows, "loaded": loaded},
            "seconds": {name: round(seconds, 1) for name, seconds in self.seconds.items()},
        }
        write_report(report)
        return report

    def set_up(self, models: Path) -> None:
        self.crew = raters(ANNOTATORS, seed=SEED)
        self.accounts = setting.load_accounts(self.crew)
        self.manager = self.accounts.user("manager")
        self.number = setting.next_number()
        self.variants = setting.register_variants(models)
        everything = prompts.load()
        names = [rater.name for rater in self.crew]
        for track in Track:
            chosen = [prompt for prompt in everything if prompt.track == track]
            self.campaigns.append(self.open_campaign("demo", track, chosen, names, RATERS_PER_ITEM))
        if self.number == 1:  # left open, for the person who looks around after “make serve”
            for track in Track:
                chosen = [prompt for prompt in everything if prompt.track == track][:TRY_OUT]
                self.open_campaign("try", track, chosen, ["annotator"], 1)
        self.say(f"{len(everything)} prompts, {ANNOTATORS} annotators, {RATERS_PER_ITEM} judgments a comparison")

    def open_campaign(
        self, word: str, track: Track, chosen: list[prompts.DemoPrompt], annotators: list[str], wanted: int
    ) -> Campaign:
        suffix = "" if self.number == 1 else f"-{self.number}"
        campaign = setting.open_campaign(
            f"{word}-{track}{suffix}",
            f"{track.label} {word}{suffix.replace('-', ' ')}",
            track,
            self.variants,
            raters_per_item=wanted,
            manager=self.manager,
        )
        for name in annotators:
            memberships.add(user=self.accounts.user(name), campaign=campaign, role=Role.ANNOTATOR, by=self.manager)
        work.submit_prompts(campaign, chosen, by=self.manager)
        return campaign

    def work(self, address: str) -> None:
        references = {prompt.text: prompt.answer for prompt in prompts.load()}
        told = ""

        def tell(now: work.Counts) -> None:
            nonlocal told
            line = f"pairs {now.sampled} of {now.turns}, judgments {now.judged} of {RATERS_PER_ITEM * now.turns}"
            if line != told:
                self.say(line)
                told = line

        work.judge_all(address, self.campaigns, self.crew, self.accounts.passwords, references, tell)

    def seal(self) -> Batch:
        week = week_of(timezone.now())
        suffix = "" if self.number == 1 else f"-{self.number}"
        return batches.seal(week=week, campaigns=self.campaigns, by=self.manager, name=f"{week}-demo{suffix}")

    def totals(self) -> dict[str, int]:
        judgments = Judgment.objects.filter(comparison__campaign__in=self.campaigns)
        return {
            "comparisons": work.judged(self.campaigns),
            "judgments": judgments.count(),
            "annotators": judgments.values("annotator").distinct().count(),
            "failed_turns": work.counts(self.campaigns).failed,
        }

    def by_track(self) -> dict[str, float | None]:
        return {campaign.track: agreement_of(Scope((campaign,))).value for campaign in self.campaigns}


def describe(batch: Batch) -> dict[str, Any]:
    items = batch.items
    return {
        "name": batch.name,
        "week": batch.week,
        "train": items.filter(group__split=Split.TRAIN).count(),
        "test": items.filter(group__split=Split.TEST).count(),
        "sha256": batch.sha256,
    }


def files(path: Path) -> list[str]:
    return sorted(str(file.relative_to(path)) for file in path.rglob("*") if file.is_file())


def load(path: Path) -> dict[str, int]:
    """The rows of each split as `datasets.load_dataset` counts them."""
    run = subprocess.run(
        [sys.executable, "-m", "exports.loading", str(path)],
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    rows: dict[str, int] = json.loads(run.stdout.splitlines()[-1])
    return rows


def write_report(report: dict[str, Any]) -> None:
    path = settings.VAR_DIR / "demo" / "report.json"
    aside = path.with_suffix(".new")
    aside.write_text(json.dumps(report, indent=2) + "\n")
    aside.rename(path)
