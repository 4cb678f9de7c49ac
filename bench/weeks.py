"""Weeks of finished comparisons with the counts, turns and lengths of the paper's Table 26 (A.3.1), copied in.

What the table leaves open is chosen so that all four of its means come out: every turn of a dialogue was compared, and
besides dialogues of one turn there are those of the length that gives the mean of turns and of tokens an example.
"""

from __future__ import annotations

import random
import subprocess
import sys
import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import cache
from typing import Any

import numpy as np
import orjson
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone

from bench.copying import copy, highest, number_on
from bench.seeding import COLUMNS, SAME, pass_by_triggers
from bench.world import World
from preferences import choices
from preferences.models import Comparison, Dialogue, Judgment, Prompt, Response, Slot, Turn
from preferences.models.prompts import family_of
from preferences.near_duplicates import sketches

CHUNK = 5_000
SAFETY_EVERY = 10  # a dialogue of so many is of the safety campaign
RATED_AGAIN_EVERY, RATERS = 10, 3  # a comparison of so many has so many votes; the others one
VOCABULARY, CORPUS = 5_000, 4_000_000  # words
MODELS: Sequence[type[Model]] = (Prompt, Dialogue, Turn, Response, Comparison, Slot, Judgment)


@dataclass(frozen=True)
class Week:
    """A line of Table 26: comparisons, and mean turns a dialogue and tokens an example, a prompt and a response."""

    comparisons: int
    turns: float
    example: float
    prompt: float
    response: float

    def scaled(self, scale: float) -> Week:
        return Week(max(1, round(self.comparisons * scale)), self.turns, self.example, self.prompt, self.response)


TABLE_26 = (
    Week(5_561, 4.4, 547.1, 25.2, 159.3),
    Week(17_072, 4.0, 554.6, 22.4, 170.7),
    Week(30_146, 3.9, 603.3, 19.6, 195.5),
    Week(36_206, 3.9, 652.8, 45.3, 182.9),
    Week(49_375, 3.7, 603.9, 46.7, 163.1),
    Week(57_746, 4.1, 654.5, 28.2, 198.1),
    Week(84_388, 3.9, 662.2, 27.5, 210.0),
    Week(95_235, 3.6, 670.4, 32.9, 212.1),
    Week(127_235, 3.6, 674.9, 31.3, 214.8),
    Week(136_729, 3.7, 723.9, 30.5, 230.2),
    Week(136_868, 3.8, 811.9, 32.2, 251.1),
    Week(181_293, 3.9, 817.0, 30.8, 250.9),
    Week(210_881, 4.2, 905.9, 30.3, 255.6),
    Week(249_356, 4.3, 1008.0, 31.6, 258.9),
)
TOTAL = Week(1_418_091, 3.9, 798.5, 31.4, 234.1)


def fill(week: Week, *, seed: int = 0) -> None:
    """As `fill_here`, in a process of its own, so that its memory is not counted as that of what is measured."""
    given = [orjson.dumps(asdict(week)).decode(), "--seed", str(seed)]
    command = [sys.executable, "manage.py", "fill_week", *given, "--settings", "bench.settings"]
    subprocess.run(command, cwd=settings.BASE_DIR, check=True)


def fill_here(world: World, week: Week, *, seed: int = 0) -> None:
    """Judged comparisons beside what is there; their numbers go on from what the tables have."""
    filling = _Filling(world, week, random.Random(seed))
    rest = week.comparisons
    while rest:
        count = min(rest, CHUNK)
        filling.add(count)
        with transaction.atomic():
            pass_by_triggers()
            for model in MODELS:
                copy(model, COLUMNS[model], filling.rows.pop(model), **SAME.get(model, {}))
        rest -= count
    for model in MODELS:
        number_on(model)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


