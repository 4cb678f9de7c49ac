"""Where the files of an export lie, and how any part of them is read.

In a directory of this machine, or, where EXPORTS_STORAGE names one, in a bucket that speaks S3. Which of the two an
export is in says its path: a change of the setting moves nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from django.conf import settings
from django.core.files.storage import storages
from django.utils.translation import gettext as _

from exports import manifest
from exports.manifest import Listed
from exports.models import Export
from preferences.choices import ExportStatus
from preferences.errors import Conflict

if TYPE_CHECKING:
    from exports.s3 import Bucket

CHUNK = 1 << 20
REMOTE = "s3://"


def directory_of(export: Export) -> Path:
    """Where the task writes it."""
    return Path(settings.EXPORTS_DIR) / str(export.pk)


def address_of(export: Export, out: Path) -> str:
    """Where it lies once it is put away."""
    if not settings.EXPORTS_STORAGE or out != directory_of(export):
        return str(out)
    return _bucket().address(str(export.pk))


def put_away(export: Export, out: Path) -> None:
    """Brings what the task wrote into the bucket, where there is one, the manifest last."""
    if address_of(export, out) == str(out):
        return
    for file in manifest.listed((out / manifest.NAME).read_text()):
        _bucket().put(out / file.name, f"{export.pk}/{file.name}")


def files_of(export: Export) -> list[Listed]:
    """The files of a ready export, its manifest last; none of one that is not ready."""
    return manifest.listed(export.manifest) if export.status == ExportStatus.READY and export.manifest else []


def is_remote(export: Export) -> bool:
    return export.path.startswith(REMOTE)


def is_whole(export: Export) -> bool:
    """Whether all files of a ready export are there, each of the size that the manifest says."""
    files = files_of(export)
    return bool(files) and not _lost(export, files)


def check_there(export: Export, files: Sequence[Listed]) -> None:
    """Conflict where one of them is gone or has another size than the manifest says."""
    if lost := _lost(export, files):
        raise Conflict(
            _("%(name)s of this export is gone or was changed. Open the batch's page and have it written again.")
            % {"name": lost[0]}
        )


def read(export: Export, name: str, start: int, length: int) -> Iterator[bytes]:
    """`length` bytes of one of its files from byte `start` on."""
    if not length:
        return
    if is_remote(export):
        yield from _bucket().part(f"{export.pk}/{name}", start, length, at_once=CHUNK)
        return
    with (Path(export.path) / name).open("rb") as handle:
        handle.seek(start)
        while length and (chunk := handle.read(min(CHUNK, length))):
            length -= len(chunk)
            yield chunk


def remove(export: Export) -> None:
    """Takes the files of an export out of the bucket; Conflict where it does not answer or is not the one set."""
    for name in _remote_sizes(export):
        _bucket().remove(f"{export.pk}/{name}")


def _lost(export: Export, files: Sequence[Listed]) -> list[str]:
    there = _remote_sizes(export) if is_remote(export) else _sizes(Path(export.path), files)
    return [file.name for file in files if there.get(file.name) != file.bytes]


def _sizes(out: Path, files: Sequence[Listed]) -> dict[str, int]:
    return {file.name: (out / file.name).stat().st_size for file in files if (out / file.name).is_file()}


def _remote_sizes(export: Export) -> dict[str, int]:
    folder = str(export.pk)
    if not settings.EXPORTS_STORAGE or _bucket().address(folder) != export.path:
        raise Conflict(
            _("This export lies in %(path)s, and this server keeps its exports elsewhere now (EXPORTS_STORAGE).")
            % {"path": export.path}
        )
    return _bucket().sizes(folder)


def _bucket() -> Bucket:
    return cast("Bucket", storages["exports"])
