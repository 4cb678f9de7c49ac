"""Rows of public preference sets beside our own: read from local files, checked, counted, and drawn from."""

from __future__ import annotations

import hashlib
import heapq
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from io import BufferedReader
from itertools import chain, islice
from pathlib import Path
from typing import Any

import orjson
from django.utils.translation import gettext as _

from exports.sources import SOURCES, read
from exports.sources.reading import LONGEST_REASON, Broken
from exports.verdicts import Aggregate, aggregate
from preferences.actions import holdout
from preferences.errors import Conflict, DomainError
from preferences.held_out import HeldOut
from preferences.importing import parse
from preferences.rows import Row
from preferences.scales import Scale
from preferences.text import printable

MOST_VOTES = 100
AT_ONCE = 500
MOST_TOLD = 20  # entries that cannot be read, of which a manifest says where and why; all are counted
BROKEN = "public: an entry that cannot be read"
NO_VERDICT = "public: as many votes for either response"
HELD_OUT = "public: a prompt that is held out here, or near one"
OURS = "public: a pair that is there already"
OURS_TWICE = "of the other track: a pair that is there already"

Pair = tuple[Row, Aggregate]


@dataclass(frozen=True)
class PublicSet:
    """A file of a public set, for one track."""

    source: str
    track: str
    path: Path
    name: str = ""  # in the catalogue of this server; empty where a command named the file
    licence: str = ""  # that of its form, unless another is stated

    def __post_init__(self) -> None:
        object.__setattr__(self, "licence", self.licence or SOURCES[self.source].licence)

    @property
    def title(self) -> str:
        """What its form is called."""
        return SOURCES[self.source].title

    def stored(self) -> dict[str, str]:
        return asdict(self) | {"path": str(self.path)}

    @classmethod
    def restored(cls, stored: Mapping[str, str]) -> PublicSet:
        path, name, licence = Path(stored["path"]), stored.get("name", ""), stored.get("licence", "")
        return cls(stored["source"], stored["track"], path, name=name, licence=licence)


@dataclass(frozen=True)
class Opened:
    """A public set with its file open: each pass reads the same bytes, whatever is laid in its place meanwhile."""

    set: PublicSet
    file: BufferedReader
    sha256: str

    def as_json(self) -> dict[str, str]:
        """What a manifest says of it: which bytes they were, not where they lay."""
        return {
            **({"name": self.set.name} if self.set.name else {}),
            "source": self.set.source,
            "track": self.set.track,
            "licence": self.set.licence,
            "file": self.set.path.name,
            "sha256": self.sha256,
        }


@contextmanager
def opened(sets: Sequence[PublicSet]) -> Iterator[list[Opened]]:
    """The sets while they are read. Conflict where a file cannot be opened, or was written to until the end."""
    with ExitStack() as held:
        found = [_opened(one, held) for one in sets]
        yield found
        for one in found:
            if _digest(one.file) != one.sha256:
                raise Conflict(
                    _("%(file)s was written to while it was read. Nothing was kept. Ask again once the file is whole.")
                    % {"file": one.set.path.name}
                )


def _opened(public: PublicSet, held: ExitStack) -> Opened:
    try:
        file = held.enter_context(public.path.open("rb"))
    except OSError as error:
        raise Conflict(
            _("%(file)s cannot be opened: %(why)s. Nothing was kept. Put the file back, or ask without it.")
            % {"file": public.path.name, "why": error.strerror}
        ) from None
    return Opened(public, file, _digest(file))


def _digest(file: BufferedReader) -> str:
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()


def names(stored: Iterable[Mapping[str, str]]) -> list[str]:
    """What an export's public sets are called: by the catalogue, or their files where a command named them."""
    return [one.get("name") or Path(one["path"]).name for one in stored]


@dataclass(frozen=True)
class Skipped:
    """Entries of public sets that could not be read and were left out; of the first ones where, and why."""

    count: int
    first: Sequence[str]


def skipped(manifest: str) -> Skipped:
    """What the manifest of an export says of them; of none where nothing is written yet."""
    said = orjson.loads(manifest) if manifest else {}
    return Skipped(said.get("excluded", {}).get(BROKEN, 0), said.get("mix", {}).get("unreadable", []))