class _Filling:
    def __init__(self, world: World, week: Week, dice: random.Random) -> None:
        self.rows: dict[type[Model], list[tuple[Any, ...]]] = defaultdict(list)
        self._world, self._week, self._dice = world, week, dice
        self._next = {model: highest(model) + 1 for model in MODELS}
        self._at = timezone.now() - timedelta(days=1)
        self._turns = self._all_turns()

    def add(self, comparisons: int) -> None:
        for _ in range(comparisons):
            self._compare(*next(self._turns))
        prompts = self.rows[Prompt]
        place = COLUMNS[Prompt].index("sketch")
        keys = sketches([row[COLUMNS[Prompt].index("text")] for row in prompts]).tolist()
        self.rows[Prompt] = [(*row[:place], own, *row[place + 1 :]) for row, own in zip(prompts, keys, strict=True)]

    def _number(self, model: type[Model]) -> int:
        number = self._next[model]
        self._next[model] = number + 1
        return number

    def _all_turns(self) -> Iterator[tuple[int, int, int]]:
        """Dialogue, turn, and the place of the campaign, without an end."""
        single, others = lengths(self._week)
        while True:
            long = int(others) + (self._dice.random() < others % 1)
            dialogue = self._number(Dialogue)
            side = int(dialogue % SAFETY_EVERY == 0 and len(self._world.campaigns) > 1)
            for turn in range(1 if self._dice.random() < single else long):
                yield dialogue, turn, side

    def _compare(self, dialogue: int, turn: int, side: int) -> None:
        campaign, people = self._world.campaigns[side], self._world.annotators
        prompt, turn_id, comparison = (self._number(model) for model in (Prompt, Turn, Comparison))
        pair = [self._number(Response) for _ in range(2)]
        about = ("", "unqualified_advice", "logic") if side else ("factual", "", "")
        chosen = self._dice.randrange(2)
        text, author = self._unlike_others(self._week.prompt), people[dialogue % len(people)].pk
        family = family_of(text)
        if turn == 0:
            self.rows[Dialogue].append((dialogue, campaign.pk, author, family, self._at))
        self.rows[Prompt].append((prompt, uuid.uuid4(), campaign.pk, text, author, *about, family, [], self._at))
        self.rows[Turn].append((turn_id, dialogue, turn, prompt, pair[chosen], self._at))
        for response, variant in zip(pair, self._world.variants, strict=True):
            self.rows[Response].append(
                (response, turn_id, variant.pk, self._words(self._week.response), comparison, self._at)
            )
        self.rows[Comparison].append(
            (comparison, uuid.uuid4(), campaign.pk, turn_id, *pair, choices.ComparisonStatus.JUDGED, self._at, self._at)
        )
        for number in range(1 if comparison % RATED_AGAIN_EVERY else RATERS):
            self._judge(comparison, side, number, chosen if self._dice.random() < 0.75 or not number else 1 - chosen)

    def _judge(self, comparison: int, side: int, number: int, chosen: int) -> None:
        campaign, guideline, people = self._world.campaigns[side], self._world.guidelines[side], self._world.annotators
        slot, judgment = self._number(Slot), self._number(Judgment)
        degree, safety = self._dice.choice(choices.Degree.values), (4, 4) if side else (None, None)
        rater = people[(comparison + number) % len(people)].pk
        self.rows[Slot].append((slot, campaign.pk, comparison, number, choices.SlotStatus.FILLED))
        self.rows[Judgment].append(
            (judgment, slot, comparison, rater, guideline.pk, "ab"[comparison % 2], "ab"[chosen], degree, *safety, 65,
             self._at)
        )  # fmt: skip

    def _count(self, mean: float) -> int:
        """Half to one and a half times as many words as the mean."""
        return max(1, int(mean * self._dice.uniform(0.5, 1.5) + 0.5))

    def _unlike_others(self, mean: float) -> str:
        """Words from all over the corpus: what is asked is asked once, pieces of one text would be near each other."""
        corpus, ends = corpus_of_words()
        places = [self._dice.randrange(len(ends) - 1) for _ in range(self._count(mean))]
        return " ".join(corpus[int(ends[place]) + 1 : int(ends[place + 1])] for place in places)

    def _words(self, mean: float) -> str:
        corpus, ends = corpus_of_words()
        count = self._count(mean)
        first = self._dice.randrange(len(ends) - count - 1)
        return corpus[int(ends[first]) + 1 : int(ends[first + count])]


def lengths(week: Week) -> tuple[float, float]:
    """The share of dialogues of one turn, and the mean turns of the others, which are of two neighbouring lengths.

    An example has the dialogue before it, of mean (prompt + response) a turn; the turns before, averaged over the
    comparisons, are half of E[T²]/E[T] - 1.
    """
    before = (week.example - week.response - week.prompt) / (week.prompt + week.response)
    wanted = (2 * before + 1) * week.turns
    low, high = 0.0, 0.99
    for _ in range(60):
        share = (low + high) / 2
        low, high = (share, high) if _square(share, week.turns) < wanted else (low, share)
    return low, (week.turns - low) / (1 - low)


def _square(single: float, turns: float) -> float:
    """The mean of the squared turns, where such a share of dialogues has one and all have `turns` in the mean."""
    others = (turns - single) / (1 - single)
    whole, part = int(others), others % 1
    return single + (1 - single) * (whole**2 * (1 - part) + (whole + 1) ** 2 * part)


@cache
def corpus_of_words() -> tuple[str, np.ndarray[Any, np.dtype[np.int32]]]:
    """A text of made-up words, as frequent as those of a language are (Zipf), and where each word ends."""
    dice = np.random.default_rng(26)
    syllables = np.array([consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeiou"])
    words = np.array(
        ["".join(dice.choice(syllables, 1 + (number > 60) + (number > 900))) for number in range(VOCABULARY)]
    )
    share = 1 / np.arange(1, VOCABULARY + 1)
    chosen = words[dice.choice(VOCABULARY, CORPUS, p=share / share.sum())]
    ends = np.cumsum(np.char.str_len(chosen) + 1, dtype=np.int32)
    return " " + " ".join(chosen.tolist()) + " ", ends
