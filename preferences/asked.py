"""What the dialogues of a batch ask, each prompt once: what decides on which side of the split they are."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from preferences.follow_ups import sides_followed
from preferences.held_out import (
    BITS,
    DIALOGUES_AT_ONCE,
    Said,
    drawn_sides,
    sketches_of,
    tells_by_itself,
    user_messages,
)
from preferences.spool import Places, Spool

Bits = NDArray[np.uint8]


@dataclass(frozen=True)
class Finished:
    """Comparisons that are to be sealed, as columns: a quarter of a million are some megabytes.

    Of each its key, the place of its dialogue and its turn; of each dialogue its key and its family, in the order in
    which the comparisons have them.
    """

    keys: array[int] = field(default_factory=lambda: array("q"))
    places: array[int] = field(default_factory=lambda: array("i"))
    turns: array[int] = field(default_factory=lambda: array("i"))
    dialogues: array[int] = field(default_factory=lambda: array("q"))
    families: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, rows: Iterable[tuple[int, int, str, int]]) -> Finished:
        """Of each comparison its key, its dialogue, the dialogue's family and the turn."""
        made, places = cls(), dict[int, int]()
        for key, dialogue, family, turn in rows:
            place = places.setdefault(dialogue, len(places))
            if place == len(made.dialogues):
                made.dialogues.append(dialogue)
                made.families.append(family)
            made.keys.append(key)
            made.places.append(place)
            made.turns.append(turn)
        return made


@dataclass(frozen=True)
class Asked:
    """The prompts of some dialogues, each once, and which dialogue has which.

    Attributes
    ----------
    places: of each prompt, where it stands among the `prompts`; they ascend.
    drawn: of each prompt, the side that was drawn for it before (preferences.held_out.BITS), or 0.
    followed: of each prompt that begins a dialogue and tells little, the sides on which it stood later in one.
    having, had: a dialogue's place and the number of a prompt that it has, for all there are.
    passing, passed: a dialogue's place and where one of its messages stands that is no prompt.
    """

    prompts: Spool
    places: Places
    drawn: Bits
    followed: Bits
    having: Places
    had: Places
    passing: Places
    passed: Places


def asked(finished: Finished, prompts: Spool) -> Asked:
    """All user messages up to the last turn that is sealed, but for short ones that begin no dialogue.

    They begin one of the batch, or one whose side was drawn before.
    """
    having, counts, drawn, followed = array("i"), array("B"), array("B"), array("B")
    for place, message, before, stood in _messages(finished, prompts):
        having.append(place)
        counts.append(message.counts)
        drawn.append(before)
        followed.append(stood)
    dialogues, sides = np.frombuffer(having, dtype=np.int32).astype(np.intp), np.frombuffer(drawn, dtype=np.uint8)
    firsts, numbers = _once(prompts.identities())
    is_prompt = np.bincount(numbers, weights=np.frombuffer(counts, dtype=np.uint8) + sides, minlength=len(firsts)) > 0
    stood_later = np.zeros(len(firsts), dtype=np.uint8)
    np.bitwise_or.at(stood_later, numbers, np.frombuffer(followed, dtype=np.uint8))
    kept = is_prompt[numbers]
    return Asked(
        prompts,
        places=firsts[is_prompt],
        drawn=sides[firsts[is_prompt]],
        followed=stood_later[is_prompt],
        having=dialogues[kept],
        had=(np.cumsum(is_prompt) - 1)[numbers[kept]],
        passing=dialogues[~kept],
        passed=np.flatnonzero(~kept),
    )


def _messages(finished: Finished, prompts: Spool) -> Iterator[tuple[int, Said, int, int]]:
    """Puts them into the spool; of each the place of its dialogue, the side drawn before, and those it followed on."""
    last = np.zeros(len(finished.dialogues), dtype=np.int32)
    np.maximum.at(last, np.frombuffer(finished.places, dtype=np.int32), np.frombuffer(finished.turns, dtype=np.int32))
    for start in range(0, len(last), DIALOGUES_AT_ONCE):
        some = finished.dialogues[start : start + DIALOGUES_AT_ONCE].tolist()
        place_of = {dialogue: start + place for place, dialogue in enumerate(some)}
        said = [one for one in user_messages(some) if one.turn <= last[place_of[one.dialogue]]]
        families = [one.family for one in said]
        prompts.add(families, [one.text for one in said], sketches_of(said))
        before = drawn_sides(families)
        stood = sides_followed([one.family for one in said if one.opens and not tells_by_itself(one.text)])
        for one in said:
            drawn = BITS[before[one.family]] if one.family in before else 0
            followed = sum(BITS[side] for side in stood.get(one.family, ())) if one.opens else 0
            yield place_of[one.dialogue], one, drawn, followed


def _once(identities: NDArray[np.uint64]) -> tuple[Places, Places]:
    """Where each of the rows stands first, ascending, and the number of each row among those."""
    order = np.lexsort(identities.T)
    is_new = np.ones(len(order), dtype=np.bool_)
    is_new[1:] = (identities[order][1:] != identities[order][:-1]).any(axis=1)
    firsts = order[is_new]
    numbers = np.empty(len(order), dtype=np.intp)
    numbers[order] = np.argsort(np.argsort(firsts))[np.cumsum(is_new) - 1]
    return np.sort(firsts), numbers