class Others:
    """Candidates from elsewhere, in one pass over a file each time; nothing of them is kept but their hashes."""

    def __init__(
        self, sets: Sequence[Opened], *, taken: Collection[bytes], excluded: Counter[str], stop: bool = False
    ) -> None:
        """`taken` are the keys of the pairs that are in already (`key_of`); `stop` at an entry that cannot be read."""
        self._sets = sets
        self._stop = stop
        self._taken = set(taken)
        self._excluded = excluded
        self._held_out = HeldOut()
        self.broken: list[str] = []  # the first ones, as FILE:NUMBER: why

    def pairs(self, ours: Iterable[Pair] = (), *, count: bool) -> Iterator[Pair]:
        """Those of ours and then the sets', each pair once; what is left out is counted in one pass of several."""
        seen = set(self._taken)
        self.broken.clear()  # each pass meets the same ones
        excluded: Counter[str] = Counter()
        for reason, pair in chain((("", pair) for pair in ours), self._read()):
            if pair is not None and (key := key_of(pair[0])) in seen:
                reason, pair = OURS if pair[0].get("dataset") else OURS_TWICE, None
            if pair is None:
                excluded[reason] += 1
                continue
            seen.add(key)
            yield pair
        if count:
            self._excluded.update(excluded)

    def _read(self) -> Iterator[tuple[str, Pair | None]]:
        for one in self._sets:
            lines = iter(read(one.set.source, one.set.path, one.file))
            while some := list(islice(lines, AT_ONCE)):
                found = [self._found(line, one.set) for line in some]
                held_out = self._held_out.have([[] if pair is None else _asked(pair[0]) for _, pair in found])
                yield from (
                    (HELD_OUT, None) if is_held_out else each for each, is_held_out in zip(found, held_out, strict=True)
                )

    def _found(self, line: Mapping[str, Any] | Broken, public: PublicSet) -> tuple[str, Pair | None]:
        if isinstance(line, Broken):
            return self._told(f"{public.path.name}:{line.number}", line.reason)
        try:
            return _pair(line, public)
        except DomainError as error:
            return self._told(line["id"], printable(str(error), LONGEST_REASON))

    def _told(self, where: str, why: str) -> tuple[str, None]:
        """Left out and told where it is; Conflict where nothing may be left out."""
        if self._stop:
            raise Conflict(
                _("%(where)s cannot be read: %(why)s. The export stopped there. Mend the file, or have it left out.")
                % {"where": where, "why": why}
            )
        if len(self.broken) < MOST_TOLD:
            self.broken.append(f"{where}: {why}")
        return BROKEN, None


def kept(pairs: Iterator[Pair], excluded: Counter[str]) -> Iterator[Pair]:
    """Those that are written: what public ones among them ask is for training from now on, and never held out."""
    held_out = HeldOut()
    while some := list(islice(pairs, AT_ONCE)):
        asked = [_asked(row) if row.get("dataset") else [] for row, _ in some]
        allowed = holdout.keep_for_training(dialogues=asked, held_out=held_out, source="public sets", by=None)
        excluded.update(HELD_OUT for may in allowed if not may)
        yield from (pair for pair, may in zip(some, allowed, strict=True) if may)


def drawn(pairs: Iterator[Pair], wanted: int, *, seed: str) -> set[bytes]:
    """The keys of a uniform draw without replacement: the pairs with the lowest seeded hashes, in constant memory.

    All are looked at where none is wanted, too: what a file has that cannot be read does not depend on how many are.
    """
    lowest = heapq.nsmallest(max(wanted, 1), (_hash(seed, key_of(row)) for row, _ in pairs))
    return set(lowest[:wanted])


def is_drawn(row: Row, chosen: set[bytes], *, seed: str) -> bool:
    return _hash(seed, key_of(row)) in chosen


def key_of(row: Row) -> bytes:
    """The same for two rows with the same dialogue and responses, in whatever order."""
    texts = sorted(row[name]["text"].strip() for name in ("response_a", "response_b"))
    said = [[message["role"], message["content"].strip()] for message in row["messages"]]
    return hashlib.sha256(orjson.dumps([said, texts])).digest()


def _hash(seed: str, key: bytes) -> bytes:
    return hashlib.sha256(seed.encode() + key).digest()


def _asked(row: Row) -> list[str]:
    return [message["content"] for message in row["messages"] if message["role"] == "user"]


def _pair(line: Mapping[str, Any], public: PublicSet) -> tuple[str, Pair | None]:
    """The row as one of ours and its verdict, or why it is left out; DomainError where it is no row."""
    degrees = any("degree" in vote for vote in line["votes"])
    scale = Scale.SEVEN_POINT if degrees else Scale.THREE_POINT
    found = parse(orjson.dumps(line), scale, most_votes=MOST_VOTES)
    verdict = aggregate([vote.verdict.score for vote in found.votes if vote.verdict.score is not None], degrees=degrees)
    if verdict is None:
        return NO_VERDICT, None
    return "", (_row(line, public, [vote.verdict.score for vote in found.votes], scale), verdict)


def _row(line: Mapping[str, Any], public: PublicSet, scores: Sequence[int | None], scale: Scale) -> Row:
    return {
        "comparison": line["id"],
        "campaign": "",
        "track": public.track,
        "scale": str(scale),
        "category": "",
        "risk_category": "",
        "messages": line["prompt"],
        "response_a": _response(line, "a"),
        "response_b": _response(line, "b"),
        "judgments": [{"score": score, "safety_a": None, "safety_b": None} for score in scores],
        "dataset": public.source,
        "licence": public.licence,
    }


def _response(line: Mapping[str, Any], side: str) -> dict[str, Any]:
    return {"text": line[f"response_{side}"], "variant": line.get(f"variant_{side}", ""), "temperature": None}
