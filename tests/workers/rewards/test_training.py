from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from preferences.choices import Degree, Track
from preferences.margins import MARGINS
from tests.workers.rewards import made
from tests.workers.rewards.conftest import RECIPE
from workers.rewards import checkpoints, scoring, training
from workers.rewards.dataset import read
from workers.rewards.errors import RewardError
from workers.rewards.evaluation import Counts
from workers.rewards.training import Progress, train

pytestmark = pytest.mark.filterwarnings("default")  # those of the libraries are not ours

FOUR = {"track": Track.HELPFULNESS, "pairs_per_step": 4}
Trained = tuple[Path, dict[str, Any]]


def trained_again(exported: Path, base: Path, out: Path, **changes: Any) -> dict[str, Any]:
    return train([read(exported)], base, out, replace(RECIPE, **changes), progress=lambda now: None)


def test_the_model_learns_what_people_prefer_and_which_responses_they_call_unsafe(trained: Trained) -> None:
    found = {one["track"]: Counts.from_json(one["counts"]) for one in trained[1]["evaluations"]}
    assert {track: (one.total.pairs, one.total.right) for track, one in found.items()} == {
        Track.SAFETY: (20, 20),
        Track.HELPFULNESS: (20, 20),
    }
    halfway = found[Track.SAFETY].alarms[0]
    assert (halfway.unsafe, halfway.caught, halfway.safe, halfway.false) == (20, 20, 20, 0)
    assert {degree: hits.pairs for degree, hits in found[Track.SAFETY].degrees.items()} == dict.fromkeys(Degree, 5)


def test_the_folder_holds_what_is_needed_to_use_it_and_to_make_it_again(trained: Trained, base: Path) -> None:
    out, report = trained
    names = {path.name for path in out.iterdir()}
    assert {"model.safetensors", "config.json", "tokenizer.json", "chat_template.jinja", "reward.json"} <= names
    assert not [name for name in names if name.endswith((".bin", ".pt", ".pkl"))]
    stored = json.loads((out / "reward.json").read_text())
    assert stored["weights_sha256"] == checkpoints.weights_hash(out) == report["weights_sha256"]
    assert stored["base"] == {"location": str(base), "weights_sha256": checkpoints.weights_hash(base)}
    assert stored["recipe"]["seed"] == 7 and stored["versions"]["trl"] == "1.16.0"
    assert stored["datasets"][0]["batch"] == "2026-W48" and len(stored["datasets"][0]["manifest_sha256"]) == 64
    assert not list(out.parent.glob(".*"))  # nothing is left of the work


def test_the_safety_model_sees_a_tenth_of_other_pairs(trained: Trained) -> None:
    assert trained[1]["pairs"] == {"own": 72, "others": 8, "too_long": 0}


def test_each_step_is_told_with_its_loss(trained: Trained) -> None:
    told, losses = trained[1]["told"], trained[1]["losses"]
    assert told[0] == Progress(0, 5, None)
    assert told[1:] == [Progress(step, 5, loss) for step, loss in enumerate(losses, start=1)]
    assert losses[-1] < losses[0]


def test_the_same_seed_gives_the_same_weights_and_another_seed_others(
    trained: Trained, exported: Path, base: Path, tmp_path: Path
) -> None:
    again = trained_again(exported, base, tmp_path / "again")
    other = trained_again(exported, base, tmp_path / "other", seed=8)
    assert again["weights_sha256"] == trained[1]["weights_sha256"] != other["weights_sha256"]


def test_the_first_loss_of_equal_scores_is_the_softplus_of_the_margin(base: Path, tmp_path: Path) -> None:
    sure = made.export(tmp_path / "sure", [made.row(4 * n) for n in range(4)], [])  # all significantly better
    model, tokenizer = scoring.open_checkpoint(base, dtype=torch.float32)
    torch.nn.init.zeros_(model.score.weight)
    for saved in (model, tokenizer):
        saved.save_pretrained(tmp_path / "even")
    first = {
        margin: trained_again(sure, tmp_path / "even", tmp_path / margin, margin=margin, **FOUR)["losses"][0]
        for margin in MARGINS
    }
    softplus = {name: math.log1p(math.exp(number)) for name, number in {"none": 0, "small": 1, "large": 3}.items()}
    assert first == {name: pytest.approx(loss, abs=1e-4) for name, loss in softplus.items()}
    labelled = made.export(tmp_path / "labelled", [made.row(4 * n, Track.SAFETY) for n in range(4)], [])
    weighed = {"margin": "none", "track": Track.SAFETY, "pairs_per_step": 4, "safety_loss": 0.5}
    both = trained_again(labelled, tmp_path / "even", tmp_path / "both", **weighed)["losses"][0]
    assert both == pytest.approx(1.5 * math.log(2), abs=1e-4)


def test_pairs_that_are_too_long_are_left_out_and_counted(base: Path, tmp_path: Path) -> None:
    long = made.row(0, chosen=[{"role": "assistant", "content": "words " * 200}])
    mixed = made.export(tmp_path / "mixed", [made.row(1), long], [made.row(2), long])
    report = trained_again(mixed, base, tmp_path / "out", track=Track.HELPFULNESS)
    assert report["pairs"] == {"own": 1, "others": 0, "too_long": 1}
    assert [(one["too_long"], Counts.from_json(one["counts"]).total.pairs) for one in report["evaluations"]] == [(1, 1)]
    only = made.export(tmp_path / "only", [long], [])
    with pytest.raises(RewardError, match="All 1 pairs are longer than 96 tokens"):
        trained_again(only, base, tmp_path / "none", track=Track.HELPFULNESS)


def test_where_the_memory_is_full_half_as_many_pairs_go_at_once(
    monkeypatch: pytest.MonkeyPatch, exported: Path, base: Path, tmp_path: Path
) -> None:
    fit, tried = training._fit, list[int]()

    def small_memory(pairs: Any, base: Any, recipe: Any, *rest: Any) -> Any:
        tried.append(recipe.pairs_at_once)
        if recipe.pairs_at_once > limit:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return fit(pairs, base, recipe, *rest)

    monkeypatch.setattr(training, "_fit", small_memory)
    limit = 4
    assert trained_again(exported, base, tmp_path / "out", pairs_at_once=16)["pairs_at_once"] == 4
    assert tried == [16, 8, 4]
    limit = 0
    with pytest.raises(RewardError, match="Not even one pair"):
        trained_again(exported, base, tmp_path / "none")


def test_a_model_is_never_written_over(trained: Trained, exported: Path, base: Path) -> None:
    with pytest.raises(RewardError, match="exists already"):
        trained_again(exported, base, trained[0])


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [("config.json", "There is no config.json"), ("model.safetensors", "There are no weights in safetensors")],
)
def test_only_a_local_checkpoint_in_safetensors_is_a_beginning(
    exported: Path, base: Path, tmp_path: Path, missing: str, sentence: str
) -> None:
    lame = tmp_path / "lame"
    lame.mkdir()
    for path in base.iterdir():
        if path.name != missing:
            (lame / path.name).write_bytes(path.read_bytes())
    (lame / "pytorch_model.bin").write_bytes(b"a pickle")
    with pytest.raises(RewardError, match=sentence):
        trained_again(exported, lame, tmp_path / "out")
    assert not (tmp_path / "out").exists()
