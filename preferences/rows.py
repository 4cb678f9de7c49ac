"""A comparison as one plain, complete row: what a batch hashes and what an export writes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from django.db.models import QuerySet

from preferences.choices import JudgmentRole
from preferences.models import Comparison, Judgment, Turn
from preferences.planner import any_of, by_key

Row = dict[str, Any]
Said = tuple[int, str, str | None]  # a turn's index, what the user said, the response that was chosen

CHUNK = 1000

_COMPARISON = {
    "comparison": "key",
    "campaign": "campaign__slug",
    "kind": "campaign__kind",
    "track": "campaign__track",
    "scale": "campaign__scale",
    "source": "source",
    "external_id": "external_id",
    "dialogue": "turn__dialogue",
    "turn": "turn__index",
    "category": "turn__prompt__category",
    "second_category": "turn__prompt__second_category",
    "risk_category": "turn__prompt__risk_category",
    "attack_vector": "turn__prompt__attack_vector",
    "prompt_id": "turn__prompt__external_id",
}
_RESPONSE = {
    "text": "text",
    "variant": "variant__name",
    "iteration": "variant__iteration",
    "system_prompt": "system_prompt",
    "temperature": "temperature",
    "top_p": "top_p",
    "seed": "seed",
    "prompt_tokens": "prompt_tokens",
    "completion_tokens": "completion_tokens",
    "finish_reason": "finish_reason",
    "engine": "engine",
    "engine_version": "engine_version",
    "weights_hash": "weights_hash",
    "revision": "revision",
    "unconfirmed": "unconfirmed",
    "remarks": "remarks",
}
_JUDGMENT = {
    "annotator": "annotator",
    "shown_left": "shown_left",
    "chosen": "chosen",
    "degree": "degree",
    "score": "score",
    "safety_a": "safety_a",
    "safety_b": "safety_b",
    "rationale": "rationale",
    "edited": "edited_response__text",
    "active_seconds": "active_seconds",
    "guideline": "guideline__version",
    "at": "created_at",
}
# Only where there is something to say: rows that were sealed before these were stored keep their hash.
_OF_COMPARISON_WHERE_TOLD = ("second_category", "prompt_id")
_OF_RESPONSE_WHERE_TOLD = ("revision", "unconfirmed", "remarks")


def rows(comparisons: QuerySet[Comparison], *, chunk: int = CHUNK) -> Iterator[tuple[int, Row]]:
    """Streams the primary keys of comparisons with their rows, in the queryset's order, in constant memory."""
    yield from rows_by_key(comparisons.values_list("pk", flat=True).iterator(chunk_size=chunk), chunk=chunk)


def rows_by_key(keys: Iterable[int], *, chunk: int = CHUNK) -> Iterator[tuple[int, Row]]:
    """The same of primary keys, in their order."""
    rest = iter(keys)
    while some := list(islice(rest, chunk)):
        with by_key():
            found = _rows(some)
        yield from ((key, found[key]) for key in some)


def counted(row: Row) -> list[Row]:
    """The votes of a row as they count: each rating, or the reviewer's correction of it."""
    return [rating.get("correction", rating) for rating in row["judgments"]]


def _rows(keys: Sequence[int]) -> dict[int, Row]:
    """Plain values, three queries a thousand: instances of models would take ten times as long."""
    sides = [f"{side}__{path}" for side in ("response_a", "response_b") for path in _RESPONSE.values()]
    wanted = ("pk", "response_b", "turn__dialogue__context", "turn__prompt__text", *_COMPARISON.values(), *sides)
    found = list(Comparison.objects.filter(any_of("pk", keys)).values_list(*wanted))
    first, second = 4 + len(_COMPARISON), 4 + len(_COMPARISON) + len(_RESPONSE)
    dialogue = 4 + list(_COMPARISON).index("dialogue")
    before = _turns({values[dialogue] for values in found})
    judgments = _judgments(keys)
    made = {}
    for values in found:
        row = _named(_COMPARISON, values[4:first], _OF_COMPARISON_WHERE_TOLD)
        row["comparison"] = str(row["comparison"])
        earlier = before[row["dialogue"]]
        row["messages"] = _messages(values[2], [turn for turn in earlier if turn[0] < row["turn"]], values[3])
        a, b = values[first:second], values[second:]
        row["response_a"] = _named(_RESPONSE, a, _OF_RESPONSE_WHERE_TOLD)
        row["response_b"] = _named(_RESPONSE, b, _OF_RESPONSE_WHERE_TOLD) if values[1] is not None else None
        made[values[0]] = row | judgments[values[0]]
    return made


def _named(names: dict[str, str], values: Sequence[Any], where_told: Sequence[str]) -> Row:
    row = dict(zip(names, values, strict=True))
    for name in where_told:
        if not row[name]:
            del row[name]
    return row


def _turns(dialogues: set[int]) -> dict[int, list[Said]]:
    """The turns of dialogues in order: index, what the user said, and the response that was chosen, if one was."""
    found = Turn.objects.filter(any_of("dialogue", dialogues)).order_by("dialogue", "index")
    turns: dict[int, list[Said]] = defaultdict(list)
    for dialogue, index, said, answered in found.values_list(
        "dialogue", "index", "prompt__text", "chosen_response__text"
    ):
        turns[dialogue].append((index, said, answered))
    return turns


def _messages(context: list[Any], earlier: Sequence[Said], asked: str) -> list[Row]:
    """As Turn.messages: the conversation up to and including the message that was answered."""
    messages: list[Row] = list(context)
    for _, said, answered in earlier:
        messages.append({"role": "user", "content": said})
        if answered is not None:
            messages.append({"role": "assistant", "content": answered})
    return [*messages, {"role": "user", "content": asked}]


def _judgments(keys: Sequence[int]) -> dict[int, Row]:
    """By comparison: the ratings in order, each with the correction that stands for it; the adjudication, if any."""
    wanted = ("comparison", "pk", "role", "corrects", *_JUDGMENT.values())
    found = Judgment.objects.filter(any_of("comparison", keys)).order_by("pk").values_list(*wanted)
    made: dict[int, Row] = {key: {"judgments": []} for key in keys}
    ratings: dict[int, Row] = {}
    corrections: list[tuple[int, Row]] = []
    for comparison, key, role, corrects, *values in found:
        judgment = dict(zip(_JUDGMENT, values, strict=True))
        if judgment["edited"] is None:
            del judgment["edited"]
        if corrects is not None:
            corrections.append((corrects, judgment))
        elif role == JudgmentRole.RATING:
            ratings[key] = judgment
            made[comparison]["judgments"].append(judgment)
        elif role == JudgmentRole.ADJUDICATION:
            made[comparison].setdefault("adjudication", judgment)
    for key, judgment in corrections:
        ratings[key]["correction"] = judgment
    return made
