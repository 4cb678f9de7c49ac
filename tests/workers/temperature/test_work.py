"""From a wish to a temperature: by the command with real models, by the task, and when something goes wrong."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from preferences.choices import SweepStatus, Track
from preferences.models import Variant
from tests import factories
from tests.annotation.helpers import new_turn
from tests.factories.temperatures import found_at, planned_campaign, requested_sweep, trained_reward_model_at
from tests.workers.rewards import made
from tests.workers.temperature.helpers import verbs
from webapp.celery import app as celery_app
from workers.models import TemperatureSweep
from workers.rewards import running
from workers.rewards.errors import RewardError
from workers.temperature import actions, tasks, work

pytestmark = pytest.mark.django_db


class FakeRun:
    """In place of the child: writes what it finds at each temperature, or dies after some."""

    def __init__(self, sweep: TemperatureSweep, *, reason: str = "", after: int = 99) -> None:
        self.sweep, self.reason, self.after = sweep, reason, after
        self.orders: list[dict[str, Any]] = []

    def __call__(self, module: str, order: Any, *, watch: running.Watch) -> list[dict[str, Any]]:
        assert module == work.SWEEPING
        self.orders.append(order)
        for number, temperature in enumerate(order["grid"]):
            if number == self.after:
                raise RewardError(self.reason)
            assert watch({"answered": 10})
            self.sweep.refresh_from_db()
            assert self.sweep.answered == 10
            found = found_at(self.sweep, temperature)
            (Path(order["results"]) / f"{temperature!r}.json").write_text(json.dumps(found))
            assert watch({"answered": 0})
        return []


def test_the_task_measures_a_sweep_once_and_runs_on_the_gpu_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    sweep = requested_sweep()
    run = FakeRun(sweep)
    monkeypatch.setattr(running, "run", run)
    for _ in range(2):
        tasks.tune(sweep.pk)
    sweep.refresh_from_db()
    assert (sweep.status, sweep.temperature) == (SweepStatus.DONE, 0.8)
    order, variant = run.orders[0], sweep.variant
    assert len(run.orders) == 1
    assert [order["prompts"][place] for place in range(3)] == [
        f"Question {pk - min(sweep.prompts)}?" for pk in sweep.prompts
    ]
    assert (order["engine"], order["max_tokens"], order["reward_model"]) == (
        variant.engine,
        variant.max_tokens,
        sweep.reward_model.location,
    )
    assert celery_app.amqp.router.route({}, tasks.tune.name)["queue"].name == "gpu"


def test_the_beat_calls_for_what_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = requested_sweep()
    called: list[int] = []
    monkeypatch.setattr(tasks.tune, "apply_async", lambda arguments, expires: called.extend(arguments))
    tasks.call_waiting()
    assert called == [waiting.pk]
    assert celery_app.amqp.router.route({}, tasks.call_waiting.name)["queue"].name == "celery"


def test_what_was_measured_before_a_failure_is_not_measured_again(monkeypatch: pytest.MonkeyPatch) -> None:
    sweep = requested_sweep()
    run = FakeRun(sweep, reason="The memory was full.", after=2)
    monkeypatch.setattr(running, "run", run)
    assert not work.tune(sweep)
    sweep.refresh_from_db()
    assert (sweep.status, sweep.reason) == (SweepStatus.FAILED, "The memory was full.")
    actions.retry(sweep=sweep, by=None)
    assert work.tune(sweep)
    assert [order["grid"] for order in run.orders] == [[0.4, 0.8, 1.2], [1.2]]
    assert verbs()[-3:] == ["started", "measured", "done"]


def test_other_weights_than_were_registered_are_not_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    sweep = requested_sweep()
    Variant.objects.filter(pk=sweep.variant_id).update(weights_hash="b" * 64)
    monkeypatch.setattr(running, "run", FakeRun(sweep))
    assert not work.tune(sweep)
    sweep.refresh_from_db()
    assert sweep.status == SweepStatus.FAILED
    assert "holds other weights than" in sweep.reason
    assert not sweep.swept.exists()  # once the registered ones are back, it is tried again


def test_a_sweep_whose_worker_died_before_the_choice_only_chooses(monkeypatch: pytest.MonkeyPatch) -> None:
    sweep = requested_sweep()
    monkeypatch.setattr(running, "run", FakeRun(sweep))
    monkeypatch.setattr(work.holding, "finish", lambda **_: False)
    assert not work.tune(sweep)
    monkeypatch.undo()
    TemperatureSweep.objects.update(leased_until="2020-01-01T00:00Z")
    assert work.tune(sweep)
    assert TemperatureSweep.objects.get().status == SweepStatus.DONE


def test_a_child_whose_sweep_was_taken_over_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    sweep = requested_sweep()

    def run(module: str, order: Any, *, watch: running.Watch) -> list[Any]:
        TemperatureSweep.objects.update(holder="00000000-0000-0000-0000-000000000001")
        assert not watch({"answered": 3})
        raise RewardError("It was ended: somebody else has taken it up.")

    monkeypatch.setattr(running, "run", run)
    assert not work.tune(sweep)
    sweep.refresh_from_db()
    assert sweep.status == SweepStatus.RUNNING


@pytest.mark.filterwarnings("default")
def test_the_command_tunes_a_real_model_by_a_real_reward_model_in_a_process_of_its_own(
    base: Path, trained: tuple[Path, Any]
) -> None:
    tiny = factories.variant(location=str(base), max_tokens=6)
    campaign = planned_campaign(first=tiny, prompts=0, track=Track.SAFETY)
    for question in made.QUESTIONS:
        new_turn(campaign, text=question)
    trained_reward_model_at(trained[0], Track.SAFETY)
    said = io.StringIO()
    call_command("tune_temperature", variant=tiny.name, grid=[0.3, 1.0], answers=4, prompts=3, seed=5, stdout=said)
    sweep = TemperatureSweep.objects.get()
    assert sweep.status == SweepStatus.DONE
    line = campaign.sampling_plan.get()
    assert line.first_temperature == sweep.temperature and sweep.temperature in (0.3, 1.0)
    for swept in sweep.swept.all():
        assert len(swept.weights_hash) == 64 and swept.engine_version.startswith("transformers")
        assert [len(rewards) for rewards in swept.rewards] == [4, 4, 4]
        assert all(0 < reward < 1 for rewards in swept.rewards for reward in rewards)
        assert max(length for lengths in swept.lengths for length in lengths) <= 6
        assert len(swept.self_bleu["creative"]) == len(swept.self_bleu["factual"]) == 10
    lines = said.getvalue().splitlines()
    assert lines[0].startswith("temperature 0.3, 1 of 2")
    assert lines[2] == "reward of the best of 4, mean over 3 prompts"
    assert lines[-1].startswith(f"{tiny.name}: temperature {sweep.temperature:g} (")


def test_the_command_says_what_cannot_be() -> None:
    campaign = planned_campaign()
    name = campaign.sampling_plan.get().first.name
    with pytest.raises(CommandError, match="There is no variant “nobody”; the active ones are"):
        call_command("tune_temperature", variant="nobody")
    with pytest.raises(CommandError, match="There is no campaign “nowhere”"):
        call_command("tune_temperature", variant=name, campaign="nowhere")
    with pytest.raises(CommandError, match=r"Name the --campaign; those whose plan has .*: none"):
        call_command("tune_temperature", variant=factories.variant().name)
    with pytest.raises(CommandError, match="No reward model"):
        call_command("tune_temperature", variant=name)
