"""Approved demonstrations as files: what is in them, and `datasets` loads them in both of TRL's forms."""

from __future__ import annotations

import hashlib
import importlib
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.core.management import CommandError, call_command

from exports import demonstrations
from preferences.errors import Conflict
from preferences.models import Campaign, Event
from tests import factories

pytestmark = pytest.mark.django_db

TWO = [("Name a fruit.", "An apple."), ("Another.", "A pear.")]
CORRECTED = [TWO[0], ("Another.", "A ripe pear.")]
DIALOGUE = [
    {"role": "user", "content": "Name a fruit."},
    {"role": "assistant", "content": "An apple."},
    {"role": "user", "content": "Another."},
    {"role": "assistant", "content": "A ripe pear."},
]


@pytest.fixture
def campaign() -> Campaign:
    """Two approved, one of them corrected; one that waits and one that was returned."""
    made = factories.demonstrations_campaign(slug="written")
    factories.approved_demonstration(made, exchanges=TWO, corrected=CORRECTED)
    factories.approved_demonstration(made, exchanges=[("Greet me in French.", "Bonjour !")])
    factories.demonstration(made)
    factories.returned_demonstration(made)
    return made


def lines(path: Path) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in path.read_bytes().splitlines()]


def test_a_messages_row_is_a_whole_dialogue_as_it_was_approved(campaign: Campaign, tmp_path: Path) -> None:
    demonstrations.write(campaign=campaign, out=tmp_path / "out", by=None)
    first, second = lines(tmp_path / "out" / "messages" / "train.jsonl")
    made = campaign.demonstrations.get(key=first.pop("demonstration"))
    assert made.author.pseudonym not in str([first, second])
    assert first.pop("annotator").startswith("rater-")
    assert first == {
        "messages": DIALOGUE,
        "campaign": "written",
        "track": "helpfulness",
        "category": "writing",
        "risk_category": "",
        "attack_vector": "",
    }
    assert second["messages"][1]["content"] == "Bonjour !"


def test_a_completion_row_is_one_answer_with_all_before_it_as_its_prompt(campaign: Campaign, tmp_path: Path) -> None:
    demonstrations.write(campaign=campaign, out=tmp_path / "out", by=None)
    rows = lines(tmp_path / "out" / "prompt_completion" / "train.jsonl")
    assert [(row["prompt"], row["completion"]) for row in rows[:2]] == [
        (DIALOGUE[:1], DIALOGUE[1:2]),
        (DIALOGUE[:3], DIALOGUE[3:]),
    ]
    assert len(rows) == 3


def test_the_manifest_names_every_file_by_its_hash_and_the_event_names_the_manifest(
    campaign: Campaign, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    rows = demonstrations.write(campaign=campaign, out=out, by=None)
    manifest = orjson.loads((out / "manifest.json").read_bytes())
    there = {str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()} - {"manifest.json"}
    assert set(manifest["files"]) == there == {*rows, "README.md"}
    for name, file in manifest["files"].items():
        assert file["sha256"] == hashlib.sha256((out / name).read_bytes()).hexdigest()
    event = Event.objects.get(verb="demonstrations.exported")
    assert event.data["manifest"] == hashlib.sha256((out / "manifest.json").read_bytes()).hexdigest()
    assert "1 of them with corrections" in (out / "README.md").read_text(encoding="utf-8")


def test_the_same_campaign_gives_the_same_bytes(campaign: Campaign, tmp_path: Path) -> None:
    for name in ("one", "two"):
        demonstrations.write(campaign=campaign, out=tmp_path / name, by=None)
    assert (tmp_path / "one" / "manifest.json").read_bytes() == (tmp_path / "two" / "manifest.json").read_bytes()


def test_a_person_has_one_name_in_an_export_and_another_one_when_something_was_added(
    campaign: Campaign, tmp_path: Path
) -> None:
    author = campaign.demonstrations.first()
    assert author is not None
    names = []
    for name in ("one", "two"):
        demonstrations.write(campaign=campaign, out=tmp_path / name, by=None)
        rows = [row for form in demonstrations.FORMS for row in lines(tmp_path / name / form / "train.jsonl")]
        names.append({row["annotator"] for row in rows if row["demonstration"] == str(author.key)})
        factories.approved_demonstration(campaign, exchanges=TWO)
    assert [len(name) for name in names] == [1, 1]
    assert names[0] != names[1]


def test_nothing_is_written_over_and_nothing_half(
    campaign: Campaign, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "there").mkdir()
    with pytest.raises(Conflict, match="exists already"):
        demonstrations.write(campaign=campaign, out=tmp_path / "there", by=None)
    empty = factories.demonstrations_campaign()
    with pytest.raises(Conflict, match="no approved demonstration"):
        demonstrations.write(campaign=empty, out=tmp_path / "empty", by=None)

    def full(*_: Any, **__: Any) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr("exports.manifest.write", full)
    with pytest.raises(OSError, match="No space"):
        demonstrations.write(campaign=campaign, out=tmp_path / "full", by=None)
    assert [path.name for path in tmp_path.iterdir()] == ["there"]
    assert not Event.objects.filter(verb="demonstrations.exported").exists()


def test_the_command_writes_them_and_says_what_it_cannot_do(
    campaign: Campaign, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("export_demonstrations", "written", str(tmp_path / "out"))
    assert "messages/train.parquet: 2 rows" in capsys.readouterr().out
    with pytest.raises(CommandError, match="exists already"):
        call_command("export_demonstrations", "written", str(tmp_path / "out"))
    with pytest.raises(CommandError, match="no campaign"):
        call_command("export_demonstrations", "unwritten", str(tmp_path / "more"))


@pytest.mark.filterwarnings("default")
def test_datasets_loads_both_forms_as_trl_wants_them(
    campaign: Campaign, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("HF_HUB_OFFLINE", "1"), ("HF_DATASETS_DISABLE_PROGRESS_BARS", "1")):
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    out = tmp_path / "out"
    demonstrations.write(campaign=campaign, out=out, by=None)
    load = importlib.import_module("datasets").load_dataset

    for form, columns in demonstrations.FORMS.items():
        rows = load(str(out), form, cache_dir=str(tmp_path / "cache"))["train"]
        assert rows.to_list() == lines(out / form / "train.jsonl")
        for row in rows:
            for column in columns:
                assert row[column] and all(set(message) == {"role", "content"} for message in row[column])
    assert load(str(out), cache_dir=str(tmp_path / "cache"))["train"].num_rows == 2, "The default form is messages."
