from __future__ import annotations

import shutil
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from exports import manifest
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
    with (directory / "manifest.json").open("ab") as file:
        file.write(b"\n")
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
