"""The two sides of the split: what is trained on and what is held out, for good (Llama 2, section 3.2.2).

A dialogue, and every dialogue that has a prompt near one of its prompts, is one group, and a group is on one side.
Groups that meet nothing of earlier batches are drawn; the others follow what was drawn before. Nothing that was drawn
ever moves, so a group that meets both sides cannot be on the held-out one: of its dialogues those that are near a
held-out prompt are on neither side, and the others are trained on. docs/adr/0024-held-out-groups.md has the reasons.
"""

from __future__ import annotations

import hashlib
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
from django.db import connection, transaction
from django.utils import timezone

from preferences import follow_ups
from preferences.actions import events
from preferences.asked import Asked, Bits, Finished, asked
from preferences.choices import Split
from preferences.held_out import (
    BITS,
    HeldOut,
    Said,
    drawn_sides,
    is_near,
    meetings,
    sides_near,
    sketches_of,
    tells_by_itself,
)
from preferences.models import HoldoutGroup
from preferences.models.prompts import family_of
from preferences.near_duplicates import Keys
from preferences.near_groups import Groups
from preferences.spool import Spool, in_pieces

if TYPE_CHECKING:
    from webapp.accounts.models import User

# The paper holds out 1,000 examples of each batch (section 3.2.2); a small batch gives a tenth.
TEST_SIZE = 1000
TEST_SHARE = 0.1
ROWS_AT_ONCE = 10_000
NULL = r"\N"  # in COPY
LAST = "g"  # after every draw

# A prompt's family, its keys, its side, and the dialogue to read it in.
Drawn = tuple[str, Keys, Split | None, int | None]


@dataclass(slots=True)
class Group:
    """Dialogues of a batch that meet; the least of their draws, and the sides that their prompts meet (BITS)."""

    comparisons: int
    draw: str
    sides: int = 0

    @property
    def followed(self) -> Split | None:
        """The side that was drawn before; None where none was."""
        return (Split.TRAIN if self.sides & BITS[Split.TRAIN] else Split.TEST) if self.sides else None

    @property
    def is_torn(self) -> bool:
        return self.sides == sum(BITS.values())

    def take(self, comparisons: int, draw: str, sides: int) -> None:
        """A further dialogue."""
        self.comparisons += comparisons
        self.draw = min(self.draw, draw)
        self.sides |= sides


def draw_held_out(finished: Finished, *, seed: str) -> list[Split | None]:
    """Puts each new prompt on one side for good; the side of each dialogue, None where it is on neither.

    Call while no other batch is sealed, in the transaction of the seal (preferences.actions.batches).
    """
    with Spool() as prompts:
        found = asked(finished, prompts)
        meets = np.zeros(len(finished.dialogues), dtype=np.uint8)
        np.bitwise_or.at(meets, found.having, _met(found)[found.had])
        group_of = _grouped(found, len(finished.dialogues))
        groups: dict[int, Group] = defaultdict(lambda: Group(0, LAST))
        sizes = np.bincount(np.frombuffer(finished.places, dtype=np.int32))
        for place, family in enumerate(finished.families):
            groups[group_of[place]].take(int(sizes[place]), draw_of(family, seed=seed), int(meets[place]))
        drawn_for = drawn(groups)
        sides = [
            None if groups[group].is_torn and meets[place] & BITS[Split.TEST] else drawn_for[group]
            for place, group in enumerate(group_of)
        ]
        _store(_new(found, finished, sides))
        for some in in_pieces(found.passed, ROWS_AT_ONCE):
            passed = zip(found.passing[some].tolist(), found.passed[some].tolist(), strict=True)
            follow_ups.keep((prompts.family(at), side) for place, at in passed if (side := sides[place]) is not None)
    return sides


@transaction.atomic
def keep_for_training(
    *, dialogues: Sequence[Sequence[str]], held_out: HeldOut, source: str, by: User | None
) -> list[bool]:
    """Which of the dialogues, told by what their users say, may be trained on; what they ask never will be held out.

    For what is trained on and was never sealed: demonstrations, public sets, files of prompts. `held_out` is the
    caller's, who asks for many, some at once.
    """
    one_draw_at_a_time()
    held_out.refresh()
    allowed = [not found for found in held_out.have(dialogues)]
    texts = {
        family_of(text): text
        for said, is_allowed in zip(dialogues, allowed, strict=True)
        for place, text in enumerate(said)
        if is_allowed and (place == 0 or tells_by_itself(text))
    }
    follow_ups.keep(
        (family_of(text), Split.TRAIN)
        for said, is_allowed in zip(dialogues, allowed, strict=True)
        for text in said[1:]
        if is_allowed and not tells_by_itself(text)
    )
    before = drawn_sides(list(texts))
    new = [Said(0, 0, family, text) for family, text in sorted(texts.items()) if family not in before]
    if new:
        _store((said.family, keys, Split.TRAIN, None) for said, keys in zip(new, sketches_of(new), strict=True))
        first = HoldoutGroup(family=new[0].family)
        events.record("prompts.kept_for_training", first, by=by, source=source, prompts=len(new))
    return allowed


