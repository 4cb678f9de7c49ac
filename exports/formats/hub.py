"""A Hugging Face dataset directory: every form of one batch beside the others, a configuration each.

`load_dataset(directory)` gives the first, TRL's preference form; `load_dataset(directory, "kto")` another one. The
README.md that goes with it names them.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from exports.formats import kto, ratings, sft, trl, vote_rows, votes
from exports.formats.files import parquet, together
from exports.selections import Selection
from preferences.margins import NO_MARGIN

AT_ONCE = 3  # forms in a pass over the batch: all six together hold more than 400 MB
PREFERENCE, WITHOUT_MARGIN = "preference", "preference-without-margin"


def write(selection: Selection, out: Path, *, margin: str, excluded: Counter[str]) -> dict[str, int]:
    forms = [parquet(trl.source(selection, excluded, margin), trl.schema(with_margin=margin != NO_MARGIN), PREFERENCE)]
    its_own: dict[str, Counter[str]] = {name: Counter() for name in (WITHOUT_MARGIN, "kto", "sft", "ratings", "votes")}
    if margin != NO_MARGIN:
        bare = trl.source(selection, its_own[WITHOUT_MARGIN], NO_MARGIN)
        forms.append(parquet(bare, trl.schema(with_margin=False), WITHOUT_MARGIN))
    forms += [
        parquet(kto.source(selection, its_own["kto"]), kto.SCHEMA, "kto"),
        parquet(sft.source(selection, its_own["sft"]), sft.SCHEMA, "sft"),
        parquet(ratings.source(selection, its_own["ratings"]), ratings.SCHEMA, "ratings"),
        parquet(votes.source(selection, its_own["votes"]), vote_rows.SCHEMA, "votes"),
    ]
    written = together(out, forms[:AT_ONCE]) | together(out, forms[AT_ONCE:])
    of_all = set(excluded)  # what has no verdict is left out of each form of pairs, and counted once
    for name, counts in its_own.items():
        excluded.update({f"{name}: {reason}": count for reason, count in counts.items() if reason not in of_all})
    return written
