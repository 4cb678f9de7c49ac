"""README.md of an export: the dataset card, with the YAML by which `datasets` finds the splits."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from exports.formats import FORMATS, load_command
from exports.verdicts import RULE
from preferences.choices import JudgmentRole, Split
from preferences.models import Batch, Campaign, Judgment

_CARD = """\
---
pretty_name: {pretty_name}
tags: [preference, reward-model, human-feedback]
{configs}---

# Margin batch {name}

Human preferences collected in ISO week {week}, sealed and content-hashed.

| | |
|---|---|
| Campaigns | {campaigns} |
| Format | {format}: {consumer} |
{files}
| Judgments | {judgments} |
| Annotators | {annotators} |
| Corrected by a reviewer | {corrected} |
| Adjudicated by a reviewer | {adjudicated} |
| Left out | {excluded} |
| Margin | {margin} |
| Batch SHA-256 (Merkle root over its rows) | `{sha256}` |

Load it so:

```
{load}
```

The held-out test split shares no dialogue and no prompt with any train split of any batch.

## The batch, in the columns of Llama 2's Table 26

| comparisons | turns per dialogue | tokens per example | per prompt | per response |
|---|---|---|---|---|
| {comparisons} | {turns} | {example} | {prompt} | {response} |

Tokens are those of {tokenizer}. Degrees: {degrees}. {agreement}
{verdicts}"""
_VERDICTS = """
One verdict a comparison: {rule}.
"""
_SCORES = "The single votes stand in `scores`, from +4 (chosen significantly better) to -4.\n"
_CONFIGS = """\
configs:
  - config_name: preference
    default: true
    data_files:
{splits}
"""
WITHOUT_VERDICTS = ("votes", "verl", "ratings")


def card(
    batch: Batch, *, format: str, margin: str, rows: dict[str, int], excluded: Counter[str], about: dict[str, Any]
) -> str:
    everything = Judgment.objects.filter(comparison__batch_items__batch=batch)
    judgments = everything.filter(role=JudgmentRole.RATING)
    campaigns = Campaign.objects.filter(comparisons__batch_items__batch=batch).distinct().order_by("slug")
    return _CARD.format(
        pretty_name=json.dumps(f"Margin batch {batch}", ensure_ascii=False),
        name=batch,
        week=batch.week,
        campaigns=", ".join(f"{campaign.slug} ({campaign.track})" for campaign in campaigns),
        configs=_configs(rows),
        format=format,
        consumer=FORMATS[format].consumer,
        files="\n".join(f"| Rows of {name} | {count} |" for name, count in rows.items()),
        load=load_command(format, "this-directory"),
        verdicts=_verdicts(format),
        comparisons=about["comparisons"],
        turns=_number(about["turns_per_dialogue"]),
        example=_number(about["tokens_per_example"]),
        prompt=_number(about["tokens_per_prompt"]),
        response=_number(about["tokens_per_response"]),
        tokenizer=about["tokenizer"],
        degrees=", ".join(f"{name} {count}" for name, count in about["degrees"].items()) or "none",
        agreement=" ".join(_agreement(line) for line in about["agreement"]),
        judgments=judgments.count(),
        annotators=judgments.values("annotator").distinct().count(),
        corrected=everything.filter(role=JudgmentRole.CORRECTION).count(),
        adjudicated=everything.filter(role=JudgmentRole.ADJUDICATION).count(),
        excluded=", ".join(f"{count} with {reason}" for reason, count in sorted(excluded.items())) or "none",
        margin=margin,
        sha256=batch.sha256,
    )


def _configs(rows: dict[str, int]) -> str:
    """The splits that are there, for `datasets`; a format without splits is not loaded by it."""
    files = {split: name for name in rows for split in Split if Path(name).parent.name and Path(name).stem == split}
    splits = "\n".join(f"      - split: {split}\n        path: {name}" for split, name in files.items())
    return _CONFIGS.format(splits=splits) if files else ""


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:,.1f}"


def _agreement(line: dict[str, Any]) -> str:
    whose = ", ".join(line["campaigns"])
    if line["ac2"] is None:
        return f"Agreement of {whose} cannot be told."
    between = "" if line["low"] is None else f" ({line['low']:.3f} to {line['high']:.3f})"
    return f"Gwet's AC2 of {whose}: {line['ac2']:.3f}{between}."


def _verdicts(format: str) -> str:
    if format in WITHOUT_VERDICTS:
        return ""
    return _VERDICTS.format(rule=RULE) + (_SCORES if format == "trl" else "")
