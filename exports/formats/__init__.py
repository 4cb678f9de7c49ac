"""Formats by name: what writes the data files of one selection into a directory, and how its consumer loads them."""

from __future__ import annotations

import json
import shlex
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Protocol

from django.utils.translation import gettext as _

from exports.selections import Selection
from preferences.errors import InvalidInput
from preferences.margins import LONGEST_TOLD, NO_MARGIN
from preferences.text import printable


@dataclass(frozen=True)
class Format:
    """`writer` is a dotted path to a Writer; `load` what an engineer types, with {directory} for where it lies.

    Single votes always leave: those of a format whose own rows have none lie in a folder beside. `passes` is how often
    the writer reads the batch.
    """

    writer: str
    consumer: str
    load: str
    with_margin: bool = False
    with_votes: bool = False
    passes: int = 1


DATASETS = 'from datasets import load_dataset\ndataset = load_dataset("{directory}")'

FORMATS: Mapping[str, Format] = {
    "trl": Format(
        "exports.formats.trl.write",
        "TRL RewardTrainer, DPOTrainer",
        DATASETS,
        with_margin=True,
        with_votes=True,
    ),
    "hub": Format(
        "exports.formats.hub.write",
        "a Hugging Face dataset: all of it",
        DATASETS,
        with_margin=True,
        with_votes=True,
        passes=2,
    ),
    "kto": Format(
        "exports.formats.kto.write",
        "TRL KTOTrainer",
        DATASETS,
    ),
    "sft": Format(
        "exports.formats.sft.write",
        "TRL SFTTrainer",
        DATASETS,
    ),
    "hh": Format(
        "exports.formats.hh.write",
        "Anthropic HH",
        'from datasets import load_dataset\ndataset = load_dataset("{directory}", "preference")',
    ),
    "openai": Format(
        "exports.formats.openai.write",
        "OpenAI, Together, Fireworks",
        'client.files.create(file=open("{directory}/data/train.jsonl", "rb"), purpose="fine-tune")',
    ),
    "openrlhf": Format(
        "exports.formats.openrlhf.write",
        "OpenRLHF",
        "--data.dataset {directory}/data/train.jsonl --data.prompt_key prompt --data.chosen_key chosen "
        "--data.rejected_key rejected --data.apply_chat_template --model.margin_loss_enable",
        with_margin=True,
    ),
    "axolotl": Format(
        "exports.formats.axolotl.write",
        "Axolotl",
        'rl: dpo\ndatasets: [{{path: "{directory}/data/train.jsonl", ds_type: json, type: chat_template.default}}]',
    ),
    "llama-factory": Format(
        "exports.formats.llama_factory.write",
        "LLaMA-Factory",
        "llamafactory-cli train stage=rm dataset_dir={directory} dataset=margin_train",
    ),
    "verl": Format(
        "exports.formats.verl.write",
        "verl PPO, GRPO",
        "data.train_files=[$(ls {directory}/data/train-* | paste -sd,)] "
        "data.val_files=[$(ls {directory}/data/test-* | paste -sd,)]",
        passes=2,
    ),
    "ratings": Format(
        "exports.formats.ratings.write",
        "HelpSteer",
        DATASETS,
    ),
    "votes": Format(
        "exports.formats.votes.write", "pandas, SQL", 'pandas.read_parquet("{directory}/data")', with_votes=True
    ),
}


VOTES = "votes"  # the folder that they lie in, beside another format


class Writer(Protocol):
    def __call__(self, selection: Selection, out: Path, *, margin: str, excluded: Counter[str]) -> dict[str, int]:
        """Writes the data files; returns rows by file, relative to `out`."""


def check_format(name: str) -> None:
    if name not in FORMATS:
        raise InvalidInput(
            _("There is no format “%(name)s”; known are %(known)s.")
            % {"name": printable(name, LONGEST_TOLD), "known": ", ".join(FORMATS)},
            field="format",
        )


def margin_in(format: str, margin: str) -> str:
    """The margin that a format really has: a form without a place for one has none."""
    return margin if FORMATS[format].with_margin else NO_MARGIN


def load_format(name: str) -> Writer:
    """Writes the format, and the single votes beside where its own rows have none."""
    check_format(name)
    form = FORMATS[name]
    module, function = form.writer.rsplit(".", 1)
    writer: Writer = getattr(import_module(module), function)

    def write(selection: Selection, out: Path, *, margin: str, excluded: Counter[str]) -> dict[str, int]:
        selection.votes_beside = not form.with_votes
        return writer(selection, out, margin=margin, excluded=excluded)

    return write


def load_command(name: str, directory: str) -> str:
    """With the directory as the code, the YAML or the shell that it stands in takes it, whatever it is called."""
    load = FORMATS[name].load
    if '"{directory}' in load:
        return load.format(directory=json.dumps(directory, ensure_ascii=False)[1:-1])
    return load.format(directory=shlex.quote(directory))
