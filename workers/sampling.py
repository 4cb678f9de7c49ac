"""Claim, generate, record: the worker's loop over one variant's waiting runs."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable, Iterator, Sequence

from django.db import DataError, IntegrityError, InterfaceError, OperationalError, close_old_connections
from django.utils.translation import gettext_noop

from preferences import origin
from preferences.models import Event, Variant
from workers import actions, ending, faults, presence, recording
from workers.engines import load_engine
from workers.engines.base import (
    Completion,
    Engine,
    EngineError,
    InvalidRequest,
    Message,
    PromptTooLong,
    Request,
    SamplingParams,
)
from workers.engines.device import free_memory
from workers.leases import kept_alive
from workers.models import SamplingRun

log = logging.getLogger(__name__)

MOST_SECONDS = 60.0
TOO_LONG = gettext_noop("This dialogue is too long for the models.")
COULD_NOT = gettext_noop("The models could not answer.")
PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)  # seconds, while the database is away

# One worker child holds its models for as long as it lives, or until it trains.
_engines: dict[tuple[str, str, str], Engine] = {}
_held_for: dict[int, tuple[str, str, str]] = {}  # which of them a variant was sampled from, by its primary key


def drain(variant: Variant) -> int:
    """Samples the variant's waiting runs, a batch at a time; returns how many were answered.

    It begins no batch after MOST_SECONDS, so that the other variants' runs get their turn, none after one that nobody
    waits for: somebody may wait for another variant, and none where the worker was asked to end.
    """
    answered, until = 0, time.monotonic() + MOST_SECONDS
    while time.monotonic() < until and not ending.is_asked_for():
        holder, runs = actions.claim(variant=variant, limit=variant.batch_size)
        if not runs:
            break
        faults.point("after-claim")
        answered += _sample(variant, runs, holder)
        if all(run.ahead for run in runs):
            break
    return answered


def let_go() -> None:
    """Holds no model any more, so that what comes next has the memory to itself."""
    _engines.clear()
    presence.holds(())
    free_memory()


def _sample(variant: Variant, runs: Sequence[SamplingRun], holder: uuid.UUID) -> int:
    """Returns how many of the runs got a result."""
    with presence.sampling(variant, len(runs)), kept_alive(lambda: actions.renew(holder=holder)):
        _tell_who_asked(runs)
        asked = {run.pk: _request(run, variant) for run in runs}
        good = [request for request in asked.values() if isinstance(request, Request)]
        try:
            engine = engine_of(variant)
            with faults.during("generation"):
                results = iter(engine.generate(good))
        except EngineError as error:
            log.error("engine of %s: %s", variant, error)
            actions.put_back(holder=holder, reason=str(error), told=_told(error))
            return 0
        except Exception as error:
            log.exception("engine of %s stopped", variant)
            _engines.pop(_key(variant), None)  # what is left of it may be of no use
            actions.let_go(holder=holder, reason=f"The engine stopped: {type(error).__name__}: {error}")
            return 0
        faults.point("before-recording")
        brought = [(run, _result(asked[run.pk], results)) for run in runs]
        _keep(brought, holder, engine)
    return len(runs)


def _tell_who_asked(runs: Sequence[SamplingRun]) -> None:
    """A line for each in the log of the request that wanted it, with the id (`call`) of what woke this worker: it takes
    all that waits, and what it tells of the batch has that id alone."""
    call = origin.current.get()
    subjects = {f"turn:{run.turn_id}" for run in runs}
    wanted = Event.objects.filter(verb="sampling.requested", subject__in=subjects)
    by = dict(wanted.values_list("subject", "request_id"))
    for run in runs:
        request_id = by.get(f"turn:{run.turn_id}") or call.request_id
        with origin.coming(request_id=request_id, door=call.door):
            told = {"turn": run.turn_id, "variant": run.variant_id, "call": call.request_id}
            log.info("samples response %s of turn %d", run.position, run.turn_id, extra=told)


def _result(asked: Request | EngineError, results: Iterator[Completion | EngineError]) -> Completion | EngineError:
    return next(results) if isinstance(asked, Request) else asked


def _keep(brought: Sequence[tuple[SamplingRun, Completion | EngineError]], holder: uuid.UUID, engine: Engine) -> None:
    texts = [(run, result) for run, result in brought if isinstance(result, Completion)]
    kept = _patiently(lambda: _record(texts, holder, engine))
    for run, result in brought:
        if isinstance(result, EngineError) and recording.fail(
            run=run, holder=holder, reason=str(result), told=_told(result)
        ):
            kept.add(run.pk)
    for run, _ in brought:
        if run.pk not in kept:
            log.warning("sampling run %s: the lease was lost, its late result is refused", run.pk)


def _patiently(record: Callable[[], set[int]]) -> set[int]:
    """What was generated is not thrown away because the database starts anew; what it stored already is refused."""
    for pause in PAUSES:
        try:
            return record()
        except (OperationalError, InterfaceError) as error:
            log.warning("the database is away, recording again in %s s: %s", pause, error)
            close_old_connections()
            time.sleep(pause)
    return record()


def _record(texts: Sequence[tuple[SamplingRun, Completion]], holder: uuid.UUID, engine: Engine) -> set[int]:
    """One transaction for all; where the database refuses something in it, one for each, so that the others stay."""
    try:
        return recording.record_all(results=texts, holder=holder, engine=engine.info)
    except (DataError, IntegrityError) as error:
        if len(texts) > 1:
            return {key for one in texts for key in _record([one], holder, engine)}
        run = texts[0][0]
        log.exception("sampling run %s cannot be stored", run.pk)
        reason = f"What the engine brought cannot be stored: {error}"
        return {run.pk} if recording.fail(run=run, holder=holder, reason=reason, told=COULD_NOT) else set()


def _told(error: EngineError) -> str:
    """What an annotator may read of it: an engine's own words can name a model or where it lies."""
    return TOO_LONG if isinstance(error, PromptTooLong) else COULD_NOT


