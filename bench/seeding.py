"""A record of any size in a minute or two: the rows that the actions would have written, copied in bulk.

Of every eight comparisons four are dialogues of one turn and four are one dialogue of four turns. From the oldest on,
60 % of the comparisons have all three judgments; the next 5 % have one, by a person who is ahead of the others.
"""

from __future__ import annotations

import random
import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone

from annotation.models import Assignment
from bench import texts
from bench.copying import copy, highest, number_on
from bench.world import MAX_TURNS, RATERS_PER_ITEM, World
from preferences import choices
from preferences.models import Comparison, Dialogue, Event, Judgment, Prompt, Response, Slot, Turn
from preferences.models.prompts import family_of
from preferences.near_duplicates import BANDS
from webapp.accounts.models import User

JUDGED = 0.6
AHEAD = 0.05
CHUNK = 2_000
AGE = timedelta(days=30)
ROUND = 4 + MAX_TURNS  # comparisons in a round of five dialogues

# In the order of their columns below.
COLUMNS: dict[type[Model], Sequence[str]] = {
    Prompt: (
        "id", "key", "campaign_id", "text", "author_id", "category", "risk_category", "attack_vector", "family",
        "sketch", "created_at",
    ),
    Dialogue: ("id", "campaign_id", "author_id", "family", "created_at"),
    Turn: ("id", "dialogue_id", "index", "prompt_id", "chosen_response_id", "created_at"),
    Response: ("id", "turn_id", "variant_id", "text", "seed", "created_at"),
    Comparison: (
        "id", "key", "campaign_id", "turn_id", "response_a_id", "response_b_id", "status", "created_at", "finished_at",
    ),
    Slot: ("id", "campaign_id", "comparison_id", "number", "status"),
    Judgment: (
        "id", "slot_id", "comparison_id", "annotator_id", "guideline_id", "shown_left", "chosen", "degree", "safety_a",
        "safety_b", "active_seconds", "created_at",
    ),
    Assignment: (
        "id", "key", "slot_id", "comparison_id", "annotator_id", "shown_left", "judgment_id", "created_at",
        "leased_until", "beaten_at", "active_seconds",
    ),
    Event: ("at", "actor_id", "verb", "subject", "campaign_id", "data"),
}  # fmt: skip
SAME: dict[type[Model], dict[str, Any]] = {
    Turn: {"status": choices.TurnStatus.READY},
    Response: {
        "temperature": 0.8, "top_p": 1.0, "prompt_tokens": 40, "completion_tokens": 350, "finish_reason": "stop",
        "latency_ms": 900, "engine": "tiny", "engine_version": "1", "weights_hash": "0" * 64,
    },
    Assignment: {"status": choices.AssignmentStatus.SUBMITTED},
}  # fmt: skip


