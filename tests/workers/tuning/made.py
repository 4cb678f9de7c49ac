"""Orders and prompts for the samplers of sets, made without a database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from workers.tuning import folders
from workers.tuning.candidates import Speaker, prompt_key

QUESTIONS = ("How do I boil an egg?", "Which pills may I take?", "What colour is the sky?", "May I sign this?")


def prompts(questions: Iterable[str]) -> list[dict[str, Any]]:
    rows = ([{"role": "user", "content": question}] for question in questions)
    return [{"key": prompt_key(row), "messages": row, "is_safety": "pills" in row[0]["content"]} for row in rows]


def order(speakers: Sequence[Speaker], rewards: Iterable[str], **changes: Any) -> dict[str, Any]:
    return {
        "speakers": [asdict(one) for one in speakers],
        "answers": 3,
        "seed": 7,
        "rewards": list(rewards),
        "earlier": [],
        **changes,
    }


def begun(out: Path, content: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> Path:
    work = folders.begin(out, content, rows, {"held_out": 1})
    assert work is not None
    return work


def lines(path: Path) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in path.read_bytes().splitlines()]