def engine_of(variant: Variant) -> Engine:
    """The variant's engine, loaded where this process does not hold it yet; EngineError where it cannot be, or where
    its weights are not those that the variant was registered with."""
    key = _key(variant)
    if key not in _engines:
        _engines[key] = _load(variant)
    _held_for[variant.pk] = key
    if sentence := other_weights(variant, _engines[key].info.weights_hash):
        _engines.pop(key)  # so that the right ones are found once they are there
        raise EngineError(sentence)
    presence.holds(pk for pk, held in _held_for.items() if held in _engines)
    return _engines[key]


def _load(variant: Variant) -> Engine:
    log.info("loading %s from %s", variant, variant.location)
    try:
        return load_engine(variant.engine, variant.location, chat_template=variant.chat_template)
    except Exception as error:
        # Any: libraries name a lack of room in many ways. Nothing is hidden: alone it is loaded once more, and
        # what is wrong with the model itself is raised then.
        if not _engines:
            raise
        log.warning("%s did not load beside %s other models, which make room: %r", variant, len(_engines), error)
        let_go()
        return load_engine(variant.engine, variant.location, chat_template=variant.chat_template)


def other_weights(variant: Variant, found: str) -> str:
    """A sentence where the weights are not those of the variant, “” where they are or nobody can say."""
    if not (variant.weights_hash and found) or variant.weights_hash == found:
        return ""
    return (
        f"{variant.location} holds other weights than {variant} was registered with: sha256 {found[:12]}… instead of "
        f"{variant.weights_hash[:12]}…. Nothing is sampled from them. Put the registered ones back, or register those "
        "as a variant of their own."
    )


def _key(variant: Variant) -> tuple[str, str, str]:
    return variant.engine, variant.location, variant.chat_template


def _request(run: SamplingRun, variant: Variant) -> Request | EngineError:
    """What the engine is asked, or why it cannot be."""
    messages: list[Message] = [
        {"role": message["role"], "content": message["content"]}  # type: ignore[typeddict-item]  # roles are checked on the way in
        for message in run.turn.messages()
    ]
    if variant.system_prompt:
        messages.insert(0, {"role": "system", "content": variant.system_prompt})
    try:
        params = SamplingParams(
            temperature=run.temperature,
            top_p=run.top_p,
            max_tokens=variant.max_tokens,
            seed=run.sample_seed,
            max_prompt_tokens=variant.longest_prompt,
        )
        return Request(messages=tuple(messages), params=params)
    except InvalidRequest as error:
        return error
