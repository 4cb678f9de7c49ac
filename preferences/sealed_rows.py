"""A batch's rows as they were hashed: kept when it is sealed, checked whenever they are read.

An export does not build rows anew from the record: it reads those whose hashes the batch's root is made of.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, islice

import zstandard
from django.db import transaction
from django.utils.translation import gettext as _

from preferences.choices import Split
from preferences.errors import Conflict
from preferences.hashing import canonical, line_hash
from preferences.models import Batch, SealedRows
from preferences.rows import rows_by_key

ROWS, BYTES = 1000, 1 << 22  # whichever is reached first: what a reader holds at a time


class Keeper:
    """Keeps the canonical rows of a batch, each side's together, in the order in which they are added."""

    def __init__(self, batch: uuid.UUID) -> None:
        self._batch = batch
        self._waiting: dict[str, list[tuple[int, bytes]]] = {split: [] for split in Split}
        self._bytes = dict.fromkeys(self._waiting, 0)
        self._number = dict.fromkeys(self._waiting, 0)
        self._zstd = zstandard.ZstdCompressor(level=1)

    def add(self, split: str, place: int, line: bytes) -> None:
        waiting = self._waiting[split]
        waiting.append((place, line))
        self._bytes[split] += len(line)
        if len(waiting) == ROWS or self._bytes[split] >= BYTES:
            self._write(split)

    def close(self) -> None:
        for split, waiting in self._waiting.items():
            if waiting:
                self._write(split)

    def _write(self, split: str) -> None:
        places, lines = zip(*self._waiting[split], strict=True)
        data = self._zstd.compress(b"\n".join(lines))
        number = self._number[split]
        SealedRows.objects.create(batch_id=self._batch, split=split, number=number, places=list(places), data=data)
        self._waiting[split], self._bytes[split], self._number[split] = [], 0, number + 1


@dataclass(frozen=True)
class Part:
    """Some consecutive rows of one side of a batch, with the hashes of the items that they are the rows of."""

    batch: str
    data: bytes
    sealed: list[str]

    def lines(self) -> list[bytes]:
        """The rows in canonical form. Conflict where they are not what was sealed: what leaves can be proven."""
        found = zstandard.decompress(self.data).split(b"\n")
        if [line_hash(line) for line in found] != self.sealed:
            raise _not_as_sealed(self.batch)
        return found


def parts(batch: Batch, split: Split) -> Iterator[Part]:
    """One side of a batch in its order. Conflict where something is missing."""
    keep(batch)
    # One sorted pass over the items, not one for each part: each would look at the groups of the whole batch again.
    items = batch.items.filter(group__split=split).order_by("place").values_list("place", "sha256").iterator(ROWS)
    for number in count():
        kept = SealedRows.objects.filter(batch=batch, split=split, number=number).first()
        if kept is None:
            break
        sealed = dict(islice(items, len(kept.places)))
        if list(sealed) != kept.places:
            raise _not_as_sealed(str(batch))
        yield Part(str(batch), bytes(kept.data), list(sealed.values()))
    if next(items, None) is not None:
        raise _not_as_sealed(str(batch))


def keep(batch: Batch) -> None:
    """For a batch that was sealed before rows were kept."""
    if not SealedRows.objects.filter(batch=batch).exists():
        _keep(batch)


@transaction.atomic
def _keep(batch: Batch) -> None:
    Batch.objects.select_for_update(no_key=True).get(pk=batch.pk)
    if SealedRows.objects.filter(batch=batch).exists():
        return  # somebody else did meanwhile
    items = list(batch.items.order_by("place").values_list("comparison", "place", "sha256", "group__split"))
    keeper = Keeper(batch.pk)
    for (_key, row), (_comparison, place, sha256, split) in zip(
        rows_by_key([item[0] for item in items]), items, strict=True
    ):
        line = canonical(row)
        if line_hash(line) != sha256:
            raise _not_as_sealed(str(batch))
        if split is not None:  # what is on neither side never leaves
            keeper.add(split, place, line)
    keeper.close()


def _not_as_sealed(batch: str) -> Conflict:
    return Conflict(
        _(
            "The rows of batch %(batch)s are no longer those that were sealed: something of it was erased, or the "
            "database was changed past Margin. Nothing was written. Use the batch's newest version."
        )
        % {"batch": batch}
    )
