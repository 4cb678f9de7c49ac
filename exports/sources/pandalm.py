"""PandaLM's test set (arXiv 2306.05087): two models' responses to an instruction and three people's verdicts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_CHOSEN = {0: "tie", 1: "a", 2: "b"}


def lines(entry: Mapping[str, Any], name: str) -> Iterator[dict[str, Any]]:
    asked = "\n\n".join(part for part in (entry["instruction"], entry["input"]) if part.strip())
    variant_a, _, variant_b = entry["cmp_key"].partition("_")
    yield {
        "id": f"pandalm:{entry['idx']}",
        "prompt": [{"role": "user", "content": asked}],
        # A few responses in the file are JSON booleans.
        "response_a": str(entry["response1"]),
        "response_b": str(entry["response2"]),
        "variant_a": variant_a,
        "variant_b": variant_b,
        "votes": [
            {"annotator": f"pandalm annotator {rater}", "chosen": _CHOSEN[entry[f"annotator{rater}"]]}
            for rater in (1, 2, 3)
        ],
    }
