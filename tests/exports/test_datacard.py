"""The card's first lines are YAML, whatever people call a batch."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import yaml

from exports import datacard
from exports.batch_statistics import batch_statistics
from exports.formats import load_format
from exports.selections import Selection
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["2026-W48", 'the "first" week', "back\\slash", "a: b # c", "{braces}", "Über 🦦"])
def test_the_card_of_a_batch_can_be_read_whatever_its_name(name: str, tmp_path: Path) -> None:
    batch = factories.batch(comparisons=3, name=name)
    excluded: Counter[str] = Counter()
    rows = load_format("trl")(Selection(batch), tmp_path, margin="small", excluded=excluded)
    about = batch_statistics(batch)
    card = datacard.card(batch, format="trl", margin="small", rows=rows, excluded=excluded, about=about)
    _, head, text = card.split("---\n", maxsplit=2)
    read = yaml.safe_load(head)
    assert read["pretty_name"] == f"Margin batch {name}"
    files = read["configs"][0]["data_files"]
    assert {file["split"]: file["path"] for file in files} == {
        "train": "data/train-*.parquet",
        "test": "data/test-*.parquet",
    }
    assert batch.sha256 in text
    assert "| Rows of data/train-*.parquet | 2 |" in text
    assert "| Rows of data/test-*.parquet | 1 |" in text
    assert all(f"{one['name']}, weights `{'0' * 12}`" in text for one in batch.made_of["variants"])
    assert f"| Sealed by code version | {batch.made_of['code_version']} |" in text
