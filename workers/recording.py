"""What a worker brings back: a text is stored and opens what is judged, or is refused and sampled again."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from preferences import lifecycle, metrics
from preferences import text as texts
from preferences.actions import comparisons, dialogues, responses
from preferences.actions.comparisons import Answered
from preferences.choices import Position, SamplingStatus, Source
from preferences.models import Response, Turn
from workers.actions import MOST_SAMPLES, give_up
from workers.models import SamplingRun

if TYPE_CHECKING:
    from workers.engines.base import Completion, EngineInfo

Results = Sequence[tuple[SamplingRun, "Completion"]]
LONGEST_REVISION = 200  # characters; a server may call itself anything
Pairs = dict[int, dict[str, Response]]  # the responses of a turn, by position


def record(*, run: SamplingRun, holder: uuid.UUID, completion: Completion, engine: EngineInfo) -> bool:
    """Stores one run's text as `record_all` does; False, and nothing stored, where its lease was lost meanwhile."""
    return run.pk in record_all(results=[(run, completion)], holder=holder, engine=engine)


@transaction.atomic
def record_all(*, results: Results, holder: uuid.UUID, engine: EngineInfo) -> set[int]:
    """Stores a batch of texts in one transaction: each answers a red-team turn, or opens what is judged of another
    once both are there.

    Returns the primary keys of the runs that were still held; nothing is stored of one whose lease was lost. A text
    that is empty, endless or equal to the other one is refused and sampled again with the next seed; after MOST_SAMPLES
    the turn fails with a reason. Runs are locked before turns and both in order, so that no two workers wait for each
    other.
    """
    runs = _held([run.pk for run, _ in results], holder)
    turns = _locked_turns({run.turn_id for run in runs.values()})
    pairs = _answers(turns)
    sampled: list[tuple[SamplingRun, Response]] = []
    for run, completion in results:
        if (held := runs.get(run.pk)) is None:
            continue
        response = _response(held, turns[held.turn_id], completion, engine)
        if refusal := _refusal(held, response, pairs[held.turn_id]):
            _sample_again(held, refusal)
            continue
        pairs[held.turn_id][held.position] = response
        sampled.append((held, response))
    _store(sampled)
    metrics.count_generated_once_committed([response for _, response in sampled])
    _open([turns[turn] for turn in dict.fromkeys(run.turn_id for run, _ in sampled)], pairs)
    return set(runs)


@transaction.atomic
def fail(*, run: SamplingRun, holder: uuid.UUID, reason: str, told: str = "") -> bool:
    """Ends a run that its engine cannot answer: `reason` for the manager, `told`, where given, for the annotator."""
    held = _held([run.pk], holder).get(run.pk)
    if held is None:
        return False
    give_up(held, reason, told)
    return True


def _held(keys: Sequence[int], holder: uuid.UUID) -> dict[int, SamplingRun]:
    """Those of the runs that the worker still holds, locked. One that waited here sees whether it was taken away."""
    rows = SamplingRun.objects.select_for_update(no_key=True, of=("self",)).select_related("variant")
    return {run.pk: run for run in rows.filter(pk__in=keys, holder=holder).order_by("pk")}


def _locked_turns(keys: set[int]) -> dict[int, Turn]:
    rows = Turn.objects.select_for_update(no_key=True, of=("self",)).select_related("dialogue__campaign", "prompt")
    return {turn.pk: turn for turn in rows.filter(pk__in=keys).order_by("pk")}


def _answers(turns: dict[int, Turn]) -> Pairs:
    pairs: Pairs = defaultdict(dict)
    done = SamplingRun.objects.filter(turn__in=turns, response__isnull=False).select_related("response")
    for run in done:
        if run.response is not None:
            pairs[run.turn_id][run.position] = run.response
    return pairs


def _response(run: SamplingRun, turn: Turn, completion: Completion, engine: EngineInfo) -> Response:
    return Response(
        turn=turn,
        variant=run.variant,
        text=texts.storable(completion.text),
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
        revision=texts.storable(engine.revision)[:LONGEST_REVISION],
        # Nothing rather than an empty list: the engine vouches for all, and a sealed row stays what it was.
        unconfirmed=list(completion.unconfirmed) or None,
        remarks=[texts.storable(remark) for remark in completion.remarks] or None,
    )


def _refusal(run: SamplingRun, response: Response, answers: dict[str, Response]) -> str:
    """Why the text is not taken, “” where it is. Stored as it stands in the catalogue; a page translates it."""
    text, campaign = response.text, response.turn.dialogue.campaign
    other = answers.get(Position(run.position).other)
    if not text.strip():
        return gettext_noop("The model returned an empty answer.")
    if len(text) > texts.RESPONSE_LIMIT:
        return gettext_noop("The model returned more text than anybody could read.")
    if other is not None and not campaign.rates_one and text.strip() == other.text.strip():
        return gettext_noop("The two models returned the same answer, so there was nothing to compare.")
    # Where the campaign samples such texts again: why this one says who wrote it.
    if campaign.resamples_identity_leaks and responses.leak_of(text, turn=response.turn, variant=run.variant):
        return gettext_noop("An answer said which model wrote it, so that nobody could compare blindly.")
    return ""


def _sample_again(run: SamplingRun, refusal: str) -> None:
    if run.samples + 1 >= MOST_SAMPLES:
        give_up(run, refusal)
        return
    again = {"holder": None, "leased_until": None, "attempts": 0, "setbacks": 0, "samples": run.samples + 1}
    lifecycle.advance(run, SamplingStatus.PENDING, reason=refusal, **again)


def _store(sampled: Sequence[tuple[SamplingRun, Response]]) -> None:
    stored = responses.record_all(unsaved=[response for _, response in sampled])
    lifecycle.advance_all(
        [run for run, _ in sampled],
        SamplingStatus.DONE,
        own={"response_id": [response.pk for response in stored]},
        holder=None,
        leased_until=None,
        reason="",
        ended_at=timezone.now(),
    )


def _open(turns: Sequence[Turn], pairs: Pairs) -> None:
    """Opens what both responses are there of; a red-team turn has one, which goes on with the dialogue."""
    answered = []
    for turn in turns:
        pair = pairs[turn.pk]
        if turn.dialogue.campaign.is_red_team:
            dialogues.answer(turn=turn, response=pair[Position.A])
        elif len(pair) == len(Position):
            answered.append(Answered(turn, pair[Position.A], pair[Position.B]))
    comparisons.open_all(answered=answered)
