"""HelpSteer2-Preference (arXiv 2410.01257) and HelpSteer3: a strength from -3, for the first response, to 3.

Strengths are degrees: 3 significantly better, 2 better, 1 slightly better, 0 a tie, as the seven points of Margin. What
a rater calls “neither valid” (-100) has no vote.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_DEGREES = {1: "slightly_better", 2: "better", 3: "significantly_better"}
NEITHER = -100


def preference_lines(entry: Mapping[str, Any], name: str) -> Iterator[dict[str, Any]]:
    """The three preferences that the set itself counts, each with its rater's reasons."""
    given = [
        (vote["strength"], f"{vote['statement']} {vote['elaboration']}".strip())
        for vote in entry["three_most_similar_preferences"]
    ]
    yield _line(f"helpsteer2:{name}", _asked(entry["prompt"]), entry["response_1"], entry["response_2"], given)


def third_lines(entry: Mapping[str, Any], name: str) -> Iterator[dict[str, Any]]:
    given = [(vote["score"], vote.get("reasoning") or "") for vote in entry["individual_preference"]]
    prompt = [{"role": message["role"], "content": message["content"]} for message in entry["context"]]
    yield _line(f"helpsteer3:{name}", prompt, entry["response1"], entry["response2"], given)


def _line(name: str, prompt: Any, first: str, second: str, given: list[tuple[int, str]]) -> dict[str, Any]:
    votes = [_vote(place, strength, reason) for place, (strength, reason) in enumerate(given, start=1)]
    return {
        "id": name,
        "prompt": prompt,
        "response_a": first,
        "response_b": second,
        "variant_a": "helpsteer first",
        "variant_b": "helpsteer second",
        "votes": [vote for vote in votes if vote is not None],
    }


def _asked(prompt: str) -> list[dict[str, str]]:
    """HelpSteer2 writes earlier turns into one text, between marks of its own."""
    first, *more = prompt.split("\n<extra_id_1>")
    messages = [{"role": "user", "content": first}]
    for part in more:
        speaker, _, text = part.partition("\n")
        messages.append({"role": {"Assistant": "assistant", "User": "user"}[speaker], "content": text})
    return messages


def _vote(place: int, strength: int, reason: str) -> dict[str, Any] | None:
    if strength == NEITHER:
        return None
    vote: dict[str, Any] = {"annotator": f"helpsteer annotator {place}"}
    if strength:
        vote |= {"chosen": "a" if strength < 0 else "b", "degree": _DEGREES[abs(strength)]}
    else:
        vote["chosen"] = "tie"
    return vote | ({"rationale": reason} if reason else {})
