"""Evaluation samples and training documents, read from files: whole texts, as a model sees them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from exports.contamination.errors import ContaminationError
from exports.sources.reading import Broken, entries

ANSWERS = ("chosen", "rejected", "completion", "response", "response_a", "response_b", "answer")
WHOLE = ("messages", "text")


@dataclass(frozen=True)
class Sample:
    id: str
    text: str
    score: float | None


def samples(path: Path) -> list[Sample]:
    """One sample an entry: “text”, “messages”, or “prompt” with an answer; “id” and “score” where there are any."""
    found = list(read_samples(path, name=str(path)))
    if not found:
        raise ContaminationError(f"{path} holds no sample. Nothing was counted.")
    if 0 < sum(sample.score is not None for sample in found) < len(found):
        raise ContaminationError(f"Some samples of {path} have a score and others none; give it to all or to none.")
    return found


def read_samples(path: Path, *, name: str) -> Iterator[Sample]:
    """Streams the samples of a file, which its reader knows by the name."""
    for number, row in _rows(path, name):
        score, texts = row.get("score"), verbalised(row)
        if not texts:
            raise ContaminationError(
                f"Entry {number} of {name} has no text; give it “text”, “messages” or “prompt”. Nothing was counted."
            )
        if score is not None and (isinstance(score, bool) or not isinstance(score, int | float)):
            raise ContaminationError(f"The score of entry {number} of {name} is not a number. Nothing was counted.")
        yield Sample(str(row.get("id", number)), texts[0], score)


def documents(folder: Path) -> Iterator[str]:
    """The texts of all JSON lines and Parquet files of a folder, streamed in the order of their names."""
    files = [path for path in sorted(folder.rglob("*")) if _is_data(path)]
    if not files:
        raise ContaminationError(f"There are no .jsonl, .jsonl.gz or .parquet files in {folder}.")
    for path in files:
        for _number, row in _rows(path, str(path)):
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
    return "\n".join(_content(message.get("content")) for message in messages if isinstance(message, Mapping))


def _content(value: Any) -> str:
    """A message's text, or those among its parts that are text."""
    if isinstance(value, str):
        return value
    parts: Iterable[Any] = value if isinstance(value, list) else ()
    texts = (part.get("text") for part in parts if isinstance(part, Mapping))
    return "\n".join(text for text in texts if isinstance(text, str))


def _is_data(path: Path) -> bool:
    return path.is_file() and path.name.endswith((".jsonl", ".jsonl.gz", ".parquet"))


def _rows(path: Path, name: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for number, row in entries(path):
        if isinstance(row, Broken):
            raise ContaminationError(f"Entry {number} of {name} cannot be read: {row.reason}. Nothing was counted.")
        yield number, row
