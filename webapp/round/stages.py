"""A round, stage by stage. What a stage made is looked for before it is made: a round that was stopped goes on."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connections

from preferences.choices import RewardStatus, SweepStatus, Track, TuningSetKind
from preferences.models import Batch, Campaign, Variant
from webapp import stack
from webapp.demo import work
from webapp.demo.setting import MAX_TOKENS
from webapp.round import report, setting
from webapp.round.wordings import of_round, references
from webapp.telling import Staged
from workers import health, registration, rounds, tasks
from workers.models import RewardModel, Round, TemperatureSweep, TuningSet
from workers.rewards import actions as rewards
from workers.rewards import work as reward_work
from workers.rewards.errors import RewardError
from workers.temperature import actions as sweeps
from workers.temperature import work as sweep_work
from workers.tuning import actions as tuning
from workers.tuning.recipe import Recipe

PATIENCE = 300  # seconds
# A model of five megabytes on some hundred pairs: the paper's rates and batches would leave it where it is.
REWARD_RECIPE = {"pairs_per_step": 8, "learning_rate": 1e-3, "epochs": 4}
TUNING_RECIPE = Recipe(rows_per_step=8, learning_rate=5e-4, epochs=3)
GRID, SWEEP_ANSWERS, SWEEP_PROMPTS = (0.3, 0.5, 0.7, 0.9), 6, 24
ANSWERS, EARLY_ANSWERS = 8, 2  # to each prompt


@dataclass
class Turn(Staged):
    """One turn of the loop."""

    STAGES = 9

    number: int

    def run(self) -> dict[str, Any]:
        """Everything, in order; returns the report that it wrote."""
        with self.stage("services"), stack.lock():
            call_command("migrate", verbosity=0)
            self.demo = setting.demo_variants()
            self.people = setting.people()
            self.campaigns = setting.campaigns_of_the_loop(self.people)
            was_running = stack.running()
            self.address = stack.start()
        try:
            return self._turn()
        finally:
            if not was_running:
                stack.stop()

    def _turn(self) -> dict[str, Any]:
        previous = self._previous()
        with self.stage(f"comparisons of {previous} on prompts in other words"):
            batch = f"round-{self.number - 1}"
            if self.number == 1 and not Batch.objects.filter(name=batch).exists():
                self.judge(of_round(0))
            setting.seal_and_export(batch, self.campaigns, by=self.people.manager)
        with self.stage("reward models"):
            models = self.train_rewards()
        with self.stage(f"temperature of {previous}"):
            self.tune(previous)
        with self.stage("rejection sampling"):
            best = self.sample_best(previous, models)
        with self.stage("fine-tuning from the base model"):
            checkpoint = self.fine_tune(best)
        with self.stage("the new variant"):
            new = self.register(checkpoint)
            for campaign in self.campaigns:
                self.sweep_of(new, campaign)  # asked for here, so that the round asks for no larger one
            opened = self.open_round(new, previous)
            self.tune(new)
        with self.stage(f"{new} against {previous}"):
            self.judge(of_round(self.number))
        with self.stage("verdict"):
            return self.report(models, new, previous, opened)

    def _previous(self) -> Variant:
        last = Variant.objects.filter(name=self.name(self.number - 1)).first()
        return last or self.demo[setting.BASE]

    def name(self, number: int) -> str:
        return f"tiny-RLHF-V{number}"

    def judge(self, wordings: Sequence[str]) -> None:
        """Prompts in these words, sampled by the worker and judged by the simulated annotators over HTTP."""
        setting.ask(self.campaigns, wordings, by=self.people.manager)
        told = ""

        def tell(now: work.Counts) -> None:
            nonlocal told
            line = f"pairs {now.sampled} of {now.turns}, judgments {now.judged} of {now.wanted}"
            if line != told:
                self.say(line)
                told = line

        crew, passwords = self.people.crew, self.people.accounts.passwords
        work.judge_all(self.address, self.campaigns, crew, passwords, references(self.number), tell)

    def train_rewards(self) -> list[RewardModel]:
        datasets = [str(path) for path in setting.exported()]
        self.say(f"{len(datasets)} batches")
        return self.side_by_side(lambda track: self.reward(track, datasets), list(Track))

    def reward(self, track: Track, datasets: list[str]) -> RewardModel:
        location = str(setting.folder(self.number) / f"reward-{track}")
        model = RewardModel.objects.filter(location=location).first() or rewards.request(
            base=self.demo[setting.BASE].location,
            datasets=datasets,
            recipe=rewards.recipe_of(track=track, **REWARD_RECIPE),
            location=location,
            by=self.people.manager,
        )
        if model.status == RewardStatus.FAILED:
            rewards.retry(model=model, by=self.people.manager)
        reward_work.train(model)
        self.wait(lambda: self.trained(model), f"reward model {model.short}")
        return model

    def trained(self, model: RewardModel) -> bool:
        """Whether it is: the trainer of the services may have taken it up."""
        model.refresh_from_db()
        if model.status == RewardStatus.FAILED:
            raise RewardError(model.reason)
        return model.status == RewardStatus.TRAINED

    def tune(self, variant: Variant) -> None:
        self.side_by_side(lambda campaign: self.sweep(variant, campaign), self.campaigns)

    def sweep_of(self, variant: Variant, campaign: Campaign) -> TemperatureSweep:
        model = sweeps.reward_model_of(campaign)
        found = variant.temperature_sweeps.filter(campaign=campaign, reward_model=model)
        return found.exclude(status=SweepStatus.FAILED).first() or sweeps.request(
            variant=variant,
            campaign=campaign,
            grid=GRID,
            answers=SWEEP_ANSWERS,
            prompts=SWEEP_PROMPTS,
            best_of=1,  # an annotator sees one answer of each variant, not the best of several
            seed=self.number,
            by=self.people.manager,
        )

    def sweep(self, variant: Variant, campaign: Campaign) -> None:
        sweep = self.sweep_of(variant, campaign)
        sweep_work.tune(sweep)

        def done() -> bool:
            sweep.refresh_from_db()
            if sweep.status == SweepStatus.FAILED:
                raise RewardError(sweep.reason)
            return sweep.status == SweepStatus.DONE

        self.wait(done, str(sweep))
        self.say(f"{variant} on {campaign.track}: {sweep.temperature:g}")

    def sample_best(self, previous: Variant, models: Sequence[RewardModel]) -> Path:
        """The best of the previous variant's answers and of all earlier candidates; the first ones are the demo's."""
        if self.number == 1:
            self.sample(self.demo[setting.FIRST], EARLY_ANSWERS, models, setting.folder(1) / "best-early")
        return self.sample(previous, ANSWERS, models, setting.folder(self.number) / "best")

    def sample(self, variant: Variant, answers: int, models: Sequence[RewardModel], out: Path) -> Path:
        if not out.exists():
            made = tuning.sample_best(
                speakers=[tuning.speaker(variant, campaigns=self.campaigns, temperature=None, top_p=1.0)],
                source=tuning.Source(campaigns=self.campaigns),
                answers=answers,
                rewards=[model.location for model in models],
                earlier=tuning.earlier_of(self.campaigns),
                out=out,
                by=self.people.manager,
            )
            self.say(f"{variant}: {answers} answers to a prompt, {made.rows} prompts")
        elif not TuningSet.objects.filter(location=str(out)).exists():  # it was stopped just before
            tuning.record(
                kind=TuningSetKind.REJECTION_SAMPLING, directory=out, campaigns=self.campaigns, by=self.people.manager
            )
        return out

    def fine_tune(self, best: Path) -> Path:
        out = setting.folder(self.number) / self.name(self.number)
        if not out.exists():
            base = Path(self.demo[setting.BASE].location)
            made = tuning.fine_tune(data=[best], base=base, out=out, recipe=TUNING_RECIPE)
            self.say(f"{made['rows']} rows, loss {made['losses'][0]:.2f} to {made['losses'][-1]:.2f}")
        return out

    def register(self, checkpoint: Path) -> Variant:
        """The new variant, which a worker of the services finds usable."""
        name, manager = self.name(self.number), self.people.manager
        variant = Variant.objects.filter(name=name).first() or registration.register(
            name=name,
            engine=self.demo[setting.BASE].engine,
            location=str(checkpoint),
            iteration=f"RLHF-V{self.number}",
            max_tokens=MAX_TOKENS,
            by=manager,
        )
        for one in (variant, self._previous()):
            self.check(one)
        return variant

    def check(self, variant: Variant) -> None:
        if (known := health.latest(variant)) is not None and known.usable:
            return
        check = health.request(variant=variant, by=self.people.manager)
        tasks.check_after_commit(check)

        def done() -> bool:
            check.refresh_from_db()
            return check.finished_at is not None

        self.wait(done, f"the check of {variant}")
        if not check.usable:
            raise RewardError(f"{variant} is not usable: {check.problems[0]}")

    def open_round(self, new: Variant, previous: Variant) -> list[Round]:
        return [self._open(campaign, new, previous) for campaign in self.campaigns]

    def _open(self, campaign: Campaign, new: Variant, previous: Variant) -> Round:
        last: Round | None = campaign.rounds.order_by("number").last()
        if last is not None and last.new == new:
            return last
        return rounds.open_round(campaign=campaign, new=new, against={previous: 1.0}, by=self.people.manager)

    def report(
        self, models: Sequence[RewardModel], new: Variant, previous: Variant, opened: Sequence[Round]
    ) -> dict[str, Any]:
        since: datetime = min(one.opened_at for one in opened)
        found = report.verdicts(new, self.campaigns, since=since)
        content = {
            "round": self.number,
            "table": [row.as_json() for row in report.table(models)],
            "verdicts": [one.as_json() for one in found],
            "said": report.sentence(new, previous, found[0]),
            "seconds": {name: round(seconds, 1) for name, seconds in self.seconds.items()},
        }
        path = setting.folder(self.number) / "report.json"
        path.write_text(json.dumps(content, indent=2) + "\n")
        return content

    def side_by_side(self, act: Callable[[Any], Any], things: Sequence[Any]) -> list[Any]:
        """One thread a thing: each waits for a process of its own, and there are two cores."""

        def closing(thing: Any) -> Any:
            try:
                return act(thing)
            finally:
                connections.close_all()

        with ThreadPoolExecutor(max_workers=len(things)) as pool:
            return list(pool.map(closing, things))

    def wait(self, done: Callable[[], bool], what: str) -> None:
        until = time.monotonic() + PATIENCE
        while not done():
            if time.monotonic() > until:
                raise RewardError(f"Nothing came of {what} within {PATIENCE} seconds; see the logs in var/log.")
            time.sleep(0.5)


def next_number() -> int:
    """The round that was begun and has no report yet, else the next one."""
    number = 1
    while (setting.folder(number) / "report.json").exists():
        number += 1
    return number
