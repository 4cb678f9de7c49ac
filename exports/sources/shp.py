"""Stanford Human Preferences, both editions: two comments to a post, of which readers liked the later one better."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def lines(entry: Mapping[str, Any], name: str) -> Iterator[dict[str, Any]]:
    yield {
        "id": f"shp:{entry['post_id']}:{entry['c_root_id_A']}:{entry['c_root_id_B']}",
        "prompt": [{"role": "user", "content": entry["history"]}],
        "response_a": entry["human_ref_A"],
        "response_b": entry["human_ref_B"],
        "variant_a": "a person",
        "variant_b": "another person",
        "votes": [{"annotator": f"readers of {entry['domain']}"[:150], "chosen": {1: "a", 0: "b"}[entry["labels"]]}],
    }
