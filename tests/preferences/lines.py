"""Lines of an import file."""

from __future__ import annotations

from typing import Any

import orjson

from preferences.importing import ImportedComparison, parse
from preferences.scales import Scale

ASKED = {"role": "user", "content": "Why is the sky blue?"}


def a_line(**changed: Any) -> dict[str, Any]:
    """A whole line with one vote; a field given as None is left out."""
    whole = {
        "id": "pair-1",
        "prompt": [ASKED],
        "response_a": "Because of scattering.",
        "response_b": "It is not.",
        "variant_a": "late",
        "variant_b": "early",
        "votes": [a_vote()],
    }
    return {field: value for field, value in {**whole, **changed}.items() if value is not None}


def a_vote(**changed: Any) -> dict[str, Any]:
    vote = {"annotator": "alice", "chosen": "a", "degree": "better", "rationale": "It explains.", "seconds": 20}
    return {field: value for field, value in {**vote, **changed}.items() if value is not None}


def read(line: Any, *, scale: Scale = Scale.EIGHT_POINT, most_votes: int = 3) -> ImportedComparison:
    data = line if isinstance(line, bytes) else orjson.dumps(line)
    return parse(data, scale, most_votes=most_votes)
