"""Files of exports: taken up where they broke off, and checked against the SHA-256 that Margin told."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import httpx

from margin_client.errors import DownloadFailed, Refused, Unreachable
from margin_client.results import Export, ExportFile
from margin_client.transport import AWAY, Transport

PART = ".part"  # what a file is called until it is whole
MANIFEST = "manifest.json"


def check_is_of(export: Export, folder: Path) -> None:
    """DownloadFailed where the folder is another export, or has files that this one has not."""
    expected = {file.name: file.sha256 for file in export.files}
    there = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    strange = [name for name in sorted(there) if name not in expected and not name.endswith(PART)]
    if MANIFEST in there and _sha256(there[MANIFEST]) != expected.get(MANIFEST):
        strange = [MANIFEST]
    if strange:
        raise DownloadFailed(f"{folder} has {strange[0]}, which is not of this export. Name another folder.")


def take(transport: Transport, address: str, file: ExportFile, folder: Path) -> Path:
    """The file in the folder; one that is there already, whole, is not taken again."""
    target = folder / _inside(file.name)
    if target.exists() and _sha256(target) == file.sha256:
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    # By its hash, so that a part of another export's file is not gone on with.
    part = target.with_name(f"{target.name}.{file.sha256[:16]}{PART}")
    pauses = transport.pauses()
    while True:
        try:
            _go_on(transport, address, file, part)
            break
        except httpx.TransportError as error:
            if (pause := next(pauses, None)) is None:
                raise Unreachable(f"The connection broke over {file.name}; what came of it is kept.") from error
        except Refused as error:
            if error.status not in AWAY or (pause := next(pauses, None)) is None:
                raise
        transport.rest(pause)
    if _sha256(part) != file.sha256:
        part.unlink()
        raise DownloadFailed(f"What arrived as {file.name} has another SHA-256 than Margin told. It was removed.")
    part.replace(target)
    return target


def _go_on(transport: Transport, address: str, file: ExportFile, part: Path) -> None:
    """Appends what is missing; where the server sends the file from its beginning, it is written from its beginning."""
    there = part.stat().st_size if part.exists() else 0
    if there > file.bytes:
        part.unlink()
        there = 0
    if there == file.bytes and there:
        return
    headers: Mapping[str, str] = {"Range": f"bytes={there}-", "If-Range": f'"{file.sha256}"'} if there else {}
    with transport.stream(address, headers) as response:
        if response.status_code == 416:
            part.unlink(missing_ok=True)
            raise DownloadFailed(f"{file.name} is shorter than Margin told.")
        with part.open("ab" if response.status_code == 206 else "wb") as out:
            for chunk in response.iter_bytes():  # as they come: what stands in a buffer when it breaks is lost
                out.write(chunk)


def _inside(name: str) -> PurePosixPath:
    """A name that leads nowhere but into the folder."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name or not path.parts:
        raise DownloadFailed(f"{name!r} is no name of a file in a folder.")
    return path


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
