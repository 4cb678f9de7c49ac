"""Evaluation samples and training documents, read from files: whole texts, as a model sees them."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pyarrow.parquet

from exports.contamination.errors import ContaminationError

ANSWERS = ("chosen", "rejected", "completion", "response", "response_a", "response_b", "answer")
WHOLE = ("messages", "text")
ROWS_AT_ONCE = 1024


@dataclass(frozen=True)
class Sample:
    id: str
    text: str
    score: float | None


def samples(path: Path) -> list[Sample]:
    """One sample a line: “text”, “messages”, or “prompt” with an answer; “id” and “score” where there are any."""
    found = []
    for number, row in _lines(path):
        score, texts = row.get("score"), verbalised(row)
        if not texts:
            raise ContaminationError(
                f"Line {number} of {path} has no text; give it “text”, “messages” or “prompt”. Nothing was counted."
            )
        if score is not None and (isinstance(score, bool) or not isinstance(score, int | float)):
            raise ContaminationError(f"The score of line {number} of {path} is not a number. Nothing was counted.")
        found.append(Sample(str(row.get("id", number)), texts[0], score))
    if not found:
        raise ContaminationError(f"{path} holds no sample. Nothing was counted.")
    if 0 < sum(sample.score is not None for sample in found) < len(found):
        raise ContaminationError(f"Some samples of {path} have a score and others none; give it to all or to none.")
    return found


def documents(folder: Path) -> Iterator[str]:
    """The texts of all JSON lines and Parquet files of a folder, streamed in the order of their names."""
    files = [path for path in sorted(folder.rglob("*")) if _is_data(path)]
    if not files:
        raise ContaminationError(f"There are no .jsonl, .jsonl.gz or .parquet files in {folder}.")
    for path in files:
        for row in _parquet(path) if path.suffix == ".parquet" else (row for _, row in _lines(path)):
            yield from verbalised(row)


def verbalised(row: Mapping[str, Any]) -> list[str]:
    """The texts that a row trains on: what was asked together with each answer to it."""
    whole = [_text(row[name]) for name in WHOLE if row.get(name)]
    asked = _text(row.get("prompt") or "")
    answers = [_text(row[name]) for name in ANSWERS if row.get(name)]
    return whole + ([f"{asked}\n{answer}" for answer in answers] or [asked] * bool(asked))


def _text(value: Any) -> str:
    """A text, or the contents of the messages of a conversation."""
    if isinstance(value, str):
        return value
    messages: Iterable[Any] = value if isinstance(value, list) else ()
    return "\n".join(str(message.get("content") or "") for message in messages if isinstance(message, Mapping))


def _is_data(path: Path) -> bool:
    return path.is_file() and path.name.endswith((".jsonl", ".jsonl.gz", ".parquet"))


def _parquet(path: Path) -> Iterator[dict[str, Any]]:
    for part in pyarrow.parquet.ParquetFile(path).iter_batches(ROWS_AT_ONCE):
        yield from part.to_pylist()


def _lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield number, _parsed(line, path, number)
    except OSError as error:
        raise ContaminationError(f"{path} cannot be read: {error}.") from None


def _parsed(line: bytes, path: Path, number: int) -> dict[str, Any]:
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise ContaminationError(f"Line {number} of {path} is not JSON ({error}). Nothing was counted.") from None
    if not isinstance(row, dict):
        raise ContaminationError(f"Line {number} of {path} is not a JSON object. Nothing was counted.")
    return row
