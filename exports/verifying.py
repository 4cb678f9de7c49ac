"""Whether an export directory is what its manifest says: file by file, to the bit."""

from __future__ import annotations

from pathlib import Path

import orjson

from exports import manifest


class VerificationError(Exception):
    """Why a directory cannot be verified at all, as a sentence."""


def problems(directory: Path) -> list[str]:
    """A sentence for each file that is changed, missing or not named; none where all is as it was written."""
    listed = _listed(directory)
    there = {str(path.relative_to(directory)) for path in directory.rglob("*") if not path.is_dir()} - {manifest.NAME}
    missing = [f"{name} is missing." for name in sorted(set(listed) - there)]
    strange = [f"{name} is not in the manifest." for name in sorted(there - set(listed))]
    changed = [
        f"{name} is not as it was written: its SHA-256 is {found}, the manifest says {listed[name]}."
        for name in sorted(set(listed) & there)
        if (found := manifest.file_hash(directory / name)) != listed[name]
    ]
    return missing + strange + changed


def _listed(directory: Path) -> dict[str, str]:
    path = directory / manifest.NAME
    if not path.is_file():
        raise VerificationError(
            f"{directory} has no {manifest.NAME}: it is no export, or one that was never finished. Export it again."
        )
    try:
        files = orjson.loads(path.read_bytes())["files"]
        return {str(name): str(about["sha256"]) for name, about in files.items()}
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        raise VerificationError(f"{path} is not as an export writes it: it was changed. Export it again.") from None
