"""A Hugging Face dataset directory: every form of one batch beside the others, a configuration each.

`load_dataset(directory)` gives the first, TRL's preference form; `load_dataset(directory, "kto")` another one. The
README.md that goes with it names them.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from exports.formats import kto, ratings, sft, trl, votes
from exports.selections import Selection
from preferences.margins import NO_MARGIN

WITHOUT_MARGIN = "preference-without-margin"


def write(selection: Selection, out: Path, *, margin: str, excluded: Counter[str]) -> dict[str, int]:
    written = trl.write(selection, out, margin=margin, excluded=excluded, folder="preference")
    others = {"kto": kto.write, "sft": sft.write, "ratings": ratings.write, "votes": votes.write_parquet}
    if margin != NO_MARGIN:
        others = {WITHOUT_MARGIN: trl.write, **others}
    of_all = set(excluded)  # what has no verdict is left out of each form of pairs, and counted once
    for name, form in others.items():
        its_own: Counter[str] = Counter()
        written |= form(selection, out, margin=NO_MARGIN, excluded=its_own, folder=name)
        excluded.update({f"{name}: {reason}": count for reason, count in its_own.items() if reason not in of_all})
    return written
