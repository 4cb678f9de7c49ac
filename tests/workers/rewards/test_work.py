"""From a wish to a trained model: by the command, by the task, and when something goes wrong."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.core.management import CommandError, call_command

from preferences.choices import RewardStatus, Track
from tests import factories
from tests.factories.rewards import report
from tests.workers.rewards import made
from webapp.celery import app as celery_app
from workers.models import RewardModel
from workers.rewards import running, tasks, work
from workers.rewards.errors import RewardError

pytestmark = pytest.mark.django_db


class FakeRun:
    """In place of the child: writes the folder as training does, or fails, and tells of two steps."""

    def __init__(self, model: RewardModel, *, reason: str = "") -> None:
        self.model, self.reason, self.orders = model, reason, list[tuple[str, Any]]()

    def __call__(
        self, module: str, order: Any, *, watch: running.Watch = lambda progress: True
    ) -> list[dict[str, Any]]:
        self.orders.append((module, order))
        if module == running.MEASURING:
            return [factories.evaluation_of(factories.scored_pairs(5, 5), week="2026-W49")]
        for step in (1, 2):
            assert watch({"step": step, "steps": 2, "loss": 0.5})
        if self.reason:
            raise RewardError(self.reason)
        folder = Path(order["out"])
        folder.mkdir(parents=True)
        found = [factories.evaluation_of(factories.scored_pairs(8, 2), week="2026-W49")]
        (folder / "reward.json").write_text(json.dumps(report(self.model, found)))
        return []


@pytest.fixture
def rewards_dir(tmp_path: Path, settings: Any) -> Path:
    settings.REWARDS_DIR = tmp_path / "rewards"
    return tmp_path / "rewards"


def test_the_task_trains_a_model_once_and_runs_on_the_gpu_queue(
    rewards_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = factories.reward_model()
    run = FakeRun(model)
    monkeypatch.setattr(running, "run", run)
    for _ in range(2):
        tasks.train(str(model.pk))
    model.refresh_from_db()
    assert (model.status, model.step, model.steps) == (RewardStatus.TRAINED, 2, 2)
    assert [module for module, _ in run.orders] == [running.TRAINING]
    assert run.orders[0][1]["recipe"] == model.recipe
    queue = celery_app.amqp.router.route({}, tasks.train.name)["queue"]
    assert queue.name == "gpu"


def test_the_sweep_calls_for_what_waits(rewards_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting, done = factories.reward_model(), factories.trained_reward_model()
    called: list[str] = []
    monkeypatch.setattr(tasks.train, "apply_async", lambda arguments, expires: called.extend(arguments))
    tasks.sweep()
    assert called == [str(waiting.pk)] and str(done.pk) not in called


def test_a_training_that_fails_says_why(rewards_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = factories.reward_model()
    monkeypatch.setattr(running, "run", FakeRun(model, reason="All 3 pairs are longer than 96 tokens."))
    assert not work.train(model)
    model.refresh_from_db()
    assert (model.status, model.reason) == (RewardStatus.FAILED, "All 3 pairs are longer than 96 tokens.")


def test_a_model_that_was_written_before_its_trainer_died_is_recorded_and_not_trained_again(
    rewards_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = factories.reward_model()
    run = FakeRun(model)
    run(running.TRAINING, {"out": model.location})
    monkeypatch.setattr(running, "run", run)
    run.orders.clear()
    assert work.train(model)
    assert run.orders == [] and RewardModel.objects.get(pk=model.pk).status == RewardStatus.TRAINED


def test_a_folder_with_another_model_is_not_taken_for_this_one(
    rewards_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, other = factories.reward_model(), factories.reward_model(seed=8)
    FakeRun(other)(running.TRAINING, {"out": model.location})
    assert not work.train(model)
    model.refresh_from_db()
    assert "holds another reward model" in model.reason


@pytest.mark.parametrize(
    ("changes", "is_ours"),
    [
        ({}, True),
        ({"base": {"location": "elsewhere"}}, False),
        ({"datasets": [{"manifest_sha256": "d" * 64}]}, False),
        ({"datasets": []}, False),
    ],
    ids=["ours", "base", "batch", "number of batches"],
)
def test_a_folder_of_the_same_recipe_is_ours_by_its_base_and_its_batches(
    rewards_dir: Path, tmp_path: Path, changes: dict[str, Any], is_ours: bool
) -> None:
    (tmp_path / "manifest.json").write_text("{}")
    model = factories.reward_model(base="chat/model/", datasets=[str(tmp_path)])
    ours = {"base": {"location": "chat/model"}, "datasets": [{"manifest_sha256": hashlib.sha256(b"{}").hexdigest()}]}
    Path(model.location).mkdir(parents=True)
    (Path(model.location) / "reward.json").write_text(json.dumps(report(model) | ours | changes))
    assert work.train(model) is is_ours
    model.refresh_from_db()
    assert is_ours or "holds another reward model" in model.reason


def test_a_new_model_has_the_one_before_measured_on_its_batches(
    rewards_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, other = factories.trained_reward_model(), factories.trained_reward_model(Track.SAFETY)
    model = factories.reward_model()
    run = FakeRun(model)
    monkeypatch.setattr(running, "run", run)
    assert work.train(model)
    assert run.orders[1] == (running.MEASURING, {"model": before.location, "datasets": model.datasets})
    assert [one.week for one in before.evaluations.all()] == ["2026-W48", "2026-W49"]
    assert other.evaluations.count() == 1


def test_a_child_that_fails_is_quoted_and_one_that_is_killed_is_told_of() -> None:
    with pytest.raises(RewardError, match="No module named"):
        running.run("workers.rewards.nothing", {})
    with pytest.raises(RewardError, match="No module named"):
        running.call("workers.rewards.nothing")


def test_a_child_whose_lease_is_lost_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "POLL_SECONDS", 0.01)
    with pytest.raises(RewardError, match="somebody else has taken it up"):
        running.run(running.TRAINING, {}, watch=lambda progress: False)


@pytest.mark.filterwarnings("default")
def test_the_commands_train_and_score_in_processes_of_their_own(
    base: Path, exported: Path, tmp_path: Path, settings: Any
) -> None:
    out, said = tmp_path / "model", io.StringIO()
    options = {"track": Track.HELPFULNESS, "base": base, "out": out, "pairs_per_step": 16, "learning_rate": 3e-3}
    call_command("train_reward", dataset=[exported], stdout=said, **options)
    lines = said.getvalue().splitlines()
    assert lines[-5].startswith("step 5 of 5, loss")
    assert lines[-4].endswith("40 pairs of its track, 40 others, 0 left out as longer than 96 tokens")
    assert lines[-2].startswith("2026-W48, helpfulness") and lines[-2].endswith("100.0% (84-100, 20)")
    model = RewardModel.objects.get()
    assert (model.status, model.step, model.location) == (RewardStatus.TRAINED, 5, str(out))
    assert model.weights_sha256 == json.loads((out / "reward.json").read_text())["weights_sha256"]

    asked = tmp_path / "asked.jsonl"
    messages = [{"role": "user", "content": made.QUESTIONS[0]}]
    asked.write_bytes(
        b"\n".join(orjson.dumps({"messages": messages, "response": text}) for text in (made.GOOD[0], made.BAD[0]))
    )
    call_command("score", model=out, source=asked, out=tmp_path / "scored.jsonl", stdout=said)
    good, bad = (orjson.loads(line) for line in (tmp_path / "scored.jsonl").read_bytes().splitlines())
    assert good["score"] > bad["score"]
    assert said.getvalue().endswith("scored.jsonl: 2 scores\n")


def test_the_command_says_what_cannot_be(base: Path, exported: Path) -> None:
    with pytest.raises(CommandError, match="pairs_per_step a multiple"):
        call_command("train_reward", dataset=[exported], base=base, track=Track.SAFETY, pairs_per_step=20)
