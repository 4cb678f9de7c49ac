"""One row of a sealed batch with what proves that it is in it, and the check of that, which needs no database."""

from __future__ import annotations

from typing import Any

import orjson
from django.utils.translation import gettext as _

from exports.verifying import VerificationError
from preferences.errors import Conflict
from preferences.hashing import canonical, merkle_proof, row_hash, verify_proof
from preferences.models import Batch, Comparison
from preferences.rows import rows_by_key

FORMAT = "margin-row-proof-1"


def proof_of(batch: Batch, comparison: Comparison) -> dict[str, Any]:
    """The row as it was sealed, its hash and place, and the hashes that lead to the batch's root.

    Conflict where the batch does not hold the comparison, or its row was changed by an erasure since.
    """
    item = batch.items.filter(comparison=comparison).first()
    if item is None:
        raise Conflict(
            _("Batch %(batch)s does not hold the comparison %(comparison)s. Name the batch that does.")
            % {"batch": batch, "comparison": comparison.key}
        )
    [(_key, row)] = rows_by_key([comparison.pk])
    if row_hash(row) != item.sha256:
        raise Conflict(
            _(
                "The row of the comparison %(comparison)s is not what batch %(batch)s sealed: something of it was "
                "erased since. Its newest version proves what is left."
            )
            % {"batch": batch, "comparison": comparison.key}
        )
    hashes = list(batch.items.order_by("place").values_list("sha256", flat=True))
    return {
        "format": FORMAT,
        "batch": {
            "name": batch.name,
            "version": batch.version,
            "week": batch.week,
            "sha256": batch.sha256,
            "rows": len(hashes),
        },
        "place": item.place,
        "row_sha256": item.sha256,
        "path": merkle_proof(hashes, item.place),
        "row": orjson.loads(canonical(row)),
    }


def check(content: bytes, *, root: str | None = None) -> str:
    """A sentence of what is proven; VerificationError where nothing is.

    `root` is the batch's hash as one knows it from elsewhere: the file alone only agrees with itself.
    """
    try:
        told = orjson.loads(content)
        batch, digest, path = told["batch"], told["row_sha256"], told["path"]
        place, size = int(told["place"]), int(batch["rows"])
        if told["format"] != FORMAT or not isinstance(told["row"], dict):
            raise ValueError
        own = row_hash(told["row"])
        leads = verify_proof(digest, path, batch["sha256"], place=place, size=size)
        name = f"{batch['name']}, version {batch['version']}"
    except (orjson.JSONDecodeError, orjson.JSONEncodeError, KeyError, TypeError, ValueError):
        raise VerificationError("This is no proof as prove_row writes it. Have it written again.") from None
    if own != digest:
        raise VerificationError(f"The row was changed: its hash is {own}, the proof is of {digest}.")
    if not leads:
        raise VerificationError(
            f"The row is not proven: from place {place} of {size:,} the path does not lead to {batch['sha256']}."
        )
    if root is not None and root.strip().lower() != batch["sha256"]:
        raise VerificationError(f"The proof is of another batch: its hash is {batch['sha256']}.")
    return (
        f"The comparison {told['row'].get('comparison')} is row {place + 1:,} of {size:,} of batch {name}, "
        f"whose SHA-256 is {batch['sha256']}."
    )