def one_draw_at_a_time() -> None:
    """Until the transaction ends. Batches of different campaigns may share prompts, and must agree on their sides."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('preferences.batches.seal'))")


def draw_of(family: str, *, seed: str) -> str:
    return hashlib.sha256(f"{seed}:{family}".encode()).hexdigest()


def wanted_of(comparisons: int) -> int:
    """How many of a batch's comparisons are held out, if its dialogues can be divided so."""
    return min(TEST_SIZE, max(1, round(TEST_SHARE * comparisons)))


def drawn(groups: Mapping[int, Group]) -> dict[int, Split]:
    """The side of each group: new ones are taken by their draws until enough comparisons are held out.

    A group that would be too many is passed over. Of two groups or more one is held out and one trained on, if that
    can still be chosen.
    """
    wanted = wanted_of(sum(group.comparisons for group in groups.values()))
    held_out = sum(group.comparisons for group in groups.values() if group.followed is Split.TEST)
    sides = {key: group.followed or Split.TRAIN for key, group in groups.items()}
    fresh = [key for key, group in groups.items() if group.followed is None]
    for key in sorted(fresh, key=lambda key: groups[key].draw):
        if held_out + groups[key].comparisons <= wanted:
            sides[key] = Split.TEST
            held_out += groups[key].comparisons
    if fresh and len(set(sides.values())) == 1:
        least = min(fresh, key=lambda key: (groups[key].comparisons, groups[key].draw))
        sides[least] = Split.TEST if len(groups) > 1 and held_out == 0 else Split.TRAIN
    return sides


def _met(found: Asked) -> Bits:
    """The sides that each prompt meets: its own, where it has one, else those of prompts that are near.

    And those on which it stood before it was a prompt.
    """
    met, fresh = found.drawn.copy(), found.drawn == 0
    met[fresh] = sides_near(found.prompts, found.places[fresh]) | found.followed[fresh]
    return met


def _grouped(found: Asked, dialogues: int) -> list[int]:
    """A number for each dialogue, the same for those that meet."""
    groups, prompts, places = Groups(len(found.places)), found.prompts, found.places
    one_of = np.empty(dialogues, dtype=np.intp)
    one_of[found.having] = found.had
    for one, other in zip(one_of[found.having].tolist(), found.had.tolist(), strict=True):
        groups.join(one, other)
    groups.join_near(
        meetings(prompts, places), lambda one, other: is_near(prompts.text(places[one]), prompts.text(places[other]))
    )
    return [groups.of(prompt) for prompt in one_of.tolist()]


def _new(found: Asked, finished: Finished, sides: Sequence[Split | None]) -> Iterator[Drawn]:
    """The prompts that had no side before, each where it was asked last by a dialogue that has one now."""
    has_side = np.array([side is not None for side in sides], dtype=np.bool_)[found.having]
    asked_by = np.full(len(found.places), -1)
    np.maximum.at(asked_by, found.had[has_side], found.having[has_side])
    new = np.flatnonzero((found.drawn == 0) & (asked_by >= 0))
    for some in in_pieces(new, ROWS_AT_ONCE):
        keys = found.prompts.keys(found.places[new[some]])
        for number, own in zip(new[some].tolist(), keys, strict=True):
            dialogue, family = int(asked_by[number]), found.prompts.family(found.places[number])
            yield family, own, sides[dialogue], finished.dialogues[dialogue]


def _store(rows: Iterable[Drawn]) -> None:
    """By COPY: a model's instance for each of a quarter of a million prompts takes minutes."""
    now = timezone.now().isoformat()
    lines = (f"{family}\t{side}\t\\\\x{keys.tobytes().hex()}\t{pk or NULL}\t{now}\n" for family, keys, side, pk in rows)
    with connection.cursor() as cursor:
        while some := "".join(islice(lines, ROWS_AT_ONCE)):
            cursor.copy_expert(
                f'COPY "{HoldoutGroup._meta.db_table}" (family, split, sketch, dialogue_id, created_at) FROM STDIN',
                io.StringIO(some),
            )
