"""Directories that take long to write: begun aside, continued after a kill, checked by hash when they are read.

The work lies in `.NAME.part` beside the directory NAME, which appears whole. Light processes import this: no torch.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from preferences.versions import code_version
from workers.rewards.errors import RewardError
from workers.tuning import cards

SCHEMA_VERSION = 1
MANIFEST, ORDER = "manifest.json", "order.json"
TRAIN = "train.jsonl"
# Where an export of demonstrations (exports.demonstrations) has its rows of the same form.
DEMONSTRATIONS = "prompt_completion/train.jsonl"


def begin(
    out: Path, order: Mapping[str, Any], prompts: Iterable[Mapping[str, Any]], left_out: Mapping[str, int]
) -> Path | None:
    """The folder to work in, with order.json and prompts.jsonl; the one of the same order that was left unfinished.

    None where `out` is the finished set of the same order. `left_out` counts, once the prompts are read, those that
    were not taken.
    """
    work = out.with_name(f".{out.name}.part")
    fresh = out.with_name(f".{out.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    write_lines(fresh / "prompts.jsonl", prompts)
    content = {**order, "left_out": dict(left_out), "prompts_sha256": sha256(fresh / "prompts.jsonl")}
    (fresh / ORDER).write_bytes(orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS))
    if out.exists():
        is_same = (out / MANIFEST).is_file() and manifest_of(out).get("order_sha256") == sha256(fresh / ORDER)
        shutil.rmtree(fresh)
        if not is_same:
            raise RewardError(f"{out} exists already; a set is never written over. Name another directory.")
        shutil.rmtree(work, ignore_errors=True)
        return None
    if not work.exists():
        fresh.rename(work)
    elif (work / ORDER).read_bytes() != (fresh / ORDER).read_bytes():
        shutil.rmtree(fresh)
        raise RewardError(
            f"{work} holds the beginning of a set with other settings or prompts; it was kept. "
            "Give the same ones again to go on with it, or remove it."
        )
    shutil.rmtree(fresh, ignore_errors=True)
    return work


@contextmanager
def alone(work: Path) -> Iterator[None]:
    """One process at a time works in a folder."""
    with (work / "lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RewardError(f"Another process works in {work}; wait for it, or end it.") from None
        yield


def empty(work: Path) -> Path:
    """An empty folder within the work for what the directory is going to hold."""
    whole = work / "whole"
    shutil.rmtree(whole, ignore_errors=True)
    whole.mkdir()
    return whole


def finish(work: Path, out: Path, about: Mapping[str, Any], *, rows: Mapping[str, int]) -> dict[str, Any]:
    """Gives what lies in the folder of `empty` its name, with a card and a manifest; the work is removed.

    `rows` counts the lines of each file, that of what is trained on first. Returns the manifest.
    """
    whole = work / "whole"
    content = {
        "schema_version": SCHEMA_VERSION,
        "code_version": code_version(),
        "order_sha256": sha256(work / ORDER),
        **about,
    }
    card = cards.card(content, rows, {name: sha256(whole / name) for name in rows})
    (whole / cards.NAME).write_text(card, encoding="utf-8")
    content["files"] = {
        path.name: {
            "sha256": sha256(path),
            "bytes": path.stat().st_size,
            **({"rows": rows[path.name]} if path.name in rows else {}),
        }
        for path in sorted(whole.iterdir())
    }
    (whole / MANIFEST).write_bytes(orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS))
    whole.rename(out)
    shutil.rmtree(work)
    return content


def manifest_of(directory: Path) -> dict[str, Any]:
    """The manifest of a directory whose files are all as it says; RewardError where one was changed or lost."""
    try:
        found: dict[str, Any] = orjson.loads((directory / MANIFEST).read_bytes())
        files = dict(found["files"])
    except OSError:
        raise RewardError(f"There is no {MANIFEST} in {directory}: name the directory of a finished set.") from None
    except (ValueError, KeyError, TypeError):
        raise RewardError(f"{directory / MANIFEST} is not the manifest of a set.") from None
    for name, file in files.items():
        path = directory / name
        if not path.is_file() or sha256(path) != file["sha256"]:
            raise RewardError(f"{path} is not the file that its manifest names: it was changed or lost.")
    return found


def rows_to_train_on(directory: Path) -> Path:
    """The rows of prompt and completion of a set, or of an export of demonstrations."""
    for name in (TRAIN, DEMONSTRATIONS):
        if (directory / name).is_file():
            return directory / name
    raise RewardError(f"There is neither {TRAIN} nor {DEMONSTRATIONS} in {directory}: nothing to train on.")


class Lines:
    """A file of JSON lines that grows by whole lines; what a kill tore off is cut away when it is opened again."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.written = _whole_lines(path)

    def add(self, rows: Iterable[Mapping[str, Any]]) -> None:
        data = [orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows]
        with self.path.open("ab") as file:
            file.writelines(data)
            file.flush()
            os.fsync(file.fileno())
        self.written += len(data)


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open("rb") as lines:
        for line in lines:
            yield orjson.loads(line)


def write_lines(path: Path, rows: Iterable[Mapping[str, Any]]) -> int:
    """Writes a file of JSON lines; returns how many."""
    written = 0
    with path.open("wb") as file:
        for row in rows:
            file.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))
            written += 1
    return written


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _whole_lines(path: Path) -> int:
    if not path.exists():
        return 0
    lines, end = 0, 0
    with path.open("rb+") as file:
        for line in file:
            if not line.endswith(b"\n"):
                break
            lines, end = lines + 1, end + len(line)
        file.truncate(end)
    return lines
