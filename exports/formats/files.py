"""Rows into the files of an export: Parquet for what is loaded by column, JSON lines for what reads them so.

Most formats are made part by part of a batch, on all cores where it is large; the single votes beside a format are made
in the same pass, so that each row is read, checked and parsed once.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from exports import exclusions
from exports.beside import cores, in_order
from exports.formats import VOTES, vote_rows
from exports.formats.columns import MESSAGES as MESSAGES
from exports.formats.sinks import JsonLines, Kind, Made, Parquet
from exports.rows import Pair, rows_of, with_verdict
from exports.selections import Selection
from exports.verdicts import Aggregate
from preferences.choices import Split
from preferences.models import SealedRows
from preferences.rows import Row
from preferences.sealed_rows import Part, parts

ROW_GROUP = 2000  # what a reader that streams holds at once: about 10 MB of dialogues

# Of a mix: which public set a row is from, and under which licence; empty for what was collected here.
SOURCE = (("dataset", pa.string()), ("licence", pa.string()))

LEAST_PARTS = 8  # of a batch, before it is worth while to start processes

Make = Callable[[Row, Aggregate], Iterable[Made]]
MakeAll = Callable[[Sequence[Row], Split], Iterable[Made]]


@dataclass(frozen=True)
class Parts:
    """Rows that are made of each part of a batch by itself; `make` may not remember one for the next."""

    selection: Selection
    excluded: Counter[str]
    make: MakeAll


@dataclass(frozen=True)
class Stream:
    """Rows that are made one after the other."""

    selection: Selection
    rows: Callable[[Split], Iterable[Made]]


Source = Parts | Stream


@dataclass(frozen=True)
class Form:
    """What is written in one folder: of which rows, and how."""

    source: Source
    kind: Kind
    folder: str = "data"


def pairs(selection: Selection, excluded: Counter[str], make: Make) -> Source:
    """What `make` makes of each comparison with a verdict; it may not remember one for the next."""
    if selection.mix:
        return Stream(selection, lambda split: _made(selection.pairs(split, excluded), make))
    marked = exclusions.left_out(selection.batch)
    return Parts(selection, excluded, lambda rows, _split: _made(with_verdict(rows, marked, excluded), make))


def everything(selection: Selection, excluded: Counter[str], make: MakeAll) -> Parts:
    """What `make` makes of all comparisons that were sealed; it may not remember one for the next."""
    return Parts(selection, excluded, make)


def _made(found: Iterable[Pair], make: Make) -> Iterator[Made]:
    return (one for row, verdict in found for one in make(row, verdict))


def parquet(source: Source, schema: pa.Schema, folder: str = "data") -> Form:
    """FOLDER/train-00000-of-00001.parquet and so on, and the same of test."""
    return Form(source, Parquet(schema), folder)


def splits_as_parquet(out: Path, source: Source, schema: pa.Schema) -> dict[str, int]:
    """data/train-00000-of-00001.parquet and so on, and the same of test; the rows of each."""
    return splits(out, parquet(source, schema), votes=Parquet(vote_rows.SCHEMA))


def splits_as_lines(out: Path, source: Source) -> dict[str, int]:
    """data/train.jsonl and data/test.jsonl; the rows of each that is there."""
    return splits(out, Form(source, JsonLines()), votes=JsonLines())


def splits(out: Path, form: Form, *, votes: Kind) -> dict[str, int]:
    """Both sides, and the single votes of `votes` kind beside them where the selection wants them; rows by file."""
    selection, beside = form.source.selection, []
    if selection.votes_beside:
        beside.append(Form(everything(selection, Counter(), vote_rows.maker(selection.batch)), votes, VOTES))
    written = together(out, [form, *beside])
    return written if any(name.startswith(f"{form.folder}/") for name in written) else {}


def together(out: Path, forms: Sequence[Form]) -> dict[str, int]:
    """Several forms of one selection, in one pass where they are made in parts; rows by file, in the forms' order."""
    named = _in_parts(out, forms)
    for form in forms:
        if isinstance(form.source, Stream):
            named |= _in_a_row(out, form.source, form)
    return {name: named[name] for form in forms for name in named if name.startswith(f"{form.folder}/")}


