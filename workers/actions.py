"""The queue of sampling runs: asked for, claimed under a lease, put back, given up."""

from __future__ import annotations

import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.contrib.postgres.aggregates import BoolAnd
from django.db import transaction
from django.db.models import F, Prefetch, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from preferences import lifecycle
from preferences import text as texts
from preferences.actions import comparisons, events, prompts
from preferences.choices import Position, SamplingStatus, TurnStatus, VariantStatus
from preferences.errors import Conflict
from preferences.models import Campaign, SamplingPair, Turn, Variant
from workers.models import SamplingRun

if TYPE_CHECKING:
    from webapp.accounts.models import User

LEASE = timedelta(seconds=15)  # renewed while the worker lives, so that a dead one is noticed soon
MOST_ATTEMPTS = 5  # claims that brought no text: the run kills its workers
# An endpoint that starts anew is back within three minutes; after that an annotator has waited long enough.
MOST_SETBACKS = 8
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=2), timedelta(seconds=60)
LONGEST_REASON = 300  # characters
MOST_SAMPLES = 4  # texts refused as empty, equal or endless

_STOPPED = gettext_noop("The model stopped without an answer several times.")


@dataclass(frozen=True)
class Side:
    """A variant and how it is sampled."""

    variant: Variant
    temperature: float
    top_p: float


@transaction.atomic
def request_pair(*, turn: Turn, by: User | None, ahead: bool = False) -> list[SamplingRun]:
    """Asks for two responses from two variants of the campaign's sampling plan, drawn by weight.

    Each is sampled at a temperature drawn around the plan's, within the campaign's spread. What nobody waits for yet is
    asked for `ahead`: it is sampled after all that somebody waits for. Which of the two becomes A is drawn too, so that
    the position tells nothing about the variant.
    """
    campaign = turn.dialogue.campaign
    draw = random.Random(f"{turn.pk}:{turn.created_at.isoformat()}")
    pair = _draw_pair(campaign, draw)
    sides = [
        (variant, _around(temperature, campaign, draw))
        for variant, temperature in ((pair.first, pair.first_temperature), (pair.second, pair.second_temperature))
    ]
    draw.shuffle(sides)
    runs = SamplingRun.objects.bulk_create(
        SamplingRun(
            turn=turn,
            position=position,
            variant=variant,
            temperature=temperature,
            top_p=pair.top_p,
            ahead=ahead,
            seed=draw.randrange(2**31),
        )
        for position, (variant, temperature) in zip(Position, sides, strict=True)
    )
    events.record("sampling.requested", turn, by=by, campaign=campaign)
    return runs


@transaction.atomic
def request_one(*, turn: Turn, by: User | None, side: Side | None = None) -> SamplingRun:
    """Asks for the one response of a turn, from `side`; unless told, a variant of the plan answers a whole dialogue."""
    draw = random.Random(f"{turn.pk}:{turn.created_at.isoformat()}")
    before = (
        SamplingRun.objects.filter(turn__dialogue=turn.dialogue_id).select_related("variant").order_by("pk").first()
    )
    if side is None and before is not None:
        side = Side(before.variant, before.temperature, before.top_p)
    run = _only_run(turn, side or _draw_side(turn.dialogue.campaign, draw), draw)
    events.record("sampling.requested", turn, by=by, campaign=turn.dialogue.campaign)
    return run


def _only_run(turn: Turn, side: Side, draw: random.Random) -> SamplingRun:
    return SamplingRun.objects.create(
        turn=turn,
        position=Position.A,
        variant=side.variant,
        temperature=side.temperature,
        top_p=side.top_p,
        seed=draw.randrange(2**31),
    )


def _draw_side(campaign: Campaign, draw: random.Random) -> Side:
    """A variant of the plan by the weights of its lines; of a line with a retired variant the other one is left."""
    plan = campaign.sampling_plan.filter(paused=False).select_related("first", "second").order_by("pk")
    sides = [
        (Side(variant, temperature, pair.top_p), pair.weight)
        for pair in plan
        for variant, temperature in ((pair.first, pair.first_temperature), (pair.second, pair.second_temperature))
        if variant.status == VariantStatus.ACTIVE
    ]
    if not sides:
        raise _no_plan(campaign)
    side = draw.choices([side for side, _ in sides], weights=[weight for _, weight in sides])[0]
    return replace(side, temperature=_around(side.temperature, campaign, draw))


