"""A checkpoint folder, looked at before any library opens it: safetensors and JSON, no code, no pickle."""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from workers.engines.base import EngineError

SINGLE, INDEX = "model.safetensors", "model.safetensors.index.json"
PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl")


@dataclass(frozen=True)
class Checkpoint:
    folder: Path
    weights: tuple[Path, ...]  # the shards by name, all of them there
    config: dict[str, Any]


def find_checkpoint(location: str) -> Checkpoint:
    """The checkpoint in a local folder; EngineError with a sentence where it is not one that may be opened."""
    folder = Path(location)
    if not folder.is_dir():
        raise EngineError(
            f"There is no folder {location}. A model is a folder on the worker's own disk; nothing is downloaded."
        )
    weights = _weights(folder)
    config = _read_json(folder / "config.json")
    for name in ("config.json", "tokenizer_config.json"):
        if (folder / name).exists() and "auto_map" in _read_json(folder / name):
            raise EngineError(f"{folder / name} names code of its own (auto_map), which is never run.")
    if (folder / "adapter_config.json").exists():
        raise EngineError(f"{folder} holds an adapter; merge it into its base model and give the whole model.")
    if not (folder / "tokenizer.json").is_file():
        raise EngineError(f"There is no tokenizer.json in {folder}; save the tokenizer in its fast form.")
    return Checkpoint(folder, weights, config)


def weights_hash(checkpoint: Checkpoint) -> str:
    """sha256 in hex: of the one file, or of the lines “digest  name” of all shards (what sha256sum prints).

    A process reads a file once for it, however often the model is loaded, as long as its size and time stay the same.
    The read leaves the file in the system's cache, where loading finds it: the disk is read once.
    """
    with ThreadPoolExecutor(max_workers=4) as pool:
        digests = list(pool.map(_digest_of, checkpoint.weights))
    if len(digests) == 1:
        return digests[0]
    lines = [f"{digest}  {path.name}\n" for digest, path in zip(digests, checkpoint.weights, strict=True)]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _digest_of(path: Path) -> str:
    state = path.stat()
    return _digest(path.resolve(), state.st_size, state.st_mtime_ns)


@cache
def _digest(path: Path, size: int, mtime_ns: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _weights(folder: Path) -> tuple[Path, ...]:
    if (folder / SINGLE).is_file():
        return (folder / SINGLE,)
    if not (folder / INDEX).is_file():
        pickled = [path.name for pattern in PICKLES for path in folder.glob(pattern)]
        held = f"; it holds {pickled[0]}, and loading that kind of file can run code" if pickled else ""
        raise EngineError(f"There is no {SINGLE} in {folder}{held}. Only safetensors are read.")
    index = _read_json(folder / INDEX)
    placed = index.get("weight_map")
    names = sorted(set(placed.values())) if isinstance(placed, dict) else []
    if not names:
        raise EngineError(f"{folder / INDEX} names no shard.")
    for name in names:
        if not isinstance(name, str) or Path(name).name != name or not name.endswith(".safetensors"):
            raise EngineError(f"{folder / INDEX} names {name!r}, which is not a safetensors file beside it.")
        if not (folder / name).is_file():
            raise EngineError(f"{folder / INDEX} names {name}, which is not there: copy the folder again.")
    return tuple(folder / name for name in names)


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise EngineError(f"There is no {path.name} in {path.parent}.") from None
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise EngineError(f"{path} cannot be read: {error}.") from error
    if not isinstance(content, dict):
        raise EngineError(f"{path} holds no object.")
    return content
