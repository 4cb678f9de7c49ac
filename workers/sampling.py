"""Claim, generate, record: the worker's loop over one variant's waiting runs."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import InterfaceError, OperationalError, close_old_connections, connection
from django.utils.translation import gettext_noop

from preferences.models import Variant
from workers import actions
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
from workers.models import SamplingRun

log = logging.getLogger(__name__)

BATCH = 16
MOST_BATCHES = 20
HEARTBEAT_SECONDS = 4.0

# One worker child holds its models for as long as it lives.
_engines: dict[tuple[str, str], Engine] = {}


def drain(variant: Variant) -> int:
    """Samples the variant's waiting runs, a batch at a time; returns how many were answered.

    It ends after MOST_BATCHES, so that the other variants' runs get their turn.
    """
    answered = 0
    for _ in range(MOST_BATCHES):
        holder, runs = actions.claim(variant=variant, limit=BATCH)
        if not runs:
            break
        answered += _sample(variant, runs, holder)
    return answered


def _sample(variant: Variant, runs: Sequence[SamplingRun], holder: uuid.UUID) -> int:
    with _heartbeat(holder):
        asked = {run.pk: _request(run, variant) for run in runs}
        good = [request for request in asked.values() if isinstance(request, Request)]
        try:
            engine = _engine(variant)
            results = iter(engine.generate(good))
        except EngineError as error:
            log.error("engine of %s: %s", variant, error)
            for run in runs:
                actions.fail(run=run, holder=holder, reason=str(error), told=_told(error))
            return 0
        for run in runs:
            request = asked[run.pk]
            _keep(run, holder, next(results) if isinstance(request, Request) else request, engine)
    return len(runs)


def _keep(run: SamplingRun, holder: uuid.UUID, result: Completion | EngineError, engine: Engine) -> None:
    if isinstance(result, EngineError):
        kept = actions.fail(run=run, holder=holder, reason=str(result), told=_told(result))
    else:
        kept = actions.record(run=run, holder=holder, completion=result, engine=engine.info)
    if not kept:
        log.warning("sampling run %s: the lease was lost, its late result is refused", run.pk)


def _told(error: EngineError) -> str:
    """What an annotator may read of it: an engine's own words can name a model or where it lies."""
    too_long = gettext_noop("This dialogue is too long for the models.")
    return too_long if isinstance(error, PromptTooLong) else gettext_noop("The models could not answer.")


def _engine(variant: Variant) -> Engine:
    key = (variant.engine, variant.location)
    if key not in _engines:
        log.info("loading %s from %s", variant, variant.location)
        _engines[key] = load_engine(*key)
    return _engines[key]


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
            temperature=run.temperature, top_p=run.top_p, max_tokens=variant.max_tokens, seed=run.sample_seed
        )
        return Request(messages=tuple(messages), params=params)
    except InvalidRequest as error:
        return error


@contextmanager
def _heartbeat(holder: uuid.UUID) -> Iterator[None]:
    """Renews the lease from a thread while the engine works."""
    done = threading.Event()

    def beat() -> None:
        while not done.wait(HEARTBEAT_SECONDS):
            close_old_connections()
            try:
                actions.renew(holder=holder)
            except (OperationalError, InterfaceError) as error:
                log.warning("the lease could not be renewed, trying again: %s", error)
                connection.close()
        connection.close()  # the thread's own

    thread = threading.Thread(target=beat, name="lease-heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