def _around(temperature: float, campaign: Campaign, draw: random.Random) -> float:
    """Drawn evenly from the campaign's spread to either side, cut off at 0."""
    spread = campaign.temperature_spread
    return max(0.0, draw.uniform(temperature - spread, temperature + spread)) if spread else temperature


def _draw_pair(campaign: Campaign, draw: random.Random) -> SamplingPair:
    active = Q(paused=False, first__status=VariantStatus.ACTIVE, second__status=VariantStatus.ACTIVE)
    plan = list(campaign.sampling_plan.filter(active).select_related("first", "second").order_by("pk"))
    if not plan:
        raise _no_plan(campaign)
    return draw.choices(plan, weights=[pair.weight for pair in plan])[0]


def _no_plan(campaign: Campaign) -> Conflict:
    return Conflict(
        _("“%(campaign)s” has no sampling plan with active variants: no model would answer. Ask its manager.")
        % {"campaign": campaign}
    )


@transaction.atomic
def claim(*, variant: Variant, limit: int) -> tuple[uuid.UUID, list[SamplingRun]]:
    """Leases up to `limit` waiting runs of a variant, and those whose worker died: what somebody waits for first.

    Returns the lease's holder key with the runs, oldest first. Workers that claim at once get different runs (SKIP
    LOCKED). A run that was claimed before without a result may be what killed its worker: it is claimed alone, so that
    it takes no neighbour with it.
    """
    now, holder = timezone.now(), uuid.uuid4()
    rows = (
        SamplingRun.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(_waits(now), variant=variant)
        .order_by("ahead", "pk")
    )
    for run in sorted(rows.filter(attempts__gte=MOST_ATTEMPTS), key=lambda run: run.turn_id):  # as turns are locked
        if run.status == SamplingStatus.PENDING:  # the FAILED edge leaves from RUNNING
            lifecycle.advance(run, SamplingStatus.RUNNING, holder=holder, leased_until=now)
        give_up(run, run.reason or _STOPPED, _STOPPED)
    oldest = rows.first()
    taken = [oldest] if oldest is not None and oldest.attempts else list(rows.filter(attempts=0)[:limit])
    lost = [run for run in taken if run.status == SamplingStatus.RUNNING]
    lifecycle.advance_all(lost, SamplingStatus.PENDING, holder=None, leased_until=None)
    leased = {"holder": holder, "leased_until": now + LEASE, "attempts": F("attempts") + 1}
    claimed = SamplingRun.objects.filter(pk__in=[run.pk for run in taken])
    lifecycle.advance_many(claimed, SamplingStatus.PENDING, SamplingStatus.RUNNING, **leased)
    return holder, _with_dialogues(claimed) if taken else []


def _waits(now: datetime) -> Q:
    """What a worker may take: what waits and was not put back a moment ago, and what its worker lost."""
    left_alone = Q(not_before__isnull=False, not_before__gt=now)
    return Q(status=SamplingStatus.PENDING) & ~left_alone | Q(status=SamplingStatus.RUNNING, leased_until__lt=now)


def _with_dialogues(runs: QuerySet[SamplingRun]) -> list[SamplingRun]:
    """With all that the request to the engine is made of."""
    turns = Turn.objects.select_related("prompt", "chosen_response")
    related = runs.select_related("turn__dialogue__campaign", "turn__prompt")
    return list(related.prefetch_related(Prefetch("turn__dialogue__turns", turns)).order_by("pk"))


def renew(*, holder: uuid.UUID) -> int:
    """Heartbeat: prolongs the lease of the runs still held; returns how many that are."""
    held = SamplingRun.objects.filter(holder=holder, status=SamplingStatus.RUNNING)
    return held.update(leased_until=timezone.now() + LEASE)


