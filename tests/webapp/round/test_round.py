from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from preferences.choices import ComparisonStatus, Split
from preferences.models import BatchItem, Comparison, HoldoutGroup, Variant
from tests.factories.batches import BatchFactory
from tests.factories.variants import VariantFactory
from tests.factories.work import judge
from tests.workers.rewards import made
from webapp.demo.raters import closeness_to
from webapp.round import setting, stages, wordings
from webapp.round.wordings import references
from workers import checking, sampling, tasks
from workers.models import RewardModel, Round, TemperatureSweep, TuningSet
from workers.rewards import running, scoring, training
from workers.rewards.dataset import read
from workers.rewards.recipe import Recipe as RewardRecipe
from workers.temperature import sweeping
from workers.tuning import folders, rejection
from workers.tuning import training as tuning
from workers.tuning.candidates import CANDIDATES
from workers.tuning.recipe import Recipe

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("default")]

scoring.quiet()


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: Any) -> None:
    """Real engines, reward models and trainers in this process, on models that know nothing, in the least sizes."""
    settings.VAR_DIR, settings.EXPORTS_DIR = tmp_path, tmp_path / "exports"
    settings.EXPORTS_DIR.mkdir()
    checkpoint = made.checkpoint(tmp_path / "chat", recipe=replace(made.SMALL, context=256))
    for name in (setting.BASE, setting.FIRST):
        VariantFactory(name=name, engine="tiny", location=str(checkpoint), max_tokens=8)
    BatchFactory()
    for module, name, value in [
        (wordings, "EVERY", 15), (wordings, "FIRST", 1), (wordings, "LATER", 1), (stages, "GRID", (0.8, 1.2)),
        (stages, "SWEEP_ANSWERS", 2), (stages, "SWEEP_PROMPTS", 2), (stages, "ANSWERS", 2),
        (stages, "EARLY_ANSWERS", 1),
        (stages, "TUNING_RECIPE", Recipe(epochs=1, rows_per_step=8)), (stages, "REWARD_RECIPE", {"pairs_per_step": 8}),
        (setting, "MAX_TOKENS", 8), (stages, "MAX_TOKENS", 8), (setting, "ANNOTATORS", 2),
        (running, "run", in_this_process), (stages, "call_command", lambda *args, **options: None),
        (stages.Turn, "side_by_side", lambda turn, act, things: [act(thing) for thing in things]),
        (stages, "stack", SimpleNamespace(running=lambda: "here", start=lambda: "here", lock=_Nothing)),
        (stages.work, "judge_all", judged),
        (tasks, "check_after_commit", checking.run), (tasks, "wake_after_commit", lambda variants: None),
    ]:  # fmt: skip
        monkeypatch.setattr(module, name, value)


class _Nothing:
    def __enter__(self) -> None: ...

    def __exit__(self, *error: object) -> None: ...


def in_this_process(module: str, order: Any, *, watch: Callable[..., bool] = lambda progress: True) -> list[Any]:
    """What runs in a process of its own otherwise."""

    def tell(progress: Any) -> None:
        watch(None)

    if module == running.TRAINING:
        batches = [read(Path(one)) for one in order["datasets"]]
        recipe = RewardRecipe(**order["recipe"])
        training.train(batches, Path(order["base"]), Path(order["out"]), recipe, progress=tell)
    elif module == running.MEASURING:
        return []
    elif module.endswith("sweeping"):
        wanted = sweeping.Order(**order)
        engine = sampling.load_engine(wanted.engine, wanted.location)
        sweeping.sweep(wanted, engine, scoring.load(wanted.reward_model), progress=lambda answered: None)
    elif module.endswith("rejection"):
        rejection.run(Path(order["work"]), Path(order["out"]))
    else:
        data = [Path(one) for one in order["data"]]
        tuning.tune(data, Path(order["base"]), Path(order["out"]), Recipe(**order["recipe"]), tell=tell)
    return []


