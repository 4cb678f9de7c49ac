"""Which texts are near a prompt whose side of the split is drawn (preferences.models.HoldoutGroup).

A prompt of the split is a user message that tells what is asked by itself: what begins a dialogue, however short, and
any later message but for the shortest ("Go on.", "Can you say that more simply?"), which stand in dialogues about
anything and would tie all of them together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from django.db import connection
from django.db.models import BinaryField, Func
from numpy.typing import NDArray

from preferences.choices import Split
from preferences.follow_ups import sides_followed
from preferences.models import Batch, Dialogue, HoldoutGroup, Turn
from preferences.models.prompts import family_of
from preferences.near_duplicates import BANDS, SAME, Keys, jaccard, shingles, sketches, weight
from preferences.near_groups import Sketches, listed
from preferences.planner import any_of, by_key
from preferences.spool import FAMILY, Places, Spool, in_pieces

# Letters; a Han character counts as two. "Can you explain that in more detail?" has 36.
LEAST_FOLLOW_UP = 40
OTHERS_AT_ONCE = 50_000
PAGES_AT_ONCE = 2_000  # of 25 prompts or so
SKETCHED_AT_ONCE = 1 << 18  # prompts whose keys are in memory, sorted: 75 MB
DIALOGUES_AT_ONCE = 5_000
FAMILIES_AT_ONCE = 10_000

# Keys that two texts share, of which one cannot be read. At a similarity of 0.8 that is missed 6 times in 1,000, and it
# happens to 3 of 100 pairs at 0.5 and to one in 40,000 at 0.3.
SHARED = 3
# Sides that a text meets: it may be both.
BITS: dict[str, int] = {Split.TRAIN: 1, Split.TEST: 2}
# A stored sketch as PostgreSQL sends an array: numbers, which take four times as long to read one by one.
_SENT = Func("prompt__sketch", function="array_send", output_field=BinaryField())
_SENT_KEY = np.dtype([("length", ">i4"), ("key", ">i8")])
_SENT_HEADER = 20
_SENT_BYTES = _SENT_HEADER + BANDS * _SENT_KEY.itemsize
_NO_KEYS = bytes(8 * BANDS)  # of what was stored without; no text has such
_pieces = lru_cache(maxsize=20_000)(shingles)


def tells_by_itself(text: str) -> bool:
    return weight(text) >= LEAST_FOLLOW_UP


@dataclass(frozen=True, slots=True)
class Said:
    """A user message of a dialogue; `turn` is -1 where it stands before the first turn."""

    dialogue: int
    turn: int
    family: str
    text: str
    sketch: bytes | memoryview = b""  # as PostgreSQL sends an array
    opens: bool = False

    @property
    def counts(self) -> bool:
        return self.opens or tells_by_itself(self.text)


@dataclass(frozen=True)
class Known:
    """Prompts whose side is drawn, some at once: of each its side (`BITS`), a dialogue that has it, and its keys.

    The dialogue is the one that was sealed with it first, -1 where it is from elsewhere.
    """

    names: str  # one after the other
    sides: NDArray[np.uint8]
    dialogues: NDArray[np.int64]
    keys: Keys

    def family(self, place: int) -> str:
        return self.names[place * FAMILY : (place + 1) * FAMILY].rstrip()

    def texts(self, places: Iterable[int]) -> dict[str, str]:
        """By family, those at these places, as they stand in their dialogues."""
        dialogues = {pk for place in places if (pk := int(self.dialogues[place])) >= 0}
        return {said.family: said.text for said in user_messages(sorted(dialogues))}


def user_messages(dialogues: Sequence[int]) -> Iterator[Said]:
    """What the user said in each of the dialogues, in order; of no order among the dialogues."""
    for start in range(0, len(dialogues), DIALOGUES_AT_ONCE):
        with by_key():
            said = list(_user_messages(dialogues[start : start + DIALOGUES_AT_ONCE]))
        yield from said


def _user_messages(dialogues: Sequence[int]) -> Iterator[Said]:
    begun = set()
    before = Dialogue.objects.filter(any_of("pk", dialogues)).exclude(context=[])
    for pk, family, context in before.values_list("pk", "family", "context"):
        for message in context:
            if message["role"] == "user":
                opens, text = pk not in begun, message["content"]
                yield Said(pk, -1, family if opens else family_of(text), text, opens=opens)
                begun.add(pk)
    turns = Turn.objects.filter(any_of("dialogue", dialogues)).order_by("dialogue", "index")
    wanted = ("dialogue", "index", "dialogue__family", "prompt__family", "prompt__text", _SENT)
    for pk, index, first, family, text, sketch in turns.values_list(*wanted):
        opens = index == 0 and pk not in begun
        yield Said(pk, index, first if opens else family, text, sketch, opens=opens)


def sketches_of(said: Sequence[Said]) -> Keys:
    """The stored ones, and those of messages that have none."""
    keys = np.empty((len(said), BANDS), dtype=np.int64)
    stored = np.array([len(one.sketch) == _SENT_BYTES for one in said], dtype=np.bool_)
    sent = b"".join(bytes(one.sketch)[_SENT_HEADER:] for one in said if len(one.sketch) == _SENT_BYTES)
    keys[stored] = np.frombuffer(sent, dtype=_SENT_KEY).reshape(-1, BANDS)["key"]
    keys[~stored] = sketches([one.text for one in said if len(one.sketch) != _SENT_BYTES])
    return keys


_KNOWN = f"""
    SELECT string_agg(rpad(family, {FAMILY}), ''),
           string_agg(CASE split WHEN '{Split.TEST}' THEN %s ELSE %s END, ''),
           string_agg(int8send(COALESCE(dialogue_id, -1)), ''),
           string_agg(CASE length(sketch) WHEN {8 * BANDS} THEN sketch ELSE %s END, '')
      FROM {HoldoutGroup._meta.db_table}
     WHERE ctid >= %s::tid AND ctid < %s::tid AND split = ANY(%s)
