"""Comparisons made with Argilla or Label Studio, as they export them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_SIDES = {"left": "a", "right": "b", "response1": "a", "response2": "b", "tie": "tie"}


def label_studio_lines(entry: Mapping[str, Any], name: str) -> Iterator[dict[str, Any]]:
    """A task of the template for pairwise comparison, with each annotation that was not cancelled."""
    data = entry["data"]
    yield {
        "id": f"label-studio:{entry.get('id', name)}",
        "prompt": [{"role": "user", "content": data["prompt"]}],
        "response_a": data["answer1"],
        "response_b": data["answer2"],
        "votes": [
            {"annotator": f"label-studio {_person(annotation)}", "chosen": _SIDES[result["value"]["selected"]]}
            for annotation in entry["annotations"]
            if not annotation.get("was_cancelled")
            for result in annotation["result"]
            if result.get("type") == "pairwise"
        ],
    }


def argilla_lines(entry: Mapping[str, Any], name: str) -> Iterator[dict[str, Any]]:
    """A record with the fields prompt, response1 and response2 and the question “preference”."""
    fields = entry["fields"]
    yield {
        "id": f"argilla:{entry.get('id', name)}",
        "prompt": [{"role": "user", "content": fields["prompt"]}],
        "response_a": fields["response1"],
        "response_b": fields["response2"],
        "votes": [
            {"annotator": f"argilla {answer['user_id']}", "chosen": _SIDES[answer["value"]]}
            for answer in entry["responses"]["preference"]
            if answer.get("status", "submitted") == "submitted"
        ],
    }


def _person(annotation: Mapping[str, Any]) -> Any:
    by = annotation["completed_by"]
    return by["id"] if isinstance(by, Mapping) else by
