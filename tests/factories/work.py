from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from annotation import queue
from annotation.models import Assignment
from preferences.actions import guidelines, judgments, slots
from preferences.actions.judgments import Opinion
from preferences.choices import Chosen, Position, SlotStatus
from preferences.models import Campaign, Comparison, Guideline, Judgment, Slot, Turn
from preferences.scales import DEGREE_OF, Scale, Verdict
from tests.factories import records
from tests.factories.made_campaigns import sampling_plan
from tests.factories.made_people import annotator
from webapp.accounts.models import User
from workers import actions as workers
from workers.models import SamplingRun

SAFE = {Position.A: 4, Position.B: 4}


def verdict(scale: Scale, score: int) -> Verdict:
    """The verdict with this score: below zero for A, above for B, zero for a tie; of one response its rating."""
    if scale.rates_one:
        return Verdict(Chosen.RATED, None, score)
    if score == 0:
        return Verdict(Chosen.TIE, None)
    return Verdict(Chosen.A if score < 0 else Chosen.B, DEGREE_OF[abs(score)] if scale.has_degree else None)


def leased_slot(comparison: Comparison) -> Slot:
    """The comparison's next open slot, leased; without an assignment."""
    slot = comparison.slots.filter(status=SlotStatus.OPEN).order_by("number")[0]
    slots.lease(slot)
    return slot


def judge(
    comparison: Comparison,
    by: User | None = None,
    *,
    score: int | None = None,
    safety: dict[Position, int] | None = None,
    shown_left: Position = Position.A,
    rationale: str = "",
    active_seconds: float = 12.5,
) -> Judgment:
    """One judgment through the kernel, without the queue; A is better (-3), or one response safe (4), unless told.

    On the safety track both responses are safe unless told.
    """
    campaign = comparison.campaign
    guideline = guidelines.current(campaign)
    assert guideline is not None, "judge in a campaign made by factories.campaign()"
    return record(
        leased_slot(comparison),
        by=by or annotator(campaign),
        verdict=verdict(campaign.the_scale, (4 if campaign.rates_one else -3) if score is None else score),
        shown_left=shown_left,
        guideline=guideline,
        active_seconds=active_seconds,
        safety=safety or (SAFE if campaign.scores_both else None),
        rationale=rationale,
    )


def record(
    slot: Slot,
    *,
    by: User,
    verdict: Verdict,
    guideline: Guideline,
    shown_left: Position = Position.A,
    active_seconds: float = 12.5,
    safety: dict[Position, int] | None = None,
    rationale: str = "",
) -> Judgment:
    """Fills a leased slot as the queue does, while the comparison's row is held."""
    with transaction.atomic():
        return judgments.record(
            slot=slot,
            comparison=held(slot.comparison),
            by=by,
            opinion=Opinion(verdict, safety, rationale),
            shown_left=shown_left,
            guideline=guideline,
            active_seconds=active_seconds,
        )


def held(comparison: Comparison) -> Comparison:
    """The comparison as it is now, its row locked; call inside a transaction."""
    rows = Comparison.objects.select_for_update(no_key=True, of=("self",))
    return rows.select_related("campaign", "turn__dialogue").get(pk=comparison.pk)


def judged_comparison(
    campaign: Campaign,
    *,
    scores: list[int] | None = None,
    by: list[User] | None = None,
    finished_at: datetime | None = None,
    text: str = "",
    text_a: str = "",
    text_b: str = "",
    safety: dict[Position, int] | None = None,
) -> Comparison:
    """A comparison with all its judgments: `scores` one a rater (as of `judge` unless told), by new ones or `by`."""
    made = records.comparison(campaign, text=text, text_a=text_a, text_b=text_b)
    raters = by or [annotator(campaign) for _ in range(campaign.raters_per_item)]
    for rater, score in zip(raters, scores or [None] * len(raters), strict=True):
        judge(made, rater, score=score, safety=safety)
    if finished_at is not None:
        Comparison.objects.filter(pk=made.pk).update(finished_at=finished_at)
    made.refresh_from_db()
    return made


def dialogue_turns(campaign: Campaign, texts: list[str], *, by: User, score: int = -3) -> list[Turn]:
    """One dialogue with these user messages; each turn but the last is answered, judged by the author, continued.

    Turn i is answered by “Answer A i” and “Answer B i”; the author chooses A unless `score` is above zero.
    """
    turns = [records.turn(campaign, text=texts[0], by=by)]
    for index, text in enumerate(texts[1:]):
        made = records.comparison(of=turns[-1], text_a=f"Answer A {index}", text_b=f"Answer B {index}")
        judge(made, by, score=score)
        turns.append(records.continued_turn(made, text, by=by))
    return turns


def assignment(campaign: Campaign, by: User | None = None, *, comparison: Comparison | None = None) -> Assignment:
    """An active lease of the annotator, claimed from the queue; makes a comparison to be claimed unless one is given.

    The queue hands out the oldest open comparison of the campaign first, whichever is given.
    """
    if comparison is None:
        records.comparison(campaign)
    claimed = queue.claim(campaign=campaign, by=by or annotator(campaign))
    assert claimed is not None
    return claimed


def submitted_assignment(campaign: Campaign, by: User | None = None, *, place: int = 2) -> Assignment:
    """A lease that was answered; `place` counts from strongest for the left response."""
    made = assignment(campaign, by)
    safe = 4 if campaign.scores_both else None
    answer = queue.Answer(place=place, safety_left=safe, safety_right=safe)
    queue.submit(key=made.key, by=made.annotator, answer=answer)
    return Assignment.objects.get(pk=made.pk)


def expire(assignment: Assignment) -> None:
    """Ends a lease by the clock: it stays active until somebody looks."""
    Assignment.objects.filter(pk=assignment.pk).update(leased_until=timezone.now() - timedelta(seconds=1))


def sampling_run(campaign: Campaign | None = None, *, of: Turn | None = None) -> SamplingRun:
    """The first of the two pending runs of a turn; the campaign gets a sampling plan if it has none."""
    of = of or records.turn(campaign)
    if not of.dialogue.campaign.sampling_plan.exists():
        sampling_plan(of.dialogue.campaign)
    return workers.request_pair(turn=of, by=None)[0]


def claimed_run(run: SamplingRun) -> tuple[uuid.UUID, SamplingRun]:
    """The run in a worker's hands, with the key of its lease."""
    holder, runs = workers.claim(variant=run.variant, limit=1)
    return holder, runs[0]
