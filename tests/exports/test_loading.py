"""The consumer's side: `datasets` loads the directory as it is. Slow to import, hence once."""

from __future__ import annotations

import importlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from exports.formats import FORMATS, sinks
from preferences import sealed_rows
from preferences.choices import Track
from tests.annotation.helpers import open_campaign
from tests.exports.helpers import judged, manifest_of, rows_of, sealed, written


@pytest.fixture
def load_dataset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Offline, with a cache of this test's own."""
    for name, value in (("HF_HUB_OFFLINE", "1"), ("HF_DATASETS_DISABLE_PROGRESS_BARS", "1")):
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    datasets = importlib.import_module("datasets")
    cache = str(tmp_path / "cache")
    return lambda directory, **more: datasets.load_dataset(str(directory), cache_dir=cache, **more)


def counts_of(out: Path, folder: str) -> dict[str, int]:
    """The rows of each split in the folder by the manifest, over its shards."""
    counts: Counter[str] = Counter()
    for name, about in manifest_of(out)["files"].items():
        if Path(name).parent.name == folder:
            counts[Path(name).name.partition("-")[0].partition(".")[0]] += about["rows"]
    return dict(counts)


@pytest.mark.django_db
@pytest.mark.filterwarnings("default")
def test_datasets_loads_train_and_test_with_the_rows_that_were_written(
    tmp_path: Path, load_dataset: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign, lonely, safety = open_campaign(), open_campaign(), open_campaign(track=Track.SAFETY)
    for score in (-4, -3, -2, -1, 1, 2, 3, 4) * 2:
        judged(campaign, [score])
    judged(lonely)
    for _ in range(12):
        judged(safety, safety=[(5, 2)])
    rated = sealed(safety)
    monkeypatch.setattr(sealed_rows, "ROWS", 3)
    monkeypatch.setattr(sinks, "SHARD_ROWS", 6)
    written(sealed(campaign), tmp_path / "whole")
    assert len(list((tmp_path / "whole" / "data").glob("train-*-of-00003.parquet"))) == 3
    written(sealed(lonely), tmp_path / "train-only")

    whole = load_dataset(tmp_path / "whole")

    assert {split: rows.num_rows for split, rows in whole.items()} == {"train": 14, "test": 2}
    for split, rows in whole.items():
        assert rows.to_list() == rows_of(tmp_path / "whole", split)
        assert None not in rows["margin"]
        streamed = load_dataset(tmp_path / "whole", split=split, streaming=True)
        assert list(streamed) == rows_of(tmp_path / "whole", split)
    for name in FORMATS:
        written(rated, tmp_path / name, format=name)
        loaded = load_dataset(tmp_path / name)
        folder = "preference" if name == "hub" else "data"
        assert {split: rows.num_rows for split, rows in loaded.items()} == counts_of(tmp_path / name, folder)
        assert set(loaded) == {"train", "test"}
        streamed = load_dataset(tmp_path / name, split="train", streaming=True)
        assert list(streamed) == loaded["train"].to_list()
        if not FORMATS[name].with_votes:
            votes = load_dataset(tmp_path / name, name="votes")
            assert {split: rows.num_rows for split, rows in votes.items()} == counts_of(tmp_path / name, "votes")
            assert set(votes["train"]["score"]) == {-3}
    for form in ("preference", "preference-without-margin", "kto", "sft", "ratings", "votes"):
        loaded = load_dataset(tmp_path / "hub", name=form)
        assert {split: rows.num_rows for split, rows in loaded.items()} == counts_of(tmp_path / "hub", form)
        assert ("margin" in loaded["train"].column_names) is (form == "preference")
        streamed = load_dataset(tmp_path / "hub", name=form, split="test", streaming=True)
        assert list(streamed) == loaded["test"].to_list()
    # `datasets` has cached what was loaded from a directory of the same last name.
    for margin, better in (("small", 2 / 3), ("large", 2.0)):
        written(rated, tmp_path / margin / "week", margin=margin)
        assert set(load_dataset(tmp_path / margin / "week", split="train")["margin"]) == {better}
    # One family alone stays in train, and a split without rows is not there to be loaded.
    assert {split: rows.num_rows for split, rows in load_dataset(tmp_path / "train-only").items()} == {"train": 1}
