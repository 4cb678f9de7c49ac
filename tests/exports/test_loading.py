"""The consumer's side: `datasets` loads the directory as it is. Slow to import, hence once."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from exports.formats import FORMATS
from preferences.choices import Track
from tests.annotation.helpers import open_campaign
from tests.exports.helpers import judged, manifest_of, rows_of, sealed, written


@pytest.fixture
def load_dataset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], Any]:
    """Offline, with a cache of this test's own."""
    for name, value in (("HF_HUB_OFFLINE", "1"), ("HF_DATASETS_DISABLE_PROGRESS_BARS", "1")):
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    datasets = importlib.import_module("datasets")
    return lambda directory: datasets.load_dataset(str(directory), cache_dir=str(tmp_path / "cache"))


@pytest.mark.django_db
@pytest.mark.filterwarnings("default")
def test_datasets_loads_train_and_test_with_the_rows_that_were_written(
    tmp_path: Path, load_dataset: Callable[[Path], Any]
) -> None:
    campaign, lonely, safety = open_campaign(), open_campaign(), open_campaign(track=Track.SAFETY)
    for score in (-4, -3, -2, -1, 1, 2, 3, 4) * 2:
        judged(campaign, [score])
    judged(lonely)
    for _ in range(12):
        judged(safety, safety=[(5, 2)])
    rated = sealed(safety)
    written(sealed(campaign), tmp_path / "whole")
    written(sealed(lonely), tmp_path / "train-only")

    whole = load_dataset(tmp_path / "whole")

    assert {split: rows.num_rows for split, rows in whole.items()} == {"train": 14, "test": 2}
    for split, rows in whole.items():
        assert rows.to_list() == rows_of(tmp_path / "whole", split)
        assert None not in rows["margin"]
    for name, format in FORMATS.items():
        if format.load.startswith("datasets."):
            written(rated, tmp_path / name, format=name)
            files = manifest_of(tmp_path / name)["files"]
            loaded = load_dataset(tmp_path / name)
            assert {split: rows.num_rows for split, rows in loaded.items()} == {
                Path(file).stem: about["rows"] for file, about in files.items() if "rows" in about
            }
            assert set(loaded) == {"train", "test"}
    # One family alone stays in train, and a split without rows is not there to be loaded.
    assert {split: rows.num_rows for split, rows in load_dataset(tmp_path / "train-only").items()} == {"train": 1}
