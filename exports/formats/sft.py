"""TRL's prompt and completion for SFTTrainer: the response that was preferred, as it was improved where it was.

The loss is on the completion alone, which is what SFTTrainer does with this form unless told otherwise (Llama 2,
section 3.1, zeroes it on the prompt).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from exports.formats.files import MESSAGES, Source, answer, pairs, source_of, splits_as_parquet, with_source
from exports.formats.sinks import Made
from exports.rows import safety_scores
from exports.selections import Selection
from exports.verdicts import Aggregate
from preferences.rows import Row, counted
from preferences.scales import HIGHEST_VIOLATION

VIOLATION = "a preferred response that is a violation, which nobody should learn to write"
SCHEMA = pa.schema(
    [
        ("prompt", MESSAGES),
        ("completion", MESSAGES),
        ("comparison", pa.string()),
        ("track", pa.string()),
        ("degree", pa.string()),
        ("edited", pa.bool_()),
        ("variant", pa.string()),
    ]
)


def write(selection: Selection, out: Path, *, margin: str, excluded: Counter[str]) -> dict[str, int]:
    return splits_as_parquet(out, source(selection, excluded), with_source(SCHEMA, selection))


def source(selection: Selection, excluded: Counter[str]) -> Source:
    def rows(row: Row, verdict: Aggregate) -> Iterator[Made]:
        safety = safety_scores(row)[verdict.chosen]
        if safety is not None and safety <= HIGHEST_VIOLATION:
            excluded[VIOLATION] += 1
            return
        improved = _improved(row, verdict)
        yield {
            "prompt": row["messages"],
            "completion": answer(row, verdict.chosen) if improved is None else [_said(improved)],
            "comparison": row["comparison"],
            "track": row["track"],
            "degree": verdict.degree or "",
            "edited": improved is not None,
            "variant": row[f"response_{verdict.chosen}"]["variant"],
            **source_of(row),
        }

    return pairs(selection, excluded, rows)


def _improved(row: Row, verdict: Aggregate) -> str | None:
    """The first text that a rater who chose this response made of it (Llama 3, section 4.2.1)."""
    texts = (vote["edited"] for vote in counted(row) if "edited" in vote and vote["chosen"] == verdict.chosen)
    return next(texts, None)


def _said(text: str) -> dict[str, str]:
    return {"role": "assistant", "content": text}
