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
from preferences.actions import batches
from tests import factories
from tests.exports.helpers import manifest_of, written

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["2026-W48", 'the "first" week', "back\\slash", "a: b # c", "{braces}", "Über 🦦"])
def test_the_card_of_a_batch_can_be_read_whatever_its_name(name: str, tmp_path: Path) -> None:
    batch = factories.batch(comparisons=3, name=name)
    excluded: Counter[str] = Counter()
    rows = load_format("trl")(Selection(batch), tmp_path, margin="small", excluded=excluded)
    about = batch_statistics(batch)
    card = datacard.card(batch, format="trl", margin="small", rows=rows, files="f0", excluded=excluded, about=about)
    _, head, text = card.split("---\n", maxsplit=2)
    read = yaml.safe_load(head)
    assert read["pretty_name"] == f"Margin batch {name}"
    assert read["size_categories"] == ["n<1K"]
    assert not {"language", "license"} & set(read)  # nobody stated them
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


def test_the_card_has_the_languages_and_licences_that_were_stated_at_the_sealing(tmp_path: Path) -> None:
    described = batches.Described(languages=["de", "no"], licences=["cc-by-4.0"])
    batch = factories.batch(comparisons=3, described=described)
    out = tmp_path / "out"
    written(batch, out)
    _, head, text = (out / "README.md").read_text().split("---\n", maxsplit=2)
    read = yaml.safe_load(head)
    assert (read["language"], read["license"]) == (["de", "no"], ["cc-by-4.0"])
    assert "| Licence | cc-by-4.0, as the campaigns' rule of sealing states |" in text
    said = manifest_of(out)["batch"]
    assert (said["languages"], said["licences"]) == (["de", "no"], ["cc-by-4.0"])


@pytest.mark.parametrize(
    ("rows", "size"),
    [
        ({"data/train.jsonl": 999}, "n<1K"),
        ({"data/train.jsonl": 990, "data/test.jsonl": 10}, "1K<n<10K"),
        (
            {"preference/train-00000-of-00002.parquet": 100_000, "votes/train.parquet": 10**9},
            "100K<n<1M",
        ),
        ({"data/train.jsonl": 10**9}, "n>1B"),
    ],
)
def test_the_size_is_that_of_the_default_configuration(rows: dict[str, int], size: str) -> None:
    assert datacard.size_category(rows) == size
