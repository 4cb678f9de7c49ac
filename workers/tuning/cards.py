"""README.md of a set: what it is, in words and in the YAML by which `datasets` finds its files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

NAME = "README.md"
_CARD = """\
---
pretty_name: {pretty_name}
tags: [{tag}, supervised-fine-tuning, synthetic]
configs:
{configs}
---

# {title}

{rows:,} rows. {what}

Answers are of {speakers}. Seed {seed}; code version `{code_version}`. manifest.json has the settings, what was left out
and why, and the SHA-256 of every file.

Load it with `datasets.load_dataset("this-directory")`. `trl.SFTTrainer` takes the rows as they are: each is a `prompt`
and a `completion`, and the loss is on the completion alone.
"""
_CONFIG = """\
  - config_name: {name}{default}
    description: "SHA-256 of the file: {sha256}"
    data_files:
      - split: train
        path: {path}"""
_REJECTION = (
    "Each is a prompt with the best of its candidates, by the reward models of the manifest (Llama 2, section 3.2.3). "
    'All candidates with their rewards are the configuration “candidates”: `load_dataset("this-directory", '
    '"candidates")`.'
)
_GHOST_ATTENTION = (
    "Each is a dialogue in which every answer kept to an instruction, and the first message alone still says it "
    "(Llama 2, section 3.3). Everything before the last answer is the prompt, earlier answers too: no loss is on them."
)
_TOLD = {
    "rejection_sampling": ("Rejection sampling", "rejection-sampling", _REJECTION),
    "ghost_attention": ("Ghost attention", "ghost-attention", _GHOST_ATTENTION),
}


def card(about: Mapping[str, Any], rows: Mapping[str, int], hashes: Mapping[str, str]) -> str:
    """Of what a set's manifest says, and the rows of its files; the first file is the default configuration.

    The files' SHA-256 are in the YAML because `datasets` gives again what it loaded before from a directory of the same
    last name, wherever it lay, unless something there is another.
    """
    title, tag, what = _TOLD[about["kind"]]
    speakers = [one["variant"] for one in about["speakers"]]
    first = next(iter(rows))
    return _CARD.format(
        pretty_name=json.dumps(f"{title} by {', '.join(speakers)}", ensure_ascii=False),
        tag=tag,
        configs="\n".join(
            _CONFIG.format(
                name="sft" if name == first else name.partition(".")[0],
                default="\n    default: true" if name == first else "",
                path=name,
                sha256=hashes[name],
            )
            for name in rows
        ),
        title=f"{title} by {', '.join(speakers)}",
        rows=rows[first],
        what=what,
        speakers=", ".join(
            f"{one['variant']} (weights `{one['weights_sha256'][:12]}`) at temperature {one['temperature']:g}"
            for one in about["speakers"]
        ),
        seed=about["seed"],
        code_version=about["code_version"],
    )
