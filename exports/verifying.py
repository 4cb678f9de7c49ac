"""Whether an export directory is what its manifest says: file by file, to the bit."""

from __future__ import annotations

import stat
from pathlib import Path

import orjson

from exports import manifest
from preferences.text import printable

LARGEST_MANIFEST = 64 * 1024 * 1024  # bytes: of a hundred thousand files
LONGEST_NAME = 300


class VerificationError(Exception):
    """Why a directory cannot be verified at all, as a sentence."""


def problems(directory: Path) -> list[str]:
    """A sentence for each file that is changed, missing or not named; none where all is as it was written."""
    listed = _listed(directory)
    there = {path.relative_to(directory).as_posix() for path in directory.rglob("*") if not _is_folder(path)}
    missing = [f"{_shown(name)} is missing." for name in sorted(set(listed) - there)]
    strange = [f"{_shown(name)} is not in the manifest." for name in sorted(there - set(listed) - {manifest.NAME})]
    changed = [said for name in sorted(set(listed) & there) if (said := _changed(directory, name, listed[name]))]
    return _own(directory) + missing + strange + changed


def _own(directory: Path) -> list[str]:
    if manifest.is_as_written((directory / manifest.NAME).read_bytes()):
        return []
    return [f"{manifest.NAME} is not as it was written: it does not agree with the hash that it has of itself."]


def _changed(directory: Path, name: str, digest: str) -> str | None:
    path = directory / name
    # A link may lead out of the directory, and a pipe or a device has no end.
    if not stat.S_ISREG(path.lstat().st_mode):
        return f"{_shown(name)} is not as it was written: it is no plain file."
    try:
        found = manifest.file_hash(path)
    except OSError as error:
        return f"{_shown(name)} cannot be read: {error.strerror}."
    if found == digest:
        return None
    return f"{_shown(name)} is not as it was written: its SHA-256 is {found}, the manifest says {_shown(digest)}."


def _is_folder(path: Path) -> bool:
    return stat.S_ISDIR(path.lstat().st_mode)


def _shown(name: str) -> str:
    return printable(name.encode("utf-8", "replace").decode(), LONGEST_NAME)


def _listed(directory: Path) -> dict[str, str]:
    path = directory / manifest.NAME
    if not path.is_file():
        raise VerificationError(
            f"{directory} has no {manifest.NAME}: it is no export, or one that was never finished. Export it again."
        )
    try:
        if path.stat().st_size > LARGEST_MANIFEST:
            raise ValueError
        files = orjson.loads(path.read_bytes())["files"]
        return {str(name): str(about["sha256"]) for name, about in files.items()}
    except OSError as error:
        raise VerificationError(f"{path} cannot be read: {error.strerror}.") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise VerificationError(f"{path} is not as an export writes it: it was changed. Export it again.") from None
