"""WebGPT's comparisons (arXiv 2112.09332): a score from -1 to 1 for each of two answers, which sum to nothing.

Published with two answers as a list a line, and again with a column for each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def lines(entry: Mapping[str, Any], name: str) -> Iterator[dict[str, Any]]:
    if "pair" in entry:
        first, second = entry["pair"]
    else:
        first, second = ({"question": entry["question"]} | _side(entry, number) for number in (0, 1))
    better = float(first["score"]) - float(second["score"])
    yield {
        "id": f"webgpt:{name}",
        "prompt": [{"role": "user", "content": first["question"]["full_text"]}],
        "response_a": first["answer"],
        "response_b": second["answer"],
        "variant_a": "webgpt first",
        "variant_b": "webgpt second",
        "votes": [{"annotator": "webgpt labeler", "chosen": "a" if better > 0 else "b" if better < 0 else "tie"}],
    }


def _side(entry: Mapping[str, Any], number: int) -> dict[str, Any]:
    return {"answer": entry[f"answer_{number}"], "score": entry[f"score_{number}"]}
