"""Checkpoint folders: local, in safetensors, named by the hash of their weights."""

from __future__ import annotations

import hashlib
from pathlib import Path

from workers.rewards.errors import RewardError


def check_folder(folder: Path) -> None:
    """Refuses what is not a local checkpoint in safetensors, before any library opens it."""
    for name in ("config.json", "tokenizer_config.json"):
        if not (folder / name).is_file():
            raise RewardError(f"There is no {name} in {folder}: name the folder of a checkpoint.")
    if not weights(folder):
        raise RewardError(f"There are no weights in safetensors in {folder}; no other form is read.")


def weights(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.safetensors"))


def weights_hash(folder: Path) -> str:
    """SHA-256 of the weights' file; of several, that of the lines “hash name”."""
    hashes = []
    for path in weights(folder):
        with path.open("rb") as handle:
            hashes.append((hashlib.file_digest(handle, "sha256").hexdigest(), path.name))
    if len(hashes) == 1:
        return hashes[0][0]
    return hashlib.sha256("".join(f"{digest} {name}\n" for digest, name in hashes).encode()).hexdigest()
