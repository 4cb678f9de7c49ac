"""README.md of an export: the dataset card, with the YAML by which `datasets` finds the splits."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from exports.formats import FORMATS, load_command
from exports.verdicts import RULE
from preferences.batch_versions import diff
from preferences.choices import JudgmentRole, Split
from preferences.models import Batch, Campaign, Judgment

_CARD = """\
---
pretty_name: {pretty_name}
{described}size_categories: [{size}]
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
| Written out of evaluation sets | {overlaps} |
| Margin | {margin} |
| Models | {models} |
| Guidelines | {guidelines} |
| Sealed by code version | {code_version} |
| Languages | {languages} |
| Licence | {licences} |
| Batch SHA-256 (Merkle root over its rows) | `{sha256}` |

{erased}Load it so:

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
_CONFIG = """\
  - config_name: {name}{default}
    description: "SHA-256 over the data files: {files}"
    data_files:
{splits}
"""
_SHARD = re.compile(r"-\d{5}-of-\d{5}(?=\.parquet$)")
_DATA = "data"  # the folder of a format with one form, whose configuration is called
_OF_DATA = "preference"
WITH_SCORES = ("trl", "hub")
WITHOUT_VERDICTS = ("votes", "verl", "ratings")


def card(
    batch: Batch,
    *,
    format: str,
    margin: str,
    rows: dict[str, int],
    files: str,
    excluded: Counter[str],
    about: dict[str, Any],
) -> str:
    """`files` is the hash of the data files (exports.manifest.hash_of_all)."""
    everything = Judgment.objects.filter(comparison__batch_items__batch=batch)
    judgments = everything.filter(role=JudgmentRole.RATING)
    campaigns = Campaign.objects.filter(comparisons__batch_items__batch=batch).distinct().order_by("slug")
    return _CARD.format(
        pretty_name=json.dumps(f"Margin batch {batch}", ensure_ascii=False),
        name=batch,
        week=batch.week,
        campaigns=", ".join(f"{campaign.slug} ({campaign.track})" for campaign in campaigns),
        configs=_configs(rows, files),
        described=_described(batch),
        size=size_category(rows),
        languages=", ".join(batch.languages) or "not stated",
        licences=_licences(batch.licences),
        format=format,
        consumer=FORMATS[format].consumer,
        files="\n".join(f"| Rows of {name} | {count:,} |" for name, count in together(rows).items()),
        load=load_command(format, "this-directory"),
        verdicts=_verdicts(format),
        comparisons=about["comparisons"],
        turns=_number(about["turns_per_dialogue"]),
        example=_number(about["tokens_per_example"]),
        prompt=_number(about["tokens_per_prompt"]),
        response=_number(about["tokens_per_response"]),
        tokenizer=about["tokenizer"],
        degrees=", ".join(f"{name} {count}" for name, count in about["degrees"].items()) or "none",
        agreement=" ".join([*(_agreement(line) for line in about["agreement"]), *_apart(about)]),
        judgments=judgments.count(),
        annotators=judgments.values("annotator").distinct().count(),
        corrected=everything.filter(role=JudgmentRole.CORRECTION).count(),
        adjudicated=everything.filter(role=JudgmentRole.ADJUDICATION).count(),
        excluded=", ".join(f"{count} with {reason}" for reason, count in sorted(excluded.items())) or "none",
        overlaps=_overlaps(about),
        margin=margin,
        models="; ".join(_model(one) for one in batch.made_of.get("variants", [])) or "not recorded",
        guidelines=", ".join(_guideline(one) for one in batch.made_of.get("guidelines", [])) or "none",
        code_version=batch.made_of.get("code_version", "not recorded"),
        sha256=batch.sha256,
        erased=_erased(batch),
    )


