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
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.utils import timezone

from preferences.actions import events
from preferences.choices import Split
from preferences.held_out import (
    HeldOut,
    Said,
    drawn_sides,
    is_near,
    sides_near,
    sketches_of,
    tells_by_itself,
    user_messages,
)
from preferences.models import HoldoutGroup
from preferences.models.prompts import family_of
from preferences.near_duplicates import Keys
from preferences.near_groups import Groups, Sketches

if TYPE_CHECKING:
    from webapp.accounts.models import User

# The paper holds out 1,000 examples of each batch (section 3.2.2); a small batch gives a tenth.
TEST_SIZE = 1000
TEST_SHARE = 0.1
ROWS_AT_ONCE = 10_000
NULL = r"\N"  # in COPY


@dataclass(frozen=True)
class Finished:
    """A comparison that is to be sealed: its dialogue, the dialogue's family, and the turn that it is of."""

    pk: int
    dialogue: int
    family: str
    turn: int


@dataclass
class Group:
    """Dialogues of a batch that meet, and the sides that their prompts meet."""

    comparisons: int = 0
    families: set[str] = field(default_factory=set)
    sides: set[str] = field(default_factory=set)

    @property
    def followed(self) -> Split | None:
        """The side that was drawn before; None where none was."""
        return (Split.TRAIN if Split.TRAIN in self.sides else Split.TEST) if self.sides else None

    @property
    def is_torn(self) -> bool:
        return len(self.sides) > 1


def draw_held_out(finished: Sequence[Finished], *, seed: str) -> dict[int, str | None]:
    """Puts each new prompt on one side for good; the group of each comparison, None where it is on neither side.

    Call while no other batch is sealed, in the transaction of the seal (preferences.actions.batches).
    """
    said, of_dialogue = _prompts(finished)
    keys = sketches_of(said)
    before = drawn_sides([one.family for one in said])
    meets = _met(said, keys, before)
    group_of = _grouped(said, keys, of_dialogue)
    groups: dict[int, Group] = defaultdict(Group)
    for one in finished:
        group = groups[group_of[one.dialogue]]
        group.comparisons += 1
        group.families.add(one.family)
    for dialogue, places in of_dialogue.items():
        groups[group_of[dialogue]].sides.update(*(meets[place] for place in places))
    sides = drawn(groups, seed=seed)
    left_out = {
        dialogue
        for dialogue, places in of_dialogue.items()
        if groups[group_of[dialogue]].is_torn and any(Split.TEST in meets[place] for place in places)
    }
    taken = [dialogue for dialogue in of_dialogue if dialogue not in left_out]
    new = {place: (sides[group_of[one]], one) for one in taken for place in of_dialogue[one]}
    _store(
        (said[place], keys[place], side, dialogue)
        for place, (side, dialogue) in sorted(new.items())
        if said[place].family not in before
    )
    return {one.pk: None if one.dialogue in left_out else one.family for one in finished}


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
    before = drawn_sides(list(texts))
    new = [Said(0, 0, family, text) for family, text in sorted(texts.items()) if family not in before]
    if new:
        _store((said, keys, Split.TRAIN, None) for said, keys in zip(new, sketches_of(new), strict=True))
        first = HoldoutGroup(family=new[0].family)
        events.record("prompts.kept_for_training", first, by=by, source=source, prompts=len(new))
    return allowed


def one_draw_at_a_time() -> None:
    """Until the transaction ends. Batches of different campaigns may share prompts, and must agree on their sides."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('preferences.batches.seal'))")


def drawn(groups: Mapping[int, Group], *, seed: str) -> dict[int, Split]:
    """The side of each group: new ones are taken by a seeded hash until enough comparisons are held out.

    A group that would be too many is passed over. Of two groups or more one is held out and one trained on, if that
    can still be chosen.
    """
    wanted = min(TEST_SIZE, max(1, round(TEST_SHARE * sum(group.comparisons for group in groups.values()))))
    held_out = sum(group.comparisons for group in groups.values() if group.followed is Split.TEST)
    sides = {key: group.followed or Split.TRAIN for key, group in groups.items()}
    fresh = [key for key, group in groups.items() if group.followed is None]
    for key in sorted(fresh, key=lambda key: _draw(seed, groups[key])):
        if held_out + groups[key].comparisons <= wanted:
            sides[key] = Split.TEST
            held_out += groups[key].comparisons
    if fresh and len(set(sides.values())) == 1:
        least = min(fresh, key=lambda key: (groups[key].comparisons, _draw(seed, groups[key])))
        sides[least] = Split.TEST if len(groups) > 1 and held_out == 0 else Split.TRAIN
    return sides


def _draw(seed: str, group: Group) -> str:
    return min(hashlib.sha256(f"{seed}:{family}".encode()).hexdigest() for family in group.families)


def _prompts(finished: Sequence[Finished]) -> tuple[list[Said], dict[int, set[int]]]:
    """The prompts of what is sealed, each once, and which of them each dialogue has."""
    last: dict[int, int] = {}
    for one in finished:
        last[one.dialogue] = max(one.turn, last.get(one.dialogue, 0))
    said: list[Said] = []
    places: dict[str, int] = {}
    of_dialogue: dict[int, set[int]] = {dialogue: set() for dialogue in last}

    def take(message: Said) -> None:
        place = places.setdefault(message.family, len(said))
        if place == len(said):
            said.append(message)
        of_dialogue[message.dialogue].add(place)

    short: list[Said] = []
    for message in user_messages(sorted(last)):
        if message.turn <= last[message.dialogue]:
            take(message) if message.counts else short.append(message)
    before = drawn_sides(list({message.family for message in short}))
    for message in short:
        if message.family in places or message.family in before:  # it begins another dialogue
            take(message)
    return said, of_dialogue


def _met(said: Sequence[Said], keys: Keys, before: Mapping[str, str]) -> list[set[str]]:
    """The sides that each prompt meets: its own, where it has one, else those of prompts that are near."""
    fresh = [place for place, one in enumerate(said) if one.family not in before]
    found = [{before[one.family]} if one.family in before else set[str]() for one in said]
    for place, sides in zip(fresh, sides_near([said[place].text for place in fresh], keys[fresh]), strict=True):
        found[place] = sides
    return found


def _grouped(said: Sequence[Said], keys: Keys, of_dialogue: Mapping[int, set[int]]) -> dict[int, int]:
    """A number for each dialogue, the same for those that meet."""
    groups = Groups(len(said))
    for places in of_dialogue.values():
        first, *others = places
        for other in others:
            groups.join(first, other)
    groups.join_near(Sketches(keys).among_themselves(), lambda one, other: is_near(said[one].text, said[other].text))
    return {dialogue: groups.of(next(iter(places))) for dialogue, places in of_dialogue.items()}


def _store(rows: Iterable[tuple[Said, Keys, Split, int | None]]) -> None:
    """By COPY: a model's instance for each of a quarter of a million prompts takes minutes."""
    now = timezone.now().isoformat()
    lines = (
        f"{said.family}\t{side}\t\\\\x{keys.tobytes().hex()}\t{pk or NULL}\t{now}\n" for said, keys, side, pk in rows
    )
    with connection.cursor() as cursor:
        while some := "".join(islice(lines, ROWS_AT_ONCE)):
            cursor.copy_expert(
                f'COPY "{HoldoutGroup._meta.db_table}" (family, split, sketch, dialogue_id, created_at) FROM STDIN',
                io.StringIO(some),
            )
