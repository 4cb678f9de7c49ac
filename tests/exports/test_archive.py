"""The .tar of an export: what tar makes of it, and that any part of it is that part of the whole."""

from __future__ import annotations

import io
import subprocess
import tarfile
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exports import archive, storage
from exports.manifest import Listed
from exports.models import Export
from preferences.models import Batch
from tests import factories
from tests.exports.helpers import bytes_of, written

FILES = {"README.md": b"card", "data/train.parquet": b"x" * 1500, "data/empty": b"", f"data/{'n' * 150}": b"y" * 512}
LISTED = [Listed(name, len(content), "") for name, content in FILES.items()]
ID = UUID("7f9c2ba4-1d3e-4b5a-8c6d-7e8f90a1b2c3")
SEALED_AT = datetime(2026, 11, 29, 12, tzinfo=UTC)  # one moment: a file's time is that of its batch


def an_export() -> Export:
    return Export(pk=ID, batch=Batch(name="2026-W48", sealed_at=SEALED_AT), format="trl", margin="small")


def part(start: int, length: int) -> bytes:
    made = archive.pieces(an_export(), LISTED)
    read = lambda name, first, count: iter([FILES[name][first : first + count]])  # noqa: E731
    return b"".join(archive.part(made, read, start, length))


def whole() -> bytes:
    return part(0, archive.size(archive.pieces(an_export(), LISTED)))


@settings(deadline=None)
@given(start=st.integers(0, 9000), length=st.integers(0, 9000))
def test_any_part_is_that_part_of_the_whole(start: int, length: int) -> None:
    assert part(start, length) == whole()[start : start + length]


def test_it_holds_every_file_in_the_directory_named_like_the_export_and_the_same_bytes_each_time() -> None:
    with tarfile.open(fileobj=io.BytesIO(whole())) as opened:
        found = {about.name: opened.extractfile(about).read() for about in opened}  # type: ignore[union-attr]

    assert found == {f"2026-W48-trl-small-7f9c2ba4/{name}": content for name, content in FILES.items()}
    assert list(found) == [f"2026-W48-trl-small-7f9c2ba4/{file.name}" for file in LISTED]
    assert whole() == whole()


@pytest.mark.parametrize(
    ("name", "mix", "folder"),
    [
        ("2026-W48", "safety", "2026-W48-trl-small-safety-mix-7f9c2ba4"),
        ("../../etc", "", "etc-trl-small-7f9c2ba4"),
        ("it's a\n“batch”", "", "it-s-a-batch-trl-small-7f9c2ba4"),
    ],
)
def test_its_directory_has_a_name_for_every_file_system(name: str, mix: str, folder: str) -> None:
    export = an_export()
    export.batch.name, export.mix = name, mix
    assert archive.folder(export) == folder


@pytest.mark.django_db
def test_two_exports_of_a_batch_never_unpack_into_each_other() -> None:
    batch = factories.batch(comparisons=1)
    numbers = [f"significantly={most},better=1,slightly=1,negligibly=0" for most in (2, 3, 2)]
    made = [factories.export(batch, margin=margin) for margin in numbers]
    folders = [archive.folder(Export.objects.get(pk=export.pk)) for export in made]
    assert len(set(folders)) == len(made) and folders == [archive.folder(export) for export in made]
    assert folders[0].endswith(f"-trl-custom-{str(made[0].pk)[:8]}")


def test_a_file_of_ten_gigabytes_has_its_size_in_the_header() -> None:
    made = archive.pieces(an_export(), [Listed("data/train.parquet", 10 * 2**30, "")])
    assert isinstance(made[0], bytes)
    assert tarfile.TarInfo.frombuf(made[0], "utf-8", "strict").size == 10 * 2**30


@pytest.mark.django_db
def test_gnu_tar_unpacks_an_export_to_what_was_written_with_its_manifest_last(tmp_path: Path) -> None:
    export = written(factories.batch(comparisons=3), tmp_path / "out")
    files = storage.files_of(export)
    made = archive.pieces(export, files)

    (tmp_path / "x.tar").write_bytes(b"".join(archive.part(made, partial(storage.read, export), 0, archive.size(made))))
    run = subprocess.run(["tar", "-xvf", "x.tar"], cwd=tmp_path, capture_output=True, text=True, check=True)

    assert bytes_of(tmp_path / archive.folder(export)) == bytes_of(tmp_path / "out")
    assert run.stdout.splitlines()[-1] == f"{archive.folder(export)}/manifest.json"
