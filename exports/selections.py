"""What of a batch goes into an export: all of it, or the mix that a reward model of one track is trained on.

The paper's mixes (Llama 2, section 3.2.2): for helpfulness all helpfulness comparisons and as many drawn uniformly from
the safety ones and public sets; for safety all safety comparisons and Anthropic's Harmless, and a tenth of the whole
from the helpfulness ones and public sets. The held-out comparisons of the track are never mixed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from exports.public_sets import MOST_TOLD, Opened, Others, Pair, PublicSet, drawn, is_drawn, kept, key_of, opened
from exports.rows import preference_rows, sealed_rows
from preferences.choices import Split, Track
from preferences.errors import InvalidInput
from preferences.models import Batch
from preferences.progress import Progress
from preferences.rows import Row

T = TypeVar("T")

# Of the whole, what is drawn from elsewhere; and whether public sets of the track itself are taken whole.
OTHERS: Mapping[str, float] = {Track.HELPFULNESS: 0.5, Track.SAFETY: 0.1}
WHOLE_SETS = (Track.SAFETY,)


# Formats of pairs; the others are of everything that was sealed.
MIXED_FORMATS = ("trl", "kto", "sft", "hh", "openai", "openrlhf", "axolotl", "llama-factory")


def check_mix(format: str, mix: str, public: Sequence[PublicSet]) -> None:
    """InvalidInput where there is no such mix, the format has no place for one, or public sets stand without one."""
    if mix and mix not in OTHERS:
        raise InvalidInput(
            _("There is no mix “%(name)s”; known are %(known)s.") % {"name": mix, "known": ", ".join(OTHERS)},
            field="mix",
        )
    if mix and format not in MIXED_FORMATS:
        raise InvalidInput(
            _("The format “%(format)s” is not of pairs, which a mix is made of. Leave the mix empty.")
            % {"format": format},
            field="mix",
        )
    if public and not mix:
        raise InvalidInput(_("Public sets are drawn from by a mix: name helpfulness or safety."), field="mix")


@dataclass
class Selection:
    """A batch, for one track's mix where `mix` names it, with public sets beside it.

    `drawn_from` counts what the training rows of a mix came from, once they were read; `read` tells of its public sets
    which files they were, `broken` which entries could not be read and why; `progress` how many were. With
    `votes_beside` the single votes leave beside the format. `hashes` are those of files that are written, by name.
    """

    batch: Batch
    mix: str = ""
    public: tuple[PublicSet, ...] = ()
    drawn_from: Counter[str] = field(default_factory=Counter)
    read: list[dict[str, str]] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    stop: bool = False  # at the first entry of a public set that cannot be read, rather than leave it out
    progress: Progress | None = None
    votes_beside: bool = False
    hashes: dict[str, str] = field(default_factory=dict)

    def rows(self, split: Split) -> Iterator[Row]:
        """Everything that was sealed, with a verdict or without; a mix is of verdicts only."""
        return self._watched(sealed_rows(self.batch, split))

    def pairs(self, split: Split, excluded: Counter[str]) -> Iterator[Pair]:
        """The comparisons with a verdict; counts in `excluded` what has none."""
        return self._watched(self._pairs(split, excluded))

    def _watched(self, found: Iterator[T]) -> Iterator[T]:
        return self.progress.over(found) if self.progress else found

    def _pairs(self, split: Split, excluded: Counter[str]) -> Iterator[Pair]:
        if not self.mix:
            yield from preference_rows(self.batch, split, excluded)
        elif split is Split.TEST:
            yield from self._own(split, excluded)
        else:
            with opened(self.public) as public:
                self.read = [one.as_json() for one in public]
                yield from self._mixed(public, excluded)

    def _own(self, split: Split, excluded: Counter[str]) -> Iterator[Pair]:
        return (pair for pair in preference_rows(self.batch, split, excluded) if pair[0]["track"] == self.mix)

    def _mixed(self, public: Sequence[Opened], excluded: Counter[str]) -> Iterator[Pair]:
        """Two passes over what is drawn from: one to know which, one to write them; memory holds their hashes."""
        whole = [one for one in public if one.set.track == self.mix and self.mix in WHOLE_SETS]
        beside = [one for one in public if one not in whole]
        taken: set[bytes] = set()
        for pair in self._own(Split.TRAIN, excluded):
            taken.add(key_of(pair[0]))
            yield self._noted(pair)
        first = Others(whole, taken=taken, excluded=excluded, stop=self.stop)
        for pair in kept(first.pairs(count=True), excluded):
            taken.add(key_of(pair[0]))
            yield self._noted(pair)
        others = Others(beside, taken=taken, excluded=excluded, stop=self.stop)
        wanted = round(self.drawn_from.total() * OTHERS[self.mix] / (1 - OTHERS[self.mix]))
        chosen = drawn(self._beside(others, count=True), wanted, seed=self.batch.seed)
        beside_it = (
            pair for pair in self._beside(others, count=False) if is_drawn(pair[0], chosen, seed=self.batch.seed)
        )
        for pair in kept(beside_it, excluded):
            yield self._noted(pair)
        self.broken = [*first.broken, *others.broken][:MOST_TOLD]

    def _beside(self, others: Others, *, count: bool) -> Iterator[Pair]:
        left_out: Counter[str] = Counter()  # counted with the track's own
        ours = (pair for pair in preference_rows(self.batch, Split.TRAIN, left_out) if pair[0]["track"] != self.mix)
        return others.pairs(ours, count=count)

    def _noted(self, pair: Pair) -> Pair:
        self.drawn_from[pair[0].get("dataset") or pair[0]["track"]] += 1
        return pair

    def as_json(self) -> dict[str, Any] | None:
        """What the manifest says of the mix; None where there is none."""
        if not self.mix:
            return None
        return {
            "name": self.mix,
            "others": OTHERS[self.mix],
            "train": dict(sorted(self.drawn_from.items())),
            "public": self.read,
            "unreadable": self.broken,
            "stops_at_unreadable": self.stop,
        }
