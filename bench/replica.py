"""The paper's studies as a record: an evaluation, a safety evaluation and fourteen weeks of collection, by one seed.

The populations are in `studies`; here their samples become rows, as if people had judged them in the last weeks. Events
and leases are left out: reports read neither. The same seed gives the same ratings, in any week and on any database.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.utils import timezone

from annotation import memberships, pools
from annotation.models import Role
from bench import texts
from bench.record import Record
from bench.studies import collection, evaluation, safety
from preferences.actions import batches, campaigns, guidelines, variants
from preferences.actions import pools as kept
from preferences.choices import Chosen, ComparisonStatus, Kind, ResponseSource, SlotStatus, Track, TurnStatus
from preferences.models import (
    Campaign,
    Comparison,
    Dialogue,
    Guideline,
    Judgment,
    Prompt,
    Response,
    Slot,
    Turn,
    Variant,
)
from preferences.models.prompts import family_of
from preferences.scales import DEGREE_OF, Scale
from preferences.weeks import monday_of, week_of
from webapp.accounts import actions as accounts
from webapp.accounts.models import User

PEOPLE, IN_POOL = 12, 4
GUIDELINES = (
    "Choose what helps more.",
    "Choose what helps more and is true.",
    "Choose what helps, is true and is safe.",
)
HOUR, WEEK = timedelta(hours=1), timedelta(weeks=1)
LEAST_LENGTH = 60  # characters of a response


@dataclass
class Replica:
    """Made once; each study is written by a call. `until` is when the last week ended."""

    seed: int = 1
    size: float = 1.0  # of the paper's numbers of prompts
    checked: bool = True
    until: datetime = field(default_factory=lambda: monday_of(timezone.now(), "UTC"))

    def __post_init__(self) -> None:
        self.people = [
            accounts.create(username=f"replica-{number}", password=None, by=None) for number in range(PEOPLE)
        ]
        self._record = Record()
        self._count = 0

    def add_evaluation(self) -> Campaign:
        """chat-70b against other-chat."""
        rng = np.random.default_rng([self.seed, 1])
        found, campaign = (
            evaluation.sample(rng, size=self.size),
            self._campaign(
                "replica-evaluation",
                "Helpfulness evaluation",
                kind=Kind.EVALUATION,
                scale=Scale.SEVEN_POINT,
                max_turns=2,
            ),
        )
        other, system = (self._variant(name) for name in ("other-chat", "chat-70b"))
        n = len(found.places)
        is_b, begun = rng.random(n) < 0.5, self.until - 2 * WEEK
        for number in range(n):
            second = found.second[number]
            turn = self._begin(
                campaign, begun, said=int(found.turns[number]) - 1, rng=rng,
                category=evaluation.CATEGORIES[found.category[number]],
                second_category=evaluation.CATEGORIES[second] if second >= 0 else "",
            )  # fmt: skip
            a, b = (other, system) if is_b[number] else (system, other)
            pair = [self._response(turn, variant, self._text(rng)) for variant in (a, b)]
            scores = evaluation.scores(found.places[number], system_is_b=bool(is_b[number]))
            self._judged(campaign, turn, pair, scores, begun + 2 * WEEK * number / n, rng)
        self._record.write(checked=self.checked)
        return campaign

    def add_safety(self) -> Campaign:
        """Every prompt to both models; all weeks but the last are sealed."""
        rng = np.random.default_rng([self.seed, 2])
        found, campaign = (
            safety.sample(rng, size=self.size),
            self._campaign(
                "replica-safety", "Safety evaluation", kind=Kind.SAFETY_RATING, scale=Scale.SAFETY, track=Track.SAFETY
            ),
        )
        models = [self._variant(name) for name in safety.MODELS]
        for number, ratings in enumerate(found.ratings):
            at = self.until - (safety.WEEKS - int(found.week[number])) * WEEK + 24 * HOUR
            turn = self._begin(
                campaign, at, said=2 * int(found.is_multi[number]), rng=rng,
                risk_category=safety.RISKS[found.risk[number]].value,
                attack_vector=safety.VECTORS[found.vector[number]],
            )  # fmt: skip
            for model, scores in zip(models, ratings.tolist(), strict=True):
                self._judged(campaign, turn, [self._response(turn, model, self._text(rng))], scores, at, rng)
        self._record.write(checked=self.checked)
        self._seal(campaign, safety.WEEKS)
        return campaign

    def add_collection(self) -> Campaign:
        """Fourteen batches of dialogues; all but the last are sealed."""
        rng = np.random.default_rng([self.seed, 3])
        found, campaign = collection.sample(rng, size=self.size), self._campaign(
            "replica-collection", "Everyday questions", scale=Scale.EIGHT_POINT, max_turns=collection.TURNS.size,
            agreement_gate=0.4, planned_comparisons=round(9_000 * self.size),
            planned_until=(self.until + 4 * WEEK).date(),
        )  # fmt: skip
        published = [self._guideline]
        published += [guidelines.publish(campaign=campaign, text=text, by=None) for text in GUIDELINES[1:]]
        models = [
            self._variant(name, iteration=f"RLHF-V{number}" if number else "SFT")
            for number, name in enumerate(collection.MODELS)
        ]
        pool = kept.create(campaign=campaign, name="Experienced", by=None)
        boss = self.manager(campaign)
        for person in self.people[:IN_POOL]:
            pools.add(pool=pool, annotator=person, by=boss)
        written = self._texts(found, rng)
        longer = np.array([np.log2(len(b.encode()) / len(a.encode())) for a, b in written])
        dialogue = 0
        for number, scores in enumerate(found.scores(longer).tolist()):
            week = int(found.week[number])
            at = self.until - (len(collection.OF_WEEK) - week) * WEEK + float(rng.random()) * 6 * 24 * HOUR
            of_dialogue = {"category": collection.CATEGORIES[found.category[number]]}
            if found.turn[number] == 0:
                turn = self._begin(campaign, at, said=0, rng=rng, **of_dialogue)
                dialogue = self._dialogue
            else:
                turn = self._turn(dialogue, int(found.turn[number]), self._prompt(campaign, at, **of_dialogue), at)
            pair = [
                self._response(turn, models[model[number]], text)
                for model, text in zip((found.a, found.b), written[number], strict=True)
            ]
            self._judged(
                campaign, turn, pair, scores, at, rng,
                guideline=published[collection.GUIDELINE[week] - 1], left_is_a=found.left_is_a[number].tolist(),
                pool=pool.pk if found.pooled[number] else None,
            )  # fmt: skip
        self._record.write(checked=self.checked)
        self._seal(campaign, len(collection.OF_WEEK))
        return campaign

    def manager(self, campaign: Campaign, name: str = "replica-manager") -> User:
        person = User.objects.filter(username=name).first() or accounts.create(username=name, password=None, by=None)
        if not person.memberships.filter(campaign=campaign, role=Role.MANAGER).exists():
            memberships.add(user=person, campaign=campaign, role=Role.MANAGER, by=None)
        return person

    def _campaign(self, slug: str, name: str, **settings: Any) -> Campaign:
        made = campaigns.create(
            slug=slug, name=name, raters_per_item=3, by=None, **{"track": Track.HELPFULNESS, **settings}
        )
        self._guideline = guidelines.publish(campaign=made, text=GUIDELINES[0], by=None)
        campaigns.open_for_work(campaign=made, by=None)
        for person in self.people:
            memberships.add(user=person, campaign=made, role=Role.ANNOTATOR, by=None)
        return made

    def _variant(self, name: str, **settings: Any) -> Variant:
        return variants.register(name=f"replica-{name}", engine=variants.IMPORTED, by=None, **settings)

    def _seal(self, campaign: Campaign, weeks: int) -> None:
        for week in range(weeks, 1, -1):
            batches.seal(week=week_of(self.until - week * WEEK), campaigns=[campaign], by=None)

    def _text(self, rng: np.random.Generator, longer: float = 0.0) -> str:
        """Of a length that varies, `longer` in log2; no two are the same."""
        self._count += 1
        length = int(max(LEAST_LENGTH, 500 * 2 ** (longer + 0.6 * rng.normal())))
        return f"{texts.RESPONSES[self._count % len(texts.RESPONSES)][:length]}\n\n({self._count})"

    def _texts(self, found: collection.Pairs, rng: np.random.Generator) -> list[tuple[str, str]]:
        sides = zip(found.a, found.b, strict=True)
        return [(self._text(rng, collection.LONGER[a]), self._text(rng, collection.LONGER[b])) for a, b in sides]

    def _begin(self, campaign: Campaign, at: datetime, *, said: int, rng: np.random.Generator, **labels: str) -> int:
        """The turn that begins a dialogue, after so many user messages with their answers."""
        prompt = self._prompt(campaign, at, words=int(rng.integers(0, 60)), **labels)
        messages = [
            {"role": role, "content": f"{role} {number}"} for number in range(said) for role in ("user", "assistant")
        ]
        family = family_of(f"{campaign.slug} {prompt}")
        self._dialogue = self._record.add(
            Dialogue, campaign_id=campaign.pk, context=messages, family=family, created_at=at
        )
        return self._turn(self._dialogue, 0, prompt, at)

    def _prompt(self, campaign: Campaign, at: datetime, words: int = 0, **labels: str) -> int:
        self._count += 1
        text = f"{texts.prompt(self._count)}{' please' * words}"
        named = {"category": "", "second_category": "", "risk_category": "", "attack_vector": "", **labels}
        return self._record.add(
            Prompt, campaign_id=campaign.pk, key=uuid.uuid4(), text=text, family=family_of(text), created_at=at, **named
        )

    def _turn(self, dialogue: int, index: int, prompt: int, at: datetime) -> int:
        return self._record.add(
            Turn, dialogue_id=dialogue, index=index, prompt_id=prompt, status=TurnStatus.READY, created_at=at
        )

    def _response(self, turn: int, variant: Variant, text: str) -> int:
        return self._record.add(
            Response, turn_id=turn, variant_id=variant.pk, text=text, source=ResponseSource.IMPORTED
        )

    def _judged(
        self,
        campaign: Campaign,
        turn: int,
        responses: Sequence[int],
        scores: Sequence[int],
        at: datetime,
        rng: np.random.Generator,
        *,
        guideline: Guideline | None = None,
        left_is_a: Sequence[int] = (),
        pool: int | None = None,
    ) -> None:
        """A comparison of one response or two, with a rating for each score."""
        comparison = self._record.add(
            Comparison, key=uuid.uuid4(), campaign_id=campaign.pk, turn_id=turn, response_a_id=responses[0],
            response_b_id=responses[1] if len(responses) > 1 else None, status=ComparisonStatus.JUDGED,
            created_at=at, finished_at=at + 3 * HOUR,
        )  # fmt: skip
        under = guideline or self._guideline
        people = rng.choice(PEOPLE if pool is None else IN_POOL, len(scores), replace=False)
        for number, score in enumerate(scores):
            slot = self._record.add(
                Slot, campaign_id=campaign.pk, comparison_id=comparison, number=number, pool_id=pool,
                status=SlotStatus.FILLED,
            )  # fmt: skip
            is_left = left_is_a[number] if left_is_a else int(rng.integers(0, 2))
            self._record.add(
                Judgment, slot_id=slot, comparison_id=comparison, annotator_id=self.people[people[number]].pk,
                guideline_id=under.pk, shown_left="a" if is_left or len(responses) == 1 else "b",
                active_seconds=float(np.exp(rng.normal(4.0, 0.5))), created_at=at + (number + 1) * HOUR,
                **_verdict(score, rated=len(responses) == 1),
            )  # fmt: skip


def _verdict(score: int, *, rated: bool) -> dict[str, Any]:
    if rated:
        return {"chosen": Chosen.RATED, "degree": "", "safety_a": score}
    chosen = Chosen.TIE if score == 0 else Chosen.A if score < 0 else Chosen.B
    return {"chosen": chosen, "degree": DEGREE_OF[abs(score)] if score else "", "safety_a": None}