def _in_a_row(out: Path, source: Stream, form: Form) -> dict[str, int]:
    written: dict[str, int] = {}
    for split in Split:
        rest = iter(source.rows(split))
        groups = iter(lambda rest=rest: list(itertools.islice(rest, ROW_GROUP)), [])  # type: ignore[misc]
        written |= _written(out, split, [form], ([form.kind.convert(group)] for group in groups))
    return written


def _in_parts(out: Path, forms: Sequence[Form]) -> dict[str, int]:
    made = [(form, form.source) for form in forms if isinstance(form.source, Parts)]
    if not made:
        return {}
    found = [_written(out, split, [form for form, _ in made], _groups(split, made)) for split in Split]
    return {name: count for written in found for name, count in written.items()}


def _written(out: Path, split: Split, forms: Sequence[Form], groups: Iterable[Sequence[Any]]) -> dict[str, int]:
    """Each group of the sequences to the sink of the form in its place; rows by file. Hashes are noted."""
    with ExitStack() as open_:
        sinks = [form.kind.sink(out / form.folder / split) for form in forms]
        for sink in sinks:
            open_.callback(sink.abandon)
        for some in groups:
            for sink, group in zip(sinks, some, strict=True):
                if group is not None:
                    sink.add(group)
        rows: dict[str, int] = {}
        for form, sink in zip(forms, sinks, strict=True):
            rows |= {f"{form.folder}/{name}": count for name, count in sink.close().items()}
            form.source.selection.hashes |= {f"{form.folder}/{name}": sha for name, sha in sink.hashes.items()}
        return rows


def _groups(split: Split, made: Sequence[tuple[Form, Parts]]) -> Iterator[list[Any]]:
    """What each form makes of each part, in order; None where that is nothing."""
    selection = made[0][1].selection
    batch, progress = selection.batch, selection.progress
    alone = cores() == 1 or SealedRows.objects.filter(batch=batch, split=split).count() < LEAST_PARTS

    def work(part: Part) -> tuple[list[Any], list[Counter[str]], int]:
        before = [source.excluded.copy() for _, source in made]
        rows = list(rows_of(part))
        groups = [
            form.kind.convert(some) if (some := list(source.make(rows, split))) else None for form, source in made
        ]
        left_out = [source.excluded - then for (_, source), then in zip(made, before, strict=True)]
        return groups, left_out, len(rows)

    if not alone:
        _make_arrow_ready()
    some = parts(batch, split)
    for groups, left_out, read in map(work, some) if alone else in_order(work, some, processes=cores()):
        if not alone:  # they were counted in another process
            for (_, source), counts in zip(made, left_out, strict=True):
                source.excluded.update(counts)
        if progress:
            progress.add(read)
        yield groups


def _make_arrow_ready() -> None:
    """Before processes are forked from this one."""
    pa.set_memory_pool(pa.system_memory_pool())  # Arrow's own gives the pages of a part back and takes them anew
    pa.array([0])  # looks for pandas the first time, for a quarter of a second: here, not in each process


def with_source(schema: pa.Schema, selection: Selection) -> pa.Schema:
    """The columns of the format, and in a mix those of where a row is from."""
    return pa.schema([*schema, *(pa.field(*column) for column in SOURCE)]) if selection.mix else schema


def source_of(row: Row) -> Made:
    return {name: row.get(name, "") for name, _ in SOURCE}


def spoken(row: Row) -> list[dict[str, str]]:
    """The messages as people read them: who speaks first. In canonical form their names are sorted."""
    return [{"role": message["role"], **message} for message in row["messages"]]


def answer(row: Row, position: str) -> list[dict[str, str]]:
    """A response as the one message that it is."""
    return [{"role": "assistant", "content": row[f"response_{position}"]["text"]}]