"""


def known(split: Split | None = None) -> Iterator[Known]:
    """All prompts whose side is drawn, or those of one side, in constant memory.

    As they lie in the table, so many pages at a time, each column as one value: Python handles no single row.
    """
    table, wanted = HoldoutGroup._meta.db_table, [split] if split else list(Split)
    bits = [bytes([BITS[side]]) for side in (Split.TEST, Split.TRAIN)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_relation_size(%s) / current_setting('block_size')::int", [table])
        pages = cursor.fetchone()[0]
        for first in range(0, pages, PAGES_AT_ONCE):
            between = [f"({page},0)" for page in (first, first + PAGES_AT_ONCE)]
            cursor.execute(_KNOWN, [*bits, _NO_KEYS, *between, list(map(str, wanted))])
            names, *columns = cursor.fetchone()
            if names:
                sides, dialogues, keys = (
                    np.frombuffer(column, dtype=kind)
                    for column, kind in zip(columns, ("u1", ">i8", "<i8"), strict=True)
                )
                yield Known(names, sides, dialogues, keys.reshape(-1, BANDS))


def is_near(text: str, other: str) -> bool:
    return jaccard(_pieces(text), _pieces(other)) >= SAME


def _is_near(text: str, keys: Keys, other: str | None, other_keys: Keys) -> bool:
    """Measured, or told by the keys alone where the other one cannot be read."""
    return is_near(text, other) if other is not None else int((keys == other_keys).sum()) >= SHARED


def drawn_sides(families: Sequence[str]) -> dict[str, str]:
    """The side of each family that has one."""
    found: dict[str, str] = {}
    for start in range(0, len(families), FAMILIES_AT_ONCE):
        some = HoldoutGroup.objects.filter(family__in=families[start : start + FAMILIES_AT_ONCE])
        found |= dict(some.values_list("family", "split"))
    return found


def sides_near(prompts: Spool, places: Places) -> NDArray[np.uint8]:
    """The sides (`BITS`) on which each of the prompts at these places, which ascend, has one that is near."""
    found = np.zeros(len(places), dtype=np.uint8)
    for some in in_pieces(places, SKETCHED_AT_ONCE):
        sketched = Sketches(prompts.keys(places[some]))
        for earlier in known():
            _meet(prompts, places[some], found[some], sketched, earlier)
    return found


def _meet(prompts: Spool, places: Places, found: NDArray[np.uint8], sketched: Sketches, earlier: Known) -> None:
    bits = earlier.sides
    for ones, others, unseen in sketched.with_others(earlier.keys):
        wanted = found[ones] & bits[others] == 0
        ones, others = ones[wanted], others[wanted]
        if unseen:
            np.bitwise_or.at(found, ones, bits[others])
            continue
        read = earlier.texts(others.tolist())
        for one, other in zip(ones.tolist(), others.tolist(), strict=True):
            if not found[one] & bits[other] and _is_near(
                prompts.text(places[one]), sketched.keys(one), read.get(earlier.family(other)), earlier.keys[other]
            ):
                found[one] |= bits[other]


def meetings(prompts: Spool, places: Places) -> Iterator[tuple[int, int, bool]]:
    """Which of the prompts at these places, which ascend, meet each other (preferences.near_groups), by number."""
    for some in in_pieces(places, SKETCHED_AT_ONCE):
        sketched, first = Sketches(prompts.keys(places[some])), some.start
        yield from listed((a + first, b + first, unseen) for a, b, unseen in sketched.among_themselves())
        for others in in_pieces(places[some.stop :], OTHERS_AT_ONCE):
            later = some.stop + others.start
            met = sketched.with_others(prompts.keys(places[some.stop :][others]))
            yield from listed((a + first, b + later, unseen) for a, b, unseen in met)


class HeldOut:
    """The held-out prompts of all batches, for whoever takes texts from elsewhere to train on."""

    def __init__(self) -> None:
        self._batches = -1
        self.refresh()

    def refresh(self) -> None:
        """Reads them again if a batch was sealed since."""
        batches = Batch.objects.count()
        if batches == self._batches:
            return
        self._batches = batches
        parts = list(known(Split.TEST))
        self._all = Known(
            "".join(some.names for some in parts),
            np.concatenate([some.sides for some in parts] or [np.empty(0, dtype=np.uint8)]),
            np.concatenate([some.dialogues for some in parts] or [np.empty(0, dtype=np.int64)]),
            np.concatenate([some.keys for some in parts] or [sketches([])]),
        )
        self._families = [self._all.family(place) for place in range(len(self._all.sides))]
        self._held_out = frozenset(self._families)
        self._sketches = Sketches(self._all.keys)
        self._texts: dict[str, str] = {}

    def have(self, dialogues: Sequence[Sequence[str]]) -> list[bool]:
        """Whether one of the user messages of each dialogue is a held-out prompt, or near one.

        Or whether it begins with what a held-out dialogue goes on with.
        """
        texts = list({text for said in dialogues for text in said})
        begun = {said[0]: family_of(said[0]) for said in dialogues if said}
        followed = sides_followed(sorted(set(begun.values())))
        begins = {text for text, family in begun.items() if Split.TEST in followed.get(family, ())}
        found = {text for text in texts if family_of(text) in self._held_out}
        keys = sketches(texts)
        pairs = list(listed(self._sketches.with_others(keys)))
        unread = {one for one, _, unseen in pairs if not unseen and self._families[one] not in self._texts}
        self._texts |= self._all.texts(unread)
        for one, other, unseen in pairs:
            if texts[other] not in found and (
                unseen or _is_near(texts[other], keys[other], self._texts.get(self._families[one]), self._all.keys[one])
            ):
                found.add(texts[other])
        return [not found.isdisjoint(said) or not begins.isdisjoint(said[:1]) for said in dialogues]