@transaction.atomic
def put_back(*, holder: uuid.UUID, reason: str, told: str) -> int:
    """The engine as a whole could not answer: its runs wait, longer each time.

    After MOST_SETBACKS those that somebody waits for fail. The others stay, else an engine that is away for a night
    would fail all the prompts that are sampled ahead. `reason` is for the manager, `told` for the annotator. Returns
    how many runs were still held.
    """
    runs = list(_held(holder))
    for run in runs:
        if run.setbacks + 1 >= MOST_SETBACKS and not run.ahead:
            give_up(run, reason, told)
    again = [run for run in runs if run.status == SamplingStatus.RUNNING]
    now = timezone.now()
    lifecycle.advance_all(
        again,
        SamplingStatus.PENDING,
        own={
            "setbacks": [min(run.setbacks + 1, MOST_SETBACKS) for run in again],
            "not_before": [now + min(FIRST_PAUSE * 2**run.setbacks, LONGEST_PAUSE) for run in again],
        },
        holder=None,
        leased_until=None,
        attempts=0,
        reason=_kept(reason),
    )
    return len(runs)


@transaction.atomic
def let_go(*, holder: uuid.UUID, reason: str) -> int:
    """The worker broke off: its runs wait again, each to be claimed alone, since one of them may be why."""
    runs = list(_held(holder))
    lifecycle.advance_all(runs, SamplingStatus.PENDING, holder=None, leased_until=None, reason=_kept(reason))
    return len(runs)


def _kept(reason: str) -> str:
    """An engine's words as they can be stored: they may quote anything that a server sent."""
    return texts.storable(reason)[:LONGEST_REASON]


def _held(holder: uuid.UUID) -> QuerySet[SamplingRun]:
    rows = SamplingRun.objects.select_for_update(no_key=True).filter(holder=holder, status=SamplingStatus.RUNNING)
    return rows.order_by("turn", "pk")


def give_up(run: SamplingRun, reason: str, told: str = "") -> None:
    """Fails a run that is held, and its turn with it; call inside the transaction that locked the run."""
    over = {"holder": None, "leased_until": None, "ended_at": timezone.now()}
    lifecycle.advance(run, SamplingStatus.FAILED, reason=_kept(reason), **over)
    turn = Turn.objects.select_for_update(no_key=True).get(pk=run.turn_id)
    if turn.status == TurnStatus.SAMPLING:
        comparisons.fail_turn(turn=turn, reason=told or reason)


@transaction.atomic
def retry(*, turn: Turn, by: User | None) -> None:
    """“Try again” on a failed turn: its runs without a response wait once more, with fresh seeds.

    Not where the prompt, or an earlier one of its dialogue, was retired meanwhile.
    """
    runs = list(turn.sampling_runs.select_for_update(no_key=True).order_by("pk"))
    turn = Turn.objects.select_for_update(no_key=True).get(pk=turn.pk)
    if turn.status != TurnStatus.FAILED or prompts.is_retired(turn):  # a double click, or too late
        return
    comparisons.retry_turn(turn=turn)
    for run in runs:
        if run.status not in (SamplingStatus.FAILED, SamplingStatus.CANCELLED):
            continue
        lifecycle.advance(
            run,
            SamplingStatus.PENDING,
            attempts=0,
            setbacks=0,
            not_before=None,
            samples=0,
            seed=run.seed + MOST_SAMPLES + 1,
            reason="",
            ended_at=None,
        )
    events.record("sampling.retried", turn, by=by, campaign=turn.dialogue.campaign)


def turns_ahead(turn: Turn) -> int:
    """How many other turns that somebody waits for were asked for before this one: the place in the line, less one."""
    first = turn.sampling_runs.order_by("pk").values("pk")[:1]
    waiting = SamplingRun.objects.filter(status=SamplingStatus.PENDING, ahead=False)
    before = waiting.filter(pk__lt=Subquery(first)).exclude(turn=turn)
    return before.values("turn").distinct().count()


def is_being_sampled(turn: Turn) -> bool:
    """Whether a worker has begun: not which of the two responses is there, so that speed tells nothing."""
    return turn.sampling_runs.exclude(status=SamplingStatus.PENDING).exists()


def waiting_variants() -> Sequence[int]:
    """Variants with runs that a worker may take now; those that somebody waits for come first."""
    waiting = SamplingRun.objects.filter(_waits(timezone.now())).values("variant")
    return [row["variant"] for row in waiting.annotate(ahead=BoolAnd("ahead")).order_by("ahead", "variant")]
