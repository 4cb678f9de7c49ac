"""PandaLM's test set (arXiv 2306.05087): two models' responses to an instruction and three people's verdicts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

_CHOSEN = {0: "tie", 1: "a", 2: "b"}


def read(path: Path) -> Iterator[dict[str, Any]]:
    for item in orjson.loads(path.read_bytes()):
        asked = "\n\n".join(part for part in (item["instruction"], item["input"]) if part.strip())
        variant_a, _, variant_b = item["cmp_key"].partition("_")
        yield {
            "id": f"pandalm:{item['idx']}",
            "prompt": [{"role": "user", "content": asked}],
            # A few responses in the file are JSON booleans.
            "response_a": str(item["response1"]),
            "response_b": str(item["response2"]),
            "variant_a": variant_a,
            "variant_b": variant_b,
            "votes": [
                {"annotator": f"pandalm annotator {rater}", "chosen": _CHOSEN[item[f"annotator{rater}"]]}
                for rater in (1, 2, 3)
            ],
        }
