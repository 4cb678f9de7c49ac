"""README.md of an export: the dataset card, with the YAML by which `datasets` finds the splits."""

from __future__ import annotations

import json
from collections import Counter

from exports.verdicts import RULE
from preferences.choices import JudgmentRole, Split
from preferences.models import Batch, Campaign, Judgment

_CARD = """\
---
pretty_name: {pretty_name}
tags: [preference, reward-model, human-feedback]
configs:
  - config_name: preference
    default: true
    data_files:
{splits}
---

# Margin batch {name}

Human preferences collected in ISO week {week}, sealed and content-hashed.

| | |
|---|---|
| Campaigns | {campaigns} |
| Comparisons, train | {train} |
| Comparisons, held-out test | {test} |
| Judgments | {judgments} |
| Annotators | {annotators} |
| Corrected by a reviewer | {corrected} |
| Adjudicated by a reviewer | {adjudicated} |
| Left out | {excluded} |
| Margin | {margin} |
| Batch SHA-256 (Merkle root over its rows) | `{sha256}` |

Load it with `datasets.load_dataset("this-directory")`. `trl.RewardTrainer` takes the rows as they are; the held-out
test split shares no dialogue and no prompt with any train split of any batch.

One verdict a comparison: {rule}. The single votes stand in `scores`, from +4 (chosen significantly better) to -4.
"""


def file_of(split: Split) -> str:
    """Where a split's rows lie in an export directory."""
    return f"data/{split}.parquet"


def card(batch: Batch, *, margin: str, rows: dict[str, int], excluded: Counter[str]) -> str:
    everything = Judgment.objects.filter(comparison__batch_items__batch=batch)
    judgments = everything.filter(role=JudgmentRole.RATING)
    campaigns = Campaign.objects.filter(comparisons__batch_items__batch=batch).distinct().order_by("slug")
    return _CARD.format(
        pretty_name=json.dumps(f"Margin batch {batch}", ensure_ascii=False),
        name=batch,
        week=batch.week,
        campaigns=", ".join(f"{campaign.slug} ({campaign.track})" for campaign in campaigns),
        splits="\n".join(
            f"      - split: {split}\n        path: {file_of(split)}" for split in Split if file_of(split) in rows
        ),
        train=rows.get(file_of(Split.TRAIN), 0),
        test=rows.get(file_of(Split.TEST), 0),
        judgments=judgments.count(),
        annotators=judgments.values("annotator").distinct().count(),
        corrected=everything.filter(role=JudgmentRole.CORRECTION).count(),
        adjudicated=everything.filter(role=JudgmentRole.ADJUDICATION).count(),
        excluded=", ".join(f"{count} with {reason}" for reason, count in sorted(excluded.items())) or "none",
        margin=margin,
        sha256=batch.sha256,
        rule=RULE,
    )
