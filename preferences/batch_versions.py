"""Versions of a sealed batch: an erasure makes the next one, and what differs can always be told."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from preferences.actions import events
from preferences.choices import Split
from preferences.hashing import canonical, merkle_root, row_hash
from preferences.models import Batch, BatchItem, Comparison, SealedRows
from preferences.origins import Variants, origins
from preferences.rows import rows_by_key
from preferences.sealed_rows import Keeper, keep, parts

if TYPE_CHECKING:
    from preferences.erasing import Erasing

EMPTY = hashlib.sha256(b"").hexdigest()  # the root of a tree without a row (RFC 9162, section 2.1.1)


def newest() -> QuerySet[Batch]:
    """Each batch in its last version; what was erased stands in the earlier ones by its hash only."""
    return Batch.objects.exclude(Exists(later()))


def is_superseded(batch: Batch) -> bool:
    return Batch.objects.filter(name=batch.name, version__gt=batch.version).exists()


def later() -> QuerySet[Batch]:
    """For a subquery: the versions after a batch's."""
    return Batch.objects.filter(name=OuterRef("name"), version__gt=OuterRef("version"))


def hold(under_way: Erasing) -> None:
    """Keeps the rows of what will have a next version, while they still are what was hashed."""
    for batch in _holding(under_way):
        keep(batch)


def renew(under_way: Erasing) -> None:
    """The next version of each batch that holds a comparison whose row went, or reads otherwise now."""
    for old in _holding(under_way):
        if new := _renewed(old, under_way):
            under_way.renewed.append((old, new))


def _holding(under_way: Erasing) -> QuerySet[Batch]:
    touched = under_way.removed | under_way.changed
    items = BatchItem.objects.filter(batch=OuterRef("pk"), comparison__in=touched)
    return newest().filter(Exists(items)).order_by("sealed_at", "pk")


def diff(new: Batch) -> dict[str, Any]:
    """What the version before had and this one has not, or has otherwise: comparisons by key with the rows' hashes."""
    old = Batch.objects.get(name=new.name, version=new.version - 1)
    now = new.items.filter(comparison=OuterRef("comparison")).values("sha256")[:1]
    differing = old.items.annotate(now=Subquery(now)).filter(Q(now=None) | ~Q(now=F("sha256"))).order_by("place")
    lines = list(differing.values_list("comparison__key", "sha256", "now"))
    return {
        "batch": new.name,
        "from": {"version": old.version, "sha256": old.sha256},
        "to": {"version": new.version, "sha256": new.sha256},
        "erased_at": new.erasure.at.isoformat() if new.erasure else None,
        "removed": [{"comparison": str(key), "sha256": before} for key, before, after in lines if after is None],
        "changed": [
            {"comparison": str(key), "old": before, "new": after} for key, before, after in lines if after is not None
        ],
    }


def _renewed(old: Batch, under_way: Erasing) -> Batch | None:
    """None where the batch reads as it did."""
    touched = under_way.removed | under_way.changed
    held = dict(old.items.filter(comparison__in=touched).values_list("comparison", "sha256"))
    gone = held.keys() & under_way.removed
    read = {key: row_hash(row) for key, row in rows_by_key(sorted(held.keys() - gone))}
    changed = {key: digest for key, digest in read.items() if digest != held[key]}
    if not gone and not changed:
        return None
    erasure = under_way.erasure
    said = {field.attname: getattr(old, field.attname) for field in Batch._meta.concrete_fields}
    new = Batch(**said | {"id": uuid.uuid4(), "version": old.version + 1, "erasure_id": erasure.pk})
    _copy_items(old, new, without=gone, changed=changed)
    hashes = list(BatchItem.objects.filter(batch=new.pk).order_by("place").values_list("sha256", flat=True))
    new.sha256 = merkle_root(hashes) if hashes else EMPTY
    kept = Comparison.objects.filter(batch_items__batch=new.pk)
    new.made_of = origins(kept, Variants.of(kept))
    new.save(force_insert=True)
    _copy_rows(old, new, changed)
    SealedRows.objects.filter(batch=old).delete()
    events.record(
        "batch.renewed", new, by=erasure.by, name=new.name, version=new.version, items=len(hashes), sha256=new.sha256,
        erasure=str(erasure.pk), removed=len(gone), changed=len(changed),
    )  # fmt: skip
    return new


def _copy_items(old: Batch, new: Batch, *, without: set[int], changed: Mapping[int, str]) -> None:
    """The sides of the split stay: an item's group is the family's, whatever was erased beside it."""
    table = BatchItem._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO {table} (batch_id, comparison_id, group_id, place, sha256)
            SELECT %s, item.comparison_id, item.group_id, row_number() OVER (ORDER BY item.place) - 1,
                   COALESCE(fresh.sha256, item.sha256)
              FROM {table} item
              LEFT JOIN unnest(%s::bigint[], %s::text[]) AS fresh (comparison_id, sha256) USING (comparison_id)
             WHERE item.batch_id = %s AND item.comparison_id <> ALL (%s::bigint[])
            """,
            [new.pk, list(changed), list(changed.values()), old.pk, list(without)],
        )


def _copy_rows(old: Batch, new: Batch, changed: Mapping[int, str]) -> None:
    """The rows as they were hashed, not built anew but where they changed."""
    places = dict(new.items.values_list("comparison", "place"))
    keeper = Keeper(new.pk)
    for split in Split:
        items = old.items.filter(group__split=split).order_by("place").values_list("comparison", flat=True)
        keys = items.iterator(chunk_size=1000)
        for part in parts(old, split):
            some = part.lines()
            held = dict(zip(islice(keys, len(some)), some, strict=True))
            read = rows_by_key([key for key in held if key in changed])
            held |= {key: canonical(row) for key, row in read}
            for key, line in held.items():
                if key in places:
                    keeper.add(split, places[key], line)
    keeper.close()