def _erased(batch: Batch) -> str:
    if batch.version == 1:
        return ""
    told = diff(batch)
    removed, changed, before = len(told["removed"]), len(told["changed"]), told["from"]
    return (
        f"Version {batch.version} of this batch: words were erased for good, so that {removed} of the rows of version "
        f"{before['version']} (`{before['sha256']}`) are gone and {changed} read otherwise. `manifest.json` names each "
        "by its comparison and its hashes. Delete what you have of earlier versions.\n\n"
    )


def _overlaps(about: dict[str, Any]) -> str:
    """They are in the rows; statistics that were counted before sets could be registered say nothing of them."""
    told = ", ".join(f"{len(keys):,} of {name}" for name, keys in about.get("evaluation_sets", {}).items())
    return (
        f"{told}: their `comparison`s stand in manifest.json, at statistics.evaluation_sets" if told else "none noted"
    )


def _described(batch: Batch) -> str:
    told = {"language": batch.languages, "license": batch.licences}
    return "".join(f"{name}: {json.dumps(values)}\n" for name, values in told.items() if values)


def _licences(licences: list[str]) -> str:
    """The campaigns' own word at the sealing; what nobody stated is not guessed."""
    return f"{', '.join(licences)}, as the campaigns' rule of sealing states" if licences else "not stated"


def size_category(rows: dict[str, int]) -> str:
    """Hugging Face's word for how many rows the default configuration has."""
    folders = [Path(name).parent for name in rows]
    total = sum(count for name, count in rows.items() if Path(name).parent == folders[0])
    steps = ["1K", "10K", "100K", "1M", "10M", "100M", "1B"]
    place = sum(total >= 1000 * 10**number for number in range(len(steps)))
    if place == 0:
        return "n<1K"
    return f"{steps[place - 1]}<n<{steps[place]}" if place < len(steps) else "n>1B"


def _model(one: dict[str, Any]) -> str:
    name = f"{one['name']} ({one['iteration']})" if one["iteration"] else one["name"]
    return f"{name}, weights `{one['weights_hash'][:12]}`" if one["weights_hash"] else name


def _guideline(one: dict[str, Any]) -> str:
    return f"{one['campaign']} version {one['version']}"


def _configs(rows: dict[str, int], files: str) -> str:
    """A configuration a folder, the first one the default, with the splits that are there, for `datasets`."""
    found: dict[str, list[str]] = {}
    for path in map(Path, together(rows)):
        split = path.name.partition("-")[0].partition(".")[0]
        if split in Split.values and path.parent.name:
            found.setdefault(path.parent.name, []).append(f"      - split: {split}\n        path: {path}")
    told = [
        _CONFIG.format(
            name=_OF_DATA if folder == _DATA else folder,
            default="" if number else "\n    default: true",
            files=files,
            splits="\n".join(splits),
        )
        for number, (folder, splits) in enumerate(found.items())
    ]
    return "configs:\n" + "".join(told) if told else ""


def together(rows: dict[str, int]) -> dict[str, int]:
    """The rows of all shards of a split in one number, by the pattern that finds them."""
    counts: Counter[str] = Counter()
    for name, count in rows.items():
        counts[_SHARD.sub("-*", name)] += count
    return dict(counts)


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:,.1f}"


def _apart(about: dict[str, Any]) -> Iterator[str]:
    """What agreement counts and no file has; of statistics of before, nothing."""
    if apart := about.get("on_neither_side"):
        yield f"Agreement counts the {apart} comparisons on neither side of the split, too."


def _agreement(line: dict[str, Any]) -> str:
    whose = ", ".join(line["campaigns"])
    if line["ac2"] is None:
        return f"Agreement of {whose} cannot be told."
    between = "" if line["low"] is None else f" ({line['low']:.3f} to {line['high']:.3f})"
    return f"Gwet's AC2 of {whose}: {line['ac2']:.3f}{between}."


def _verdicts(format: str) -> str:
    if format in WITHOUT_VERDICTS:
        return ""
    return _VERDICTS.format(rule=RULE) + (_SCORES if format in WITH_SCORES else "")
