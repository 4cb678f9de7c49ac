"""A directory that is whole or not there, that proves what it holds, and that comes out the same every time."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from exports import actions, manifest
from exports.formats import columns
from exports.models import Export
from exports.selections import Selection
from preferences.errors import Conflict, InvalidInput
from preferences.models import Batch, Event
from tests.annotation.helpers import open_campaign
from tests.exports.helpers import ONE, bytes_of, judged, manifest_of, rows_of, sealed, written

pytestmark = pytest.mark.django_db


def a_batch(comparisons: int = 12) -> Batch:
    campaign = open_campaign(raters_per_item=2)
    for number in range(comparisons):
        judged(campaign, [-3, -4] if number % 2 else [1, 2])
    return sealed(campaign)


def test_its_manifest_has_the_hash_of_every_file(tmp_path: Path) -> None:
    batch = a_batch()

    export = written(batch, tmp_path / "out")

    stored = bytes_of(tmp_path / "out")
    own = stored.pop("manifest.json")
    listed = manifest_of(tmp_path / "out")["files"]
    assert set(stored) == {"README.md", f"data/train-{ONE}", f"data/test-{ONE}"}
    assert {name: about["sha256"] for name, about in listed.items()} == {
        name: hashlib.sha256(content).hexdigest() for name, content in stored.items()
    }
    assert {name: about["bytes"] for name, about in listed.items()} == {
        name: len(content) for name, content in stored.items()
    }
    assert export.manifest_sha256 == hashlib.sha256(own).hexdigest()
    assert {file.name for file in manifest.listed(own.decode())} == {*stored, "manifest.json"}


def test_its_manifest_says_what_was_exported_and_how(tmp_path: Path) -> None:
    batch = a_batch()

    export = written(batch, tmp_path / "out", margin="large")

    said = manifest_of(tmp_path / "out")
    named = {"name": batch.name, "version": 1, "week": batch.week, "sha256": batch.sha256}
    nothing = {"languages": [], "licences": [], "tokenizer": {"name": "", "sha256": ""}}
    assert said["batch"] == {**named, **nothing, "made_of": batch.made_of}
    assert said["format"] == "trl"
    assert said["margin"]["by_degree"]["significantly_better"] == 3.0
    assert "lower median" in said["verdict_rule"]
    counted = {name: about["rows"] for name, about in said["files"].items() if "rows" in about}
    assert counted == {f"data/{split}-{ONE}": len(rows_of(tmp_path / "out", split)) for split in ("train", "test")}
    assert sum(counted.values()) == export.rows == 12
    assert (export.status, export.path) == ("ready", str(tmp_path / "out"))
    assert batch.sha256 in (tmp_path / "out" / "README.md").read_text()


def test_it_writes_the_same_bytes_again_whatever_was_collected_since(tmp_path: Path) -> None:
    batch = a_batch()
    first = written(batch, tmp_path / "first")
    campaign = open_campaign()
    judged(campaign)
    sealed(campaign)

    second = written(batch, tmp_path / "second")

    assert bytes_of(tmp_path / "first") == bytes_of(tmp_path / "second")
    assert first.manifest_sha256 == second.manifest_sha256


def test_the_first_export_of_a_batch_is_the_second_to_the_bit(tmp_path: Path) -> None:
    """The first counts the statistics, which the second reads; the card tells both of every degree."""
    campaign = open_campaign()
    for score in (-4, -3, 2, 1):
        judged(campaign, [score])
    batch = sealed(campaign)
    written(batch, tmp_path / "first")
    written(batch, tmp_path / "second")
    assert bytes_of(tmp_path / "first") == bytes_of(tmp_path / "second")


def test_it_writes_other_bytes_for_another_margin(tmp_path: Path) -> None:
    batch = a_batch()

    small, large = (written(batch, tmp_path / margin, margin=margin) for margin in ("small", "large"))

    assert small.manifest_sha256 != large.manifest_sha256


def _writes_then_fails(selection: Selection, out: Path, *, margin: str, excluded: Counter[str]) -> dict[str, int]:
    (out / "data").mkdir()
    (out / "data" / "train.parquet").write_bytes(b"half")
    raise OSError(28, "No space left on device")


def _fails(*args: Any, **kwargs: Any) -> None:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize(
    ("where", "what", "does"),
    [
        (actions, "load_format", lambda name: _writes_then_fails),
        (columns, "_column", _fails),
        (pq.ParquetWriter, "write_table", _fails),
        (manifest, "write", _fails),
        (Path, "rename", _fails),
    ],
)
def test_it_leaves_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: Any, what: str, does: Any
) -> None:
    export = actions.request(batch=a_batch(), format="trl", margin="small", by=None)
    monkeypatch.setattr(where, what, does)

    with pytest.raises(OSError, match="No space left"):
        actions.write(export=export, out=tmp_path / "out")

    assert list(tmp_path.iterdir()) == []
    export.refresh_from_db()
    assert export.status == "failed"
    assert "There was no room on the disk" in export.reason
    assert not Event.objects.filter(verb="export.written").exists()


def test_it_leaves_nothing_when_it_is_interrupted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    export = actions.request(batch=a_batch(), format="trl", margin="small", by=None)

    def interrupted(*args: Any, **kwargs: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(manifest, "write", interrupted)

    with pytest.raises(KeyboardInterrupt):
        actions.write(export=export, out=tmp_path / "out")

    assert list(tmp_path.iterdir()) == []
    export.refresh_from_db()
    assert (export.status, export.reason) == ("failed", "KeyboardInterrupt")


def test_it_shows_no_directory_before_it_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out, seen = tmp_path / "out", []
    write = manifest.write

    def watched(aside: Path, content: dict[str, Any]) -> str:
        seen.append(out.exists())
        return write(aside, content)

    monkeypatch.setattr(manifest, "write", watched)

    written(a_batch(), out)

    assert seen == [False]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_it_refuses_an_existing_directory_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    export = actions.request(batch=a_batch(), format="trl", margin="small", by=None)

    with pytest.raises(Conflict, match=r"exists already; an export never writes over anything\. Name another"):
        actions.write(export=export, out=tmp_path / "out")

    assert bytes_of(tmp_path / "out") == {"mine.txt": b"mine"}
    export.refresh_from_db()
    assert export.status == "failed"
    assert "exists already" in export.reason


def test_it_refuses_to_write_one_export_twice(tmp_path: Path) -> None:
    export = written(a_batch(), tmp_path / "out")

    with pytest.raises(Conflict):
        actions.write(export=export, out=tmp_path / "again")

    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert Export.objects.get().path == str(tmp_path / "out")


@pytest.mark.parametrize(
    ("format", "margin", "sentence"),
    [
        ("csv", "small", "There is no format “csv”; known are trl"),
        ("c" * 1_000_000, "small", "c…”; known are trl"),
        ("trl", "x" * 1_000_000, "x…”; known are small"),
        ("trl", "=" + "x" * 1_000_000, "x…” is not in the margin's form"),
        ("trl", "huge", "There is no margin “huge”; known are small, large, none"),
    ],
    ids=["a format", "a long format", "a long margin", "long numbers", "a margin"],
)
def test_it_refuses_an_unknown_word_with_a_sentence(format: str, margin: str, sentence: str) -> None:
    batch = a_batch(2)

    with pytest.raises(InvalidInput, match=sentence):
        actions.request(batch=batch, format=format, margin=margin, by=None)
    assert not Export.objects.exists()