def judged(address: str, campaigns: Sequence[Any], crew: Any, passwords: Any, known: dict[str, str], tell: Any) -> None:
    """The worker's and the annotators' part: pairs are sampled, and what is nearer to the reference is preferred."""
    for variant in Variant.objects.all():
        sampling.drain(variant)
    for comparison in Comparison.objects.filter(campaign__in=campaigns, status=ComparisonStatus.OPEN):
        reference = known[comparison.turn.prompt.text]
        a, b = (closeness_to(reference, getattr(comparison, f"response_{side}").text) for side in "ab")
        judge(comparison, score=-3 if a >= b else 3)


def texts(rows: Iterable[dict[str, Any]]) -> set[str]:
    return {row["prompt"][-1]["content"] for row in rows}


@pytest.mark.usefixtures("small")
def test_a_round_goes_from_a_batch_to_the_verdict_on_the_next_variant_and_another_one_follows(tmp_path: Path) -> None:
    said = StringIO()
    call_command("round", stdout=said)
    report = json.loads((tmp_path / "rounds" / "1" / "report.json").read_text())
    new = Variant.objects.get(name="tiny-RLHF-V1")
    assert (new.iteration, new.engine) == ("RLHF-V1", "tiny")
    assert Path(new.location, "model.safetensors").is_file()
    assert RewardModel.objects.count() == 2 and TemperatureSweep.objects.count() == 4
    assert [one.new for one in Round.objects.all()] == [new, new]
    whole = report["verdicts"][0]
    assert whole["what"] == "all prompts" and whole["judgments"] > 0
    assert "tiny-RLHF-V1" in report["said"] and report["said"] in said.getvalue()
    assert [row["model"] for row in report["table"]] == ["helpfulness"] * 2 + ["safety"] * 2
    held_out = set(HoldoutGroup.objects.filter(split=Split.TEST).values_list("family", flat=True))
    best = tmp_path / "rounds" / "1" / "best"
    trained_on = texts(folders.read_lines(best / folders.TRAIN))
    sealed = BatchItem.objects.filter(batch__name="round-0").select_related("comparison__turn__prompt", "group")
    kept = {one.comparison.turn.prompt.text for one in sealed if one.group_id not in held_out}
    assert trained_on == kept and len(kept) < sealed.count()
    assert {one["variant"] for one in folders.read_lines(best / CANDIDATES)} == {"tiny-early", "tiny-late"}

    call_command("round", stdout=said)
    second = tmp_path / "rounds" / "2"
    assert json.loads((second / "report.json").read_text())["round"] == 2
    candidates = {one["variant"] for one in folders.read_lines(second / "best" / CANDIDATES)}
    assert candidates == {"tiny-early", "tiny-late", "tiny-RLHF-V1"}
    base = json.loads((second / "tiny-RLHF-V2" / "tuning.json").read_text())["base"]["location"]
    assert base == Variant.objects.get(name=setting.BASE).location
    assert list(Round.objects.filter(number=2).values_list("new__name", flat=True)) == ["tiny-RLHF-V2"] * 2


@pytest.mark.usefixtures("small")
def test_a_round_that_was_stopped_goes_on_with_what_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*args: Any, **options: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as stopping, pytest.raises(KeyboardInterrupt):
        stopping.setattr(stages.Turn, "fine_tune", stopped)
        call_command("round", stdout=StringIO())
    assert (RewardModel.objects.count(), TuningSet.objects.count()) == (2, 2)
    call_command("round", stdout=StringIO())
    assert (RewardModel.objects.count(), TuningSet.objects.count()) == (2, 2)
    assert stages.next_number() == 2


def test_without_the_demo_there_is_no_round(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.VAR_DIR = tmp_path
    monkeypatch.setattr(stages, "call_command", lambda *args, **options: None)
    monkeypatch.setattr(stages, "stack", SimpleNamespace(lock=_Nothing))
    with pytest.raises(CommandError, match="run “make demo” first"):
        call_command("round", stdout=StringIO())


def test_every_round_asks_in_words_that_are_new() -> None:
    asked = [wording for number in range(10) for wording in wordings.of_round(number)]
    assert len(set(asked)) == len(asked) and all(wording.count("{}") == 1 for wording in asked)
    answers = references(3)
    for track in ("helpfulness", "safety"):
        assert {prompt.text for prompt in wordings.in_words(wordings.of_round(3), track)} <= answers.keys()
