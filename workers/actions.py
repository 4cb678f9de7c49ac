"""The queue of sampling runs: asked for, claimed under a lease, recorded once, or failed with a reason."""

from __future__ import annotations

import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from preferences import lifecycle
from preferences import text as texts
from preferences.actions import comparisons, dialogues, events, responses
from preferences.choices import Position, SamplingStatus, Source, TurnStatus, VariantStatus
from preferences.errors import Conflict
from preferences.models import Campaign, SamplingPair, Turn, Variant
from workers.models import SamplingRun

if TYPE_CHECKING:
    from preferences.models import Response
    from webapp.accounts.models import User
    from workers.engines.base import Completion, EngineInfo

LEASE = timedelta(seconds=15)  # renewed while the worker lives, so that a dead one is noticed soon
MOST_ATTEMPTS = 5  # claims that brought no text: the run kills its workers
MOST_SAMPLES = 4  # texts refused as empty, equal or endless


@dataclass(frozen=True)
class Side:
    """A variant and how it is sampled."""

    variant: Variant
    temperature: float
    top_p: float


@transaction.atomic
def request_pair(*, turn: Turn, by: User | None) -> list[SamplingRun]:
    """Asks for two responses from two variants of the campaign's sampling plan, drawn by weight.

    Which of the two becomes A is drawn too, so that the position tells nothing about the variant.
    """
    campaign = turn.dialogue.campaign
    draw = random.Random(f"{turn.pk}:{turn.created_at.isoformat()}")
    pair = _draw_pair(campaign, draw)
    sides = [(pair.first, pair.first_temperature), (pair.second, pair.second_temperature)]
    draw.shuffle(sides)
    runs = SamplingRun.objects.bulk_create(
        SamplingRun(
            turn=turn,
            position=position,
            variant=variant,
            temperature=temperature,
            top_p=pair.top_p,
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
    plan = campaign.sampling_plan.select_related("first", "second").order_by("pk")
    sides = [
        (Side(variant, temperature, pair.top_p), pair.weight)
        for pair in plan
        for variant, temperature in ((pair.first, pair.first_temperature), (pair.second, pair.second_temperature))
        if variant.status == VariantStatus.ACTIVE
    ]
    if not sides:
        raise _no_plan(campaign)
    return draw.choices([side for side, _ in sides], weights=[weight for _, weight in sides])[0]


def _draw_pair(campaign: Campaign, draw: random.Random) -> SamplingPair:
    active = Q(first__status=VariantStatus.ACTIVE, second__status=VariantStatus.ACTIVE)
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
    """Leases up to `limit` waiting runs of a variant, oldest first, and those whose worker died.

    Returns the lease's holder key with the runs. Workers that claim at once get different runs (SKIP LOCKED). A run
    that was claimed before without a result may be what killed its worker: it is claimed alone, so that it takes no
    neighbour with it.
    """
    now, holder = timezone.now(), uuid.uuid4()
    lost = Q(status=SamplingStatus.RUNNING, leased_until__lt=now)
    rows = (
        SamplingRun.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(Q(status=SamplingStatus.PENDING) | lost, variant=variant)
        .select_related("turn__dialogue__campaign", "turn__prompt")
        .order_by("pk")
    )
    for run in rows.filter(attempts__gte=MOST_ATTEMPTS):
        if run.status == SamplingStatus.PENDING:  # the FAILED edge leaves from RUNNING
            lifecycle.advance(run, SamplingStatus.RUNNING, holder=holder, leased_until=now)
        _give_up(run, gettext_noop("The model stopped without an answer several times."))
    oldest = rows.first()
    claimed = [oldest] if oldest is not None and oldest.attempts else list(rows.filter(attempts=0)[:limit])
    for run in claimed:
        if run.status == SamplingStatus.RUNNING:
            lifecycle.advance(run, SamplingStatus.PENDING, holder=None, leased_until=None)
        lifecycle.advance(
            run, SamplingStatus.RUNNING, holder=holder, leased_until=now + LEASE, attempts=run.attempts + 1
        )
    return holder, claimed


def renew(*, holder: uuid.UUID) -> int:
    """Heartbeat: prolongs the lease of the runs still held; returns how many that are."""
    held = SamplingRun.objects.filter(holder=holder, status=SamplingStatus.RUNNING)
    return held.update(leased_until=timezone.now() + LEASE)


@transaction.atomic
def record(*, run: SamplingRun, holder: uuid.UUID, completion: Completion, engine: EngineInfo) -> bool:
    """Stores a run's text; it answers a red-team turn, and opens what is judged of another once both are there.

    False, and nothing stored, where the lease was lost meanwhile. A text that is empty, endless or equal to the other
    one is refused and sampled again with the next seed; after MOST_SAMPLES the turn fails with a reason.
    """
    run = _locked(run)
    if run.holder != holder:
        return False
    turn = Turn.objects.select_for_update(no_key=True).get(pk=run.turn_id)
    other = _other_response(run)
    text = texts.storable(completion.text)
    compared_with = None if turn.dialogue.campaign.rates_one else other
    if refusal := _refusal(text, compared_with) or _leak(text, turn, run.variant):
        _sample_again(run, refusal)
        return True
    response = responses.record(
        turn=turn,
        variant=run.variant,
        text=text,
        source=Source.COLLECTED,
        system_prompt=run.variant.system_prompt,
        temperature=completion.temperature,
        top_p=completion.top_p,
        seed=completion.seed,
        prompt_tokens=completion.prompt_tokens,
        completion_tokens=completion.completion_tokens,
        finish_reason=completion.finish_reason,
        latency_ms=completion.latency_ms,
        engine=engine.engine,
        engine_version=engine.engine_version,
        weights_hash=engine.weights_hash,
    )
    lifecycle.advance(run, SamplingStatus.DONE, holder=None, leased_until=None, response=response, reason="")
    if turn.dialogue.campaign.is_red_team:
        dialogues.answer(turn=turn, response=response)
    elif other is not None:
        pair = {run.position: response, Position(run.position).other: other}
        comparisons.open_both(turn=turn, response_a=pair[Position.A], response_b=pair[Position.B])
    return True


@transaction.atomic
def fail(*, run: SamplingRun, holder: uuid.UUID, reason: str, told: str = "") -> bool:
    """Ends a run that its engine cannot answer: `reason` for the manager, `told`, where given, for the annotator."""
    run = _locked(run)
    if run.holder != holder:
        return False
    _give_up(run, reason, told)
    return True


@transaction.atomic
def retry(*, turn: Turn, by: User | None) -> None:
    """“Try again” on a failed turn: its failed runs wait once more, with fresh seeds."""
    runs = list(turn.sampling_runs.select_for_update(no_key=True).order_by("pk"))
    turn = Turn.objects.select_for_update(no_key=True).get(pk=turn.pk)
    if turn.status != TurnStatus.FAILED:  # a double click
        return
    comparisons.retry_turn(turn=turn)
    for run in runs:
        if run.status != SamplingStatus.FAILED:
            continue
        lifecycle.advance(
            run, SamplingStatus.PENDING, attempts=0, samples=0, seed=run.seed + MOST_SAMPLES + 1, reason=""
        )
    events.record("sampling.retried", turn, by=by, campaign=turn.dialogue.campaign)


def turns_ahead(turn: Turn) -> int:
    """How many other turns wait for a worker that were asked for before this one: the place in the line, less one."""
    first = turn.sampling_runs.order_by("pk").values("pk")[:1]
    before = SamplingRun.objects.filter(status=SamplingStatus.PENDING, pk__lt=Subquery(first)).exclude(turn=turn)
    return before.values("turn").distinct().count()


def is_being_sampled(turn: Turn) -> bool:
    """Whether a worker has begun: not which of the two responses is there, so that speed tells nothing."""
    return turn.sampling_runs.exclude(status=SamplingStatus.PENDING).exists()


def waiting_variants() -> Sequence[int]:
    """Variants with runs that no living worker holds."""
    lost = Q(status=SamplingStatus.RUNNING, leased_until__lt=timezone.now())
    waiting = SamplingRun.objects.filter(Q(status=SamplingStatus.PENDING) | lost)
    return list(waiting.order_by("variant").values_list("variant", flat=True).distinct())


def _locked(run: SamplingRun) -> SamplingRun:
    """The run as it is now, held. Runs are locked before their turn, everywhere, so that no two wait for each other."""
    return SamplingRun.objects.select_for_update(no_key=True).get(pk=run.pk)


def _other_response(run: SamplingRun) -> Response | None:
    other = SamplingRun.objects.filter(turn=run.turn_id).exclude(pk=run.pk).select_related("response").first()
    return other.response if other else None


def _refusal(text: str, other: Response | None) -> str:
    # Stored as it stands in the catalogue; the page that shows it translates it.
    if not text.strip():
        return gettext_noop("The model returned an empty answer.")
    if len(text) > texts.RESPONSE_LIMIT:
        return gettext_noop("The model returned more text than anybody could read.")
    if other is not None and text.strip() == other.text.strip():
        return gettext_noop("The two models returned the same answer, so there was nothing to compare.")
    return ""


def _leak(text: str, turn: Turn, variant: Variant) -> str:
    """Where the campaign samples such texts again: why this one says who wrote it."""
    if not turn.dialogue.campaign.resamples_identity_leaks:
        return ""
    leak = responses.leak_of(text, turn=turn, variant=variant)
    return gettext_noop("An answer said which model wrote it, so that nobody could compare blindly.") if leak else ""


def _sample_again(run: SamplingRun, refusal: str) -> None:
    run.samples += 1
    if run.samples >= MOST_SAMPLES:
        _give_up(run, refusal)
        return
    lifecycle.advance(
        run, SamplingStatus.PENDING, holder=None, leased_until=None, samples=run.samples, attempts=0, reason=refusal
    )


def _give_up(run: SamplingRun, reason: str, told: str = "") -> None:
    lifecycle.advance(run, SamplingStatus.FAILED, holder=None, leased_until=None, reason=reason[:300])
    turn = Turn.objects.select_for_update(no_key=True).get(pk=run.turn_id)
    if turn.status == TurnStatus.SAMPLING:
        comparisons.fail_turn(turn=turn, reason=told or reason)
