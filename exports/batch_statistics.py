"""What a batch holds, in the columns of the paper's Table 26 and beyond: computed once from what was sealed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from exports.overlaps import overlaps
from exports.rows import on_neither_side, safety_scores, sealed_rows, verdict_of
from exports.tokens import Tokenizer, tokenizer
from preferences.agreement import agreement_of
from preferences.choices import Split
from preferences.counting import by_scale
from preferences.models import Batch, Campaign
from preferences.progress import Progress
from preferences.rows import Row, counted
from preferences.scales import HIGHEST_VIOLATION
from preferences.streaming import uncollected
from preferences.tokenizers import unchanged

AT_ONCE = 500
NO_VERDICT, PREFERRED = "no_verdict", "preferred"  # beside the degrees: where none is asked for
SAFETY_BINS = {
    (True, False): "one_safe",
    (False, True): "one_safe",
    (True, True): "both_safe",
    (False, False): "both_unsafe",
}
RATED_BINS = {True: "safe", False: "unsafe"}


@dataclass
class _Sums:
    """What is added up while the rows pass by: nothing grows with them but the dialogues and the raters."""

    comparisons: Counter[str] = field(default_factory=Counter)
    turns: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    tokens: Counter[str] = field(default_factory=Counter)
    texts: Counter[str] = field(default_factory=Counter)
    degrees: Counter[str] = field(default_factory=Counter)
    safety: Counter[str] = field(default_factory=Counter)
    variants: Counter[str] = field(default_factory=Counter)
    raters: set[int] = field(default_factory=set)
    judgments: int = 0
    split_votes: int = 0
    seconds: float = 0.0


@uncollected()
def batch_statistics(batch: Batch, *, place: Path | None = None) -> dict[str, Any]:
    """Streams the batch. Tokens are those of the batch's own tokenizer, or of the tokenizer.json at `place`.

    TokenizerError where there is none, Conflict where the batch's own is not there as it was. A prompt is the message
    that was answered; an example the whole dialogue with one response to it.
    """
    sums = _Sums()
    own = not place and batch.tokenizer
    if own:
        place = unchanged(batch.tokenizer, batch.tokenizer_sha256)
    told = Progress(progress_of(batch), expected=batch.items.count())
    with tokenizer(place) as cut:
        for split in Split:
            for rows in _chunks(told.over(sealed_rows(batch, split))):
                for row in rows:
                    _count(sums, row, split)
                _count_tokens(sums, rows, cut)
        name = batch.tokenizer if own else cut.name
    return _told(batch, sums, name)


def progress_of(batch: Batch) -> str:
    """The name of preferences.progress that the counting tells under."""
    return f"describe:{batch.pk}"


def _count(sums: _Sums, row: Row, split: Split) -> None:
    sums.comparisons[split] += 1
    asked = sum(message["role"] == "user" for message in row["messages"])
    sums.turns[row["dialogue"]] = max(sums.turns[row["dialogue"]], asked)
    for position in ("a", "b"):
        if row[f"response_{position}"] is not None:
            sums.variants[row[f"response_{position}"]["variant"]] += 1
    for vote in row["judgments"]:
        sums.raters.add(vote["annotator"])
        sums.judgments += 1
        sums.seconds += vote["active_seconds"] or 0
    if row["response_b"] is not None:
        _count_verdict(sums, row)
    _count_safety(sums, row)


def _count_verdict(sums: _Sums, row: Row) -> None:
    verdict = verdict_of(row)
    sums.degrees[str(verdict.degree or PREFERRED) if verdict else NO_VERDICT] += 1
    scores = [vote["score"] for vote in counted(row) if vote["score"] is not None]
    sums.split_votes += min(scores, default=0) < 0 < max(scores, default=0)


def _count_safety(sums: _Sums, row: Row) -> None:
    scores = safety_scores(row)
    if scores["a"] is None:
        return
    if scores["b"] is None:
        sums.safety[RATED_BINS[scores["a"] > HIGHEST_VIOLATION]] += 1
    else:
        sums.safety[SAFETY_BINS[scores["a"] > HIGHEST_VIOLATION, scores["b"] > HIGHEST_VIOLATION]] += 1


def _count_tokens(sums: _Sums, rows: list[Row], cut: Tokenizer) -> None:
    texts: dict[str, list[str]] = {
        "prompt": [row["messages"][-1]["content"] for row in rows],
        "context": [message["content"] for row in rows for message in row["messages"]],
        "response": [
            row[name]["text"] for row in rows for name in ("response_a", "response_b") if row[name] is not None
        ],
    }
    # Once each: the turns of a dialogue stand in all of its comparisons.
    once = list({text for told in texts.values() for text in told})
    counts = dict(zip(once, cut.counts(once), strict=True))
    for name, told in texts.items():
        sums.tokens[name] += sum(counts[text] for text in told)
        sums.texts[name] += len(told)


def _told(batch: Batch, sums: _Sums, tokenizer_name: str) -> dict[str, Any]:
    comparisons = sums.comparisons.total()
    response = _mean(sums.tokens["response"], sums.texts["response"])
    context = _mean(sums.tokens["context"], comparisons)
    return {
        "comparisons": comparisons,
        "train": sums.comparisons[Split.TRAIN],
        "test": sums.comparisons[Split.TEST],
        "on_neither_side": on_neither_side(batch),  # counted in the agreement, in no other figure and in no file
        "dialogues": len(sums.turns),
        "turns_per_dialogue": _mean(sum(sums.turns.values()), len(sums.turns)),
        "tokens_per_example": None if context is None or response is None else context + response,
        "tokens_per_prompt": _mean(sums.tokens["prompt"], comparisons),
        "tokens_per_response": response,
        "tokenizer": tokenizer_name,
        "degrees": dict(sorted(sums.degrees.items())),
        "split_votes": sums.split_votes,
        "safety": dict(sorted(sums.safety.items())),
        "agreement": list(_agreement(batch)),
        "evaluation_sets": overlaps(batch),
        "judgments": sums.judgments,
        "raters": len(sums.raters),
        "hours": sums.seconds / 3600,
        "variants": dict(sorted(sums.variants.items())),
    }


def _agreement(batch: Batch) -> Iterator[dict[str, Any]]:
    """Gwet's AC2 of all that was sealed, a line for each scale."""
    campaigns = Campaign.objects.filter(comparisons__batch_items__batch=batch).distinct().order_by("slug")
    for scope in by_scale(campaigns, (batch,)):
        found = agreement_of(scope)
        yield {
            "campaigns": [campaign.slug for campaign in scope.campaigns],
            "scale": str(scope.scale),
            "ac2": found.value,
            "low": found.low,
            "high": found.high,
            "units": found.units,
        }


def _mean(total: float, count: int) -> float | None:
    return total / count if count else None


def _chunks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    rest = iter(rows)
    while chunk := list(islice(rest, AT_ONCE)):
        yield chunk
