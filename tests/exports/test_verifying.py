from __future__ import annotations

import os
import shutil
from io import StringIO
from pathlib import Path

import orjson
import pytest
from django.core.management import CommandError, call_command

from exports import manifest, verifying
from tests.workers.rewards import made


@pytest.fixture(scope="module")
def written_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows = [made.row(number) for number in range(20)]
    return made.export(tmp_path_factory.mktemp("exports") / "batch", rows[:15], rows[15:])


@pytest.fixture
def directory(written_once: Path, tmp_path: Path) -> Path:
    return shutil.copytree(written_once, tmp_path / "batch")


def verified(directory: Path, *more: str) -> str:
    out = StringIO()
    call_command("verify_export", str(directory), *more, stdout=out)
    return out.getvalue()


def rewritten(directory: Path, **changed: object) -> None:
    """The manifest as somebody writes it who knows how."""
    content = orjson.loads((directory / "manifest.json").read_bytes())
    del content[manifest.OWN_HASH]
    manifest.write(directory, {**content, **changed})


def test_a_directory_as_it_was_written_is_good(directory: Path) -> None:
    own = manifest.file_hash(directory / "manifest.json")
    assert "every file is as it was written" in verified(directory, "--sha256", own)
    assert own in verified(directory)


@pytest.mark.parametrize("name", ["data/train.parquet", "data/test.parquet"])
@pytest.mark.parametrize("place", [0, 100, -1])
def test_one_bit_names_the_file(directory: Path, name: str, place: int) -> None:
    content = bytearray((directory / name).read_bytes())
    content[place] ^= 1
    (directory / name).write_bytes(content)
    with pytest.raises(CommandError, match=f"^{name} is not as it was written"):
        verified(directory)


def test_any_bit_of_the_manifest_names_it(directory: Path) -> None:
    content = (directory / "manifest.json").read_bytes()
    for place in range(len(content)):
        changed = bytearray(content)
        changed[place] ^= 1 << place % 8
        (directory / "manifest.json").write_bytes(changed)
        with pytest.raises(CommandError, match=r"manifest\.json is not as "):
            verified(directory)


def test_a_file_that_is_gone_and_one_that_nobody_wrote_are_named(directory: Path) -> None:
    (directory / "data" / "test.parquet").rename(directory / "data" / "more.parquet")
    with pytest.raises(CommandError) as told:
        verified(directory)
    assert str(told.value).splitlines() == [
        "data/test.parquet is missing.",
        "data/more.parquet is not in the manifest.",
    ]


def test_a_manifest_that_was_changed_with_its_files_is_found_by_its_own_hash(directory: Path) -> None:
    own = manifest.file_hash(directory / "manifest.json")
    rewritten(directory, margin="another")
    assert "every file" in verified(directory)
    with pytest.raises(CommandError, match=r"manifest\.json is another one"):
        verified(directory, "--sha256", own)


@pytest.mark.parametrize("content", [None, b"", b"{}", b"[]", b'{"files": {"a": 1}}', b"\xff"])
def test_a_directory_without_a_whole_manifest_is_a_sentence(directory: Path, content: bytes | None) -> None:
    (directory / "manifest.json").unlink()
    if content is not None:
        (directory / "manifest.json").write_bytes(content)
    with pytest.raises(CommandError, match="Export it again"):
        verified(directory)


def found(directory: Path) -> list[str]:
    with pytest.raises(CommandError) as named:
        verified(directory)
    return str(named.value).splitlines()


def test_a_link_a_pipe_and_a_loop_are_no_files_of_an_export(directory: Path) -> None:
    train, test = directory / "data" / "train.parquet", directory / "data" / "test.parquet"
    train.rename(directory.parent / "elsewhere")
    train.symlink_to(directory.parent / "elsewhere")
    test.unlink()
    os.mkfifo(test)
    (directory / "loop").symlink_to(directory / "loop")
    (directory / "out").symlink_to("/")
    assert found(directory) == [
        "loop is not in the manifest.",
        "out is not in the manifest.",
        "data/test.parquet is not as it was written: it is no plain file.",
        "data/train.parquet is not as it was written: it is no plain file.",
    ]


def test_a_name_cannot_say_that_all_is_well(directory: Path) -> None:
    (directory / "x\n\x1b[2Jevery file is as it was written").touch()
    (directory / os.fsdecode(b"\xff")).touch()
    assert all(line.isprintable() and line.endswith("is not in the manifest.") for line in found(directory))
    assert len(found(directory)) == 2


def test_a_manifest_that_climbs_out_of_the_directory_finds_nothing_there(directory: Path) -> None:
    files = orjson.loads((directory / "manifest.json").read_bytes())["files"]
    (directory.parent / "elsewhere").touch()
    rewritten(directory, files={**files, "../elsewhere": {"sha256": "0" * 64}, "/etc/hostname": {"sha256": "0" * 64}})
    assert found(directory) == ["../elsewhere is missing.", "/etc/hostname is missing."]


@pytest.mark.parametrize("content", [b"[" * 100_000, b'{"files": []}', b'{"files": {"a": 1}}', b"\xff", b""])
def test_a_manifest_that_is_none_is_a_sentence(directory: Path, content: bytes) -> None:
    (directory / "manifest.json").write_bytes(content)
    assert "is not as an export writes it" in found(directory)[0]


def test_a_manifest_without_end_is_not_read(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifying, "LARGEST_MANIFEST", 10)
    assert "is not as an export writes it" in found(directory)[0]


@pytest.mark.parametrize("name", ["README.md", "nowhere", "data"])
def test_what_is_no_export_is_a_sentence(directory: Path, name: str) -> None:
    assert "has no manifest.json: it is no export" in found(directory / name)[0]
