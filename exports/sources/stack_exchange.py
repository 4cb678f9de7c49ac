"""Questions of Stack Exchange with their answers and what readers made of them, as pairs (arXiv 2112.00861, app. C).

Of a question's answers in the order of their scores each is compared with the next worse one: as many pairs as there
are differences, none of them trivial. Texts are HTML, as they were published.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any


def lines(entry: Mapping[str, Any], name: str) -> Iterator[dict[str, Any]]:
    ordered = sorted(entry["answers"], key=lambda answer: (-answer["pm_score"], answer["answer_id"]))
    for better, worse in pairwise(ordered):
        if better["pm_score"] == worse["pm_score"] or better["text"] == worse["text"]:
            continue
        yield {
            "id": f"stack-exchange:{entry['qid']}:{better['answer_id']}:{worse['answer_id']}",
            "prompt": [{"role": "user", "content": entry["question"]}],
            "response_a": better["text"],
            "response_b": worse["text"],
            "variant_a": "a person",
            "variant_b": "another person",
            "votes": [{"annotator": "stack exchange readers", "chosen": "a"}],
        }