@dataclass
class Seeding:
    """Collects the rows of some comparisons and copies them; numbers go on from what the tables have."""

    world: World
    ahead: User
    wanted: int
    judged: float = JUDGED
    ahead_by: float = AHEAD
    checked: bool = True  # False: keys and triggers are passed by, which takes half the time; tests seed with them

    def __post_init__(self) -> None:
        self._rows: dict[type[Model], list[tuple[Any, ...]]] = defaultdict(list)
        self._first = {model: highest(model) + 1 for model in COLUMNS}
        self._judgments = self._first[Judgment]
        self._begun = timezone.now() - AGE
        self._step = (AGE - timedelta(hours=3)) / self.wanted
        self._random = random.Random(7)

    def write(self) -> None:
        for start in range(0, self.wanted, CHUNK):
            for index in range(start, min(start + CHUNK, self.wanted)):
                self._add(index)
            with transaction.atomic():
                if not self.checked:
                    pass_by_triggers()
                for model, names in COLUMNS.items():
                    copy(model, names, self._rows[model], **SAME.get(model, {}))
            self._rows.clear()
        for model in COLUMNS:
            number_on(model)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")

    def _add(self, index: int) -> None:
        """One comparison with all that belongs to it."""
        rounds, place = divmod(index, ROUND)
        dialogue, turn = rounds * 5 + min(place, 4), max(0, place - 4)
        side = dialogue % len(self.world.campaigns)
        campaign, at = self.world.campaigns[side], self._begun + index * self._step
        author = self.world.annotators[dialogue % len(self.world.annotators)]
        raters = self._raters(index, dialogue, is_continued=place >= 4 and turn + 1 < MAX_TURNS)
        ids = {model: first + index for model, first in self._first.items()}
        pair = self._first[Response] + 2 * index
        dialogue_id, prompt = self._first[Dialogue] + dialogue, texts.prompt(index)
        risk = ("unqualified_advice", "logic") if campaign.is_safety else ("", "")
        category = "" if campaign.is_safety else "factual"
        # Random keys, as prompts have that are unlike each other; to compute real ones takes a minute and a half.
        sketch = [self._random.getrandbits(63) for _ in range(BANDS)]
        self._rows[Prompt].append(
            (ids[Prompt], uuid.uuid4(), campaign.pk, prompt, author.pk, category, *risk, family_of(prompt), sketch, at)
        )
        if turn == 0:
            self._rows[Dialogue].append((dialogue_id, campaign.pk, author.pk, family_of(prompt), at))
        chosen = (pair if _choice(index, 0) == "a" else pair + 1) if author in raters else None
        self._rows[Turn].append((ids[Turn], dialogue_id, turn, ids[Prompt], chosen, at))
        for second, variant in enumerate(self.world.variants):
            text = texts.response(index, second=bool(second))
            self._rows[Response].append((pair + second, ids[Turn], variant.pk, text, index, at))
            self._tell("response.recorded", f"response:{pair + second}", None, campaign.pk, at, turn=ids[Turn])
        is_judged = len(raters) == RATERS_PER_ITEM
        status = choices.ComparisonStatus.JUDGED if is_judged else choices.ComparisonStatus.OPEN
        finished = at + timedelta(hours=1) if is_judged else None
        self._rows[Comparison].append(
            (ids[Comparison], uuid.uuid4(), campaign.pk, ids[Turn], pair, pair + 1, status, at, finished)
        )
        self._tell("prompt.submitted", f"prompt:{ids[Prompt]}", author.pk, campaign.pk, at, dialogue=dialogue_id)
        self._tell("comparison.opened", f"comparison:{ids[Comparison]}", None, campaign.pk, at)
        if finished:
            self._tell("comparison.judged", f"comparison:{ids[Comparison]}", None, campaign.pk, finished)
        for number in range(RATERS_PER_ITEM):
            slot = self._first[Slot] + RATERS_PER_ITEM * index + number
            filled = number < len(raters)
            unfilled = choices.SlotStatus.OPEN if number == len(raters) else choices.SlotStatus.WAITING
            slot_status = choices.SlotStatus.FILLED if filled else unfilled
            self._rows[Slot].append((slot, campaign.pk, ids[Comparison], number, slot_status))
            if filled:
                self._judge(index, ids[Comparison], slot, side, raters[number], number, at)

    def _raters(self, index: int, dialogue: int, *, is_continued: bool) -> list[User]:
        """The author first, where they judged: their choice is what continues a dialogue."""
        people, done = self.world.annotators, index / self.wanted
        if done < self.judged:
            return [people[(dialogue + number) % len(people)] for number in range(RATERS_PER_ITEM)]
        author = [people[dialogue % len(people)]] if is_continued else []
        return [*author, self.ahead] if done < self.judged + self.ahead_by else author

    def _judge(self, index: int, comparison: int, slot: int, side: int, by: User, number: int, at: datetime) -> None:
        campaign, guideline = self.world.campaigns[side], self.world.guidelines[side]
        claimed, left = at + timedelta(minutes=10 + 10 * number), "ab"[index % 2]
        judged, judgment = claimed + timedelta(seconds=70), self._judgments
        self._judgments += 1
        degree = choices.Degree.values[(index + number) % 4]
        safety = (4, 4) if campaign.is_safety else (None, None)
        self._rows[Judgment].append(
            (judgment, slot, comparison, by.pk, guideline.pk, left, _choice(index, number), degree, *safety, 65, judged)
        )
        until = claimed + timedelta(seconds=campaign.lease_seconds)
        assignment = self._first[Assignment] + judgment - self._first[Judgment]
        self._rows[Assignment].append(
            (assignment, uuid.uuid4(), slot, comparison, by.pk, left, judgment, claimed, until, judged, 65)
        )
        self._tell("assignment.claimed", f"assignment:{assignment}", by.pk, campaign.pk, claimed)
        self._tell("judgment.recorded", f"judgment:{judgment}", by.pk, campaign.pk, judged, comparison=comparison)

    def _tell(self, verb: str, subject: str, by: int | None, campaign: int, at: datetime, **data: int) -> None:
        self._rows[Event].append((at, by, verb, subject, campaign, data))


def pass_by_triggers() -> None:
    """Until the end of the transaction, where the database's user may do so; else everything is checked."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        if cursor.fetchone() == (True,):
            cursor.execute("SET LOCAL session_replication_role = replica")


def _choice(index: int, number: int) -> str:
    return "ab"[(index // 3 + number) % 2]
