"""Approved demonstrations of a campaign, for supervised fine-tuning, in both forms that TRL's SFTTrainer takes.

messages: a row a demonstration, with the whole dialogue. prompt_completion: a row an answer, with what stands before it
as the prompt, so that the loss is on answers alone (Llama 2, section 3.1) and on each answer once. Both are
conversational, lists of {role, content}, as Parquet and as JSON lines with the same rows.
"""

from __future__ import annotations

import json
import shutil
import uuid
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
from django.db import transaction
from django.utils.translation import gettext as _

from exports import manifest
from exports.formats.files import MESSAGES
from exports.pseudonyms import Pseudonyms
from preferences.actions import events, holdout
from preferences.choices import DemonstrationStatus
from preferences.erasing import ERASED
from preferences.errors import Conflict
from preferences.held_out import HeldOut
from preferences.models import Campaign, Demonstration, DemonstrationVersion

if TYPE_CHECKING:
    from webapp.accounts.models import User

CHUNK = 500
HELD_OUT = "a prompt that is held out, or near one"
ABOUT = ("demonstration", "campaign", "track", "category", "risk_category", "attack_vector", "annotator")
FORMS = {
    "messages": ["messages"],
    "prompt_completion": ["prompt", "completion"],
}

_CARD = """\
---
pretty_name: {name}
tags: [demonstrations, supervised-fine-tuning, human-written]
configs:
  - config_name: messages
    default: true
    description: "SHA-256 over the data files: {files}"
    data_files: messages/train.parquet
  - config_name: prompt_completion
    description: "SHA-256 over the data files: {files}"
    data_files: prompt_completion/train.parquet
---

# Demonstrations of {slug}

{count} demonstrations ({track}) people wrote and others approved, {corrected} of them with corrections by the
reviewer, which are in the text. {annotators} people wrote them.

Load them with `datasets.load_dataset("this-directory", "messages")` or `"prompt_completion"`; `trl.SFTTrainer` takes
the rows of either as they are. In `prompt_completion` each answer is a row of its own, so that the loss is on answers
alone. The same rows lie beside as JSON lines. `annotator` is a pseudonym of this export; in the next one it is another.
"""


def write(*, campaign: Campaign, out: Path, by: User | None) -> dict[str, int]:
    """Writes the directory `out`, aside and then renamed whole, its manifest last; returns the rows of each file."""
    if out.exists():
        raise Conflict(
            _("%(directory)s exists already; an export never writes over anything. Name another directory.")
            % {"directory": out}
        )
    aside = out.with_name(f".{out.name}.{uuid.uuid4().hex}")
    aside.mkdir(parents=True)
    try:
        with transaction.atomic():
            rows = _fill(aside, campaign, by)
            digest = manifest.file_hash(aside / manifest.NAME)
            events.record("demonstrations.exported", campaign, by=by, campaign=campaign, rows=rows, manifest=digest)
            aside.rename(out)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return rows


def messages_row(version: DemonstrationVersion, names: Pseudonyms) -> dict[str, Any]:
    return {"messages": version.messages, **_about(version, names)}


def completion_rows(version: DemonstrationVersion, names: Pseudonyms) -> Iterator[dict[str, Any]]:
    for place in range(1, len(version.messages), 2):
        said = version.messages
        yield {"prompt": said[:place], "completion": [said[place]], **_about(version, names)}


def _fill(out: Path, campaign: Campaign, by: User | None) -> dict[str, int]:
    erased = DemonstrationVersion.objects.filter(messages__contains=[{"content": ERASED}]).values("demonstration")
    approved = campaign.demonstrations.filter(status=DemonstrationStatus.APPROVED).exclude(pk__in=erased).order_by("pk")
    found = list(approved)
    wanted = _not_held_out(found, by)
    if not wanted:
        raise Conflict(
            _("Each approved demonstration of “%(campaign)s” has a prompt that is held out, or near one.")
            % {"campaign": campaign}
            if found
            else _("“%(campaign)s” has no approved demonstration yet: there is nothing to export.")
            % {"campaign": campaign}
        )
    names = _pseudonyms(campaign, wanted)
    whole = _write(out / "messages", "messages", (messages_row(version, names) for version in _newest(wanted)))
    single = (row for version in _newest(wanted) for row in completion_rows(version, names))
    rows = whole | _write(out / "prompt_completion", "prompt_completion", single)
    card = _CARD.format(
        name=json.dumps(f"Demonstrations of {campaign.name}", ensure_ascii=False),
        slug=campaign.slug,
        track=campaign.track,
        count=len(wanted),
        corrected=sum(version.by_id != version.demonstration.author_id for version in _newest(wanted)),
        annotators=len({demonstration.author_id for demonstration in wanted}),
        files=manifest.hash_of_all(manifest.hashes_of(out)),
    )
    (out / "README.md").write_text(card, encoding="utf-8")
    left_out = {HELD_OUT: len(found) - len(wanted)} if len(found) > len(wanted) else {}
    about = {"campaign": campaign.slug, "rows": rows, "excluded": left_out}
    manifest.write(out, {**about, **manifest.contents(out, rows)})
    return rows


def _pseudonyms(campaign: Campaign, approved: Iterable[Demonstration]) -> Pseudonyms:
    """Of this very content: the same again where nothing changed, and other ones where something did."""
    versions = ",".join(str(version.pk) for version in _newest(approved))
    return Pseudonyms(f"demonstrations:{campaign.slug}:{versions}")


def _not_held_out(found: Sequence[Demonstration], by: User | None) -> list[Demonstration]:
    """Those whose prompts may be trained on, which from now on will never be held out."""
    held_out, wanted = HeldOut(), []
    for start in range(0, len(found), CHUNK):
        some = found[start : start + CHUNK]
        asked = {
            version.demonstration_id: [message["content"] for message in version.messages[::2]]
            for version in _newest(some)
        }
        dialogues = [asked[demonstration.pk] for demonstration in some]
        allowed = holdout.keep_for_training(dialogues=dialogues, held_out=held_out, source="demonstrations", by=by)
        wanted += [demonstration for demonstration, may in zip(some, allowed, strict=True) if may]
    return wanted


def _newest(demonstrations: Iterable[Demonstration]) -> Iterator[DemonstrationVersion]:
    ids = [demonstration.pk for demonstration in demonstrations]
    newest_first = DemonstrationVersion.objects.filter(demonstration__in=ids).order_by("demonstration", "-number")
    versions = newest_first.distinct("demonstration").select_related("demonstration__campaign", "prompt")
    yield from versions.iterator(chunk_size=CHUNK)


def _write(directory: Path, form: str, rows: Iterable[dict[str, Any]]) -> dict[str, int]:
    directory.mkdir()
    schema = pa.schema([*((name, MESSAGES) for name in FORMS[form]), *((name, pa.string()) for name in ABOUT)])
    made = list(rows)
    pq.write_table(pa.Table.from_pylist(made, schema=schema), directory / "train.parquet", compression="zstd")
    with (directory / "train.jsonl").open("wb") as lines:
        lines.writelines(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in made)
    return {f"{form}/train.{ending}": len(made) for ending in ("parquet", "jsonl")}


def _about(version: DemonstrationVersion, names: Pseudonyms) -> dict[str, str]:
    demonstration = version.demonstration
    return {
        "demonstration": str(demonstration.key),
        "campaign": demonstration.campaign.slug,
        "track": demonstration.campaign.track,
        "category": version.prompt.category,
        "risk_category": version.prompt.risk_category,
        "attack_vector": version.prompt.attack_vector,
        "annotator": names.of(demonstration.author_id),
    }
