"""The trainer's work on one reward model: take it, run the training beside this process, record what came of it."""

from __future__ import annotations

import hashlib
import json
import logging
import tempfile
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
from django.db import InterfaceError, OperationalError, connection

from preferences.choices import RewardStatus
from workers import leases, presence, sampling
from workers.models import RewardModel, ScoringOrder
from workers.rewards import actions, running, scores
from workers.rewards.errors import RewardError
from workers.rewards.recipe import MANIFEST

log = logging.getLogger(__name__)

RENEW_SECONDS = 5.0
REPORT = "reward.json"

Tell = Callable[[dict[str, Any]], None]


def train(model: RewardModel, *, tell: Tell = lambda progress: None) -> bool:
    """Trains a model that waits; False where somebody else has it or it is done. Errors end up in its record."""
    holder = actions.take(model=model)
    if holder is None:
        return False
    with presence.training(model):
        return _train(model, holder, tell)


def _train(model: RewardModel, holder: uuid.UUID, tell: Tell) -> bool:
    order = {"datasets": model.datasets, "base": model.base, "out": model.location, "recipe": model.recipe}
    report = Path(model.location) / REPORT
    try:
        if report.exists():  # its trainer died between writing and recording it, or it is another's
            _check_ours(report, model)
        else:
            running.run(running.TRAINING, order, watch=_watch(model, holder, tell))
        recorded = actions.finish(model=model, holder=holder, report=json.loads(report.read_text()))
    except RewardError as error:
        log.error("reward model %s: %s", model.pk, error)
        actions.fail(model=model, holder=holder, reason=str(error))
        return False
    except BaseException as error:
        actions.fail(model=model, holder=holder, reason=str(error) or type(error).__name__)
        raise
    if recorded:
        _measure_the_one_before(model)
    return recorded


def score(order: ScoringOrder) -> bool:
    """Scores what an order asks for; False where somebody else does or it is over. Errors end up in its record."""
    holder = scores.take(order=order)
    if holder is None:
        return False
    with leases.kept_alive(lambda: scores.renew(order=order, holder=holder)):
        try:
            found, problem = _scored(order), ""
        except RewardError as error:
            log.error("scoring order %s: %s", order.pk, error)
            found, problem = None, str(error)
    return scores.finish(order=order, holder=holder, scores=found, problem=problem)


def _scored(order: ScoringOrder) -> list[float]:
    """Models that this process answers with make room for the reward model, which has a process of its own."""
    sampling.let_go()
    with tempfile.TemporaryDirectory(prefix="margin-scores-") as scratch:
        source, out = Path(scratch) / "asked", Path(scratch) / "scored"
        source.write_bytes(b"".join(orjson.dumps(item, option=orjson.OPT_APPEND_NEWLINE) for item in order.items or []))
        running.call(running.SCORING, order.model.location, str(source), str(out))
        return [float(orjson.loads(line)["score"]) for line in out.read_bytes().splitlines()]


def measure(model: RewardModel, datasets: Sequence[str]) -> None:
    """Measures a trained model on the held-out rows of further batches."""
    found = running.run(running.MEASURING, {"model": model.location, "datasets": list(datasets)})
    actions.measure(model=model, found=found, by=None)


def _measure_the_one_before(model: RewardModel) -> None:
    """How the model in use does on the batches that the new one learnt from: whether people's work has moved on."""
    before = RewardModel.objects.filter(
        track=model.track, status=RewardStatus.TRAINED, finished_at__lt=model.finished_at
    )
    last = before.order_by("-finished_at").first()
    if last is None:
        return
    try:
        measure(last, model.datasets)
    except RewardError as error:
        log.warning("reward model %s could not be measured on the newest batch: %s", last.pk, error)


def _watch(model: RewardModel, holder: uuid.UUID, tell: Tell) -> running.Watch:
    told: dict[str, Any] = {"progress": None, "at": 0.0}

    def watch(progress: dict[str, Any] | None) -> bool:
        now = time.monotonic()
        is_new = progress != told["progress"]
        if not is_new and now - told["at"] < RENEW_SECONDS:
            return True
        told.update(progress=progress, at=now)
        if is_new and progress is not None:
            tell(progress)
        try:
            return actions.note(model=model, holder=holder, progress=progress)
        except (OperationalError, InterfaceError) as error:
            log.warning("progress could not be noted, trying again: %s", error)
            connection.close()
            return True

    return watch


def _check_ours(report: Path, model: RewardModel) -> None:
    found = json.loads(report.read_text())
    asked = (model.recipe, str(Path(model.base)))
    if (found["recipe"], found["base"]["location"]) != asked or not _is_of(found, model.datasets):
        raise RewardError(f"{report.parent} holds another reward model; nothing was written over it.")


def _is_of(found: Mapping[str, Any], datasets: Sequence[str]) -> bool:
    """Whether it was trained on the batches that lie in these directories, as far as they are still there."""
    hashes = [source["manifest_sha256"] for source in found["datasets"]]
    manifests = [Path(directory) / MANIFEST for directory in datasets]
    return len(hashes) == len(manifests) and all(
        not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() == known
        for path, known in zip(manifests, hashes, strict=True)
    )
