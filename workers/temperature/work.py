"""The worker's part of one sweep: take it, have it sampled and scored beside this process, record what is found."""

from __future__ import annotations

import json
import logging
import tempfile
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import InterfaceError, OperationalError, connection

from preferences.models import Prompt
from workers import sampling
from workers.models import TemperatureSweep
from workers.rewards import running
from workers.rewards.errors import RewardError
from workers.temperature import holding

log = logging.getLogger(__name__)

SWEEPING = "workers.temperature.sweeping"
RENEW_SECONDS = 5.0

Tell = Callable[[TemperatureSweep], None]


def tune(sweep: TemperatureSweep, *, tell: Tell = lambda sweep: None) -> bool:
    """Measures a sweep that waits; False where somebody else has it or it is done. Errors end up in its record.

    Temperatures that were recorded before a worker died are not measured again. `tell` is called after each one.
    """
    holder = holding.take(sweep=sweep)
    if holder is None:
        return False
    try:
        with tempfile.TemporaryDirectory(prefix="margin-temperatures-") as folder:
            at_work = _AtWork(sweep, holder, Path(folder), tell)
            order = _order(sweep, folder)
            if order["grid"]:
                running.run(SWEEPING, order, watch=at_work.watch)
                at_work.record()
        return holding.finish(sweep=sweep, holder=holder)
    except RewardError as error:
        log.error("%s: %s", sweep, error)
        holding.fail(sweep=sweep, holder=holder, reason=str(error))
        return False
    except BaseException as error:
        holding.fail(sweep=sweep, holder=holder, reason=str(error) or type(error).__name__)
        raise


def _order(sweep: TemperatureSweep, folder: str) -> dict[str, Any]:
    """The fields of sweeping.Order; of the grid what is still to do."""
    variant = sweep.variant
    done = set(sweep.swept.values_list("temperature", flat=True))
    texts = dict(Prompt.objects.filter(pk__in=sweep.prompts).values_list("pk", "text"))
    return {
        "engine": variant.engine,
        "location": variant.location,
        "chat_template": variant.chat_template,
        "system_prompt": variant.system_prompt,
        "max_tokens": variant.max_tokens,
        "max_prompt_tokens": variant.longest_prompt,
        "top_p": sweep.top_p,
        "reward_model": sweep.reward_model.location,
        "grid": [point for point in sweep.grid if point not in done],
        "prompts": [texts[pk] for pk in sweep.prompts],
        "answers": sweep.answers,
        "seed": sweep.seed,
        "results": folder,
    }


@dataclass
class _AtWork:
    """Follows the child: renews the lease, and records each temperature that it has written."""

    sweep: TemperatureSweep
    holder: uuid.UUID
    folder: Path
    tell: Tell
    told: tuple[dict[str, Any] | None, float] = (None, 0.0)

    def watch(self, progress: dict[str, Any] | None) -> bool:
        try:
            return self.record() and self._note(progress)
        except (OperationalError, InterfaceError) as error:
            log.warning("progress could not be noted, trying again: %s", error)
            connection.close()
            return True

    def record(self) -> bool:
        """False where the lease was lost; RewardError where it is of other weights than the variant's."""
        for path in sorted(self.folder.glob("*.json"), key=lambda path: float(path.stem)):
            found = json.loads(path.read_text())
            if sentence := sampling.other_weights(self.sweep.variant, found["weights_hash"]):
                raise RewardError(sentence)
            if not holding.record(sweep=self.sweep, holder=self.holder, found=found):
                return False
            path.unlink()
            self.tell(self.sweep)
        return True

    def _note(self, progress: dict[str, Any] | None) -> bool:
        before, at = self.told
        now = time.monotonic()
        if progress == before and now - at < RENEW_SECONDS:
            return True
        self.told = (progress, now)
        return holding.note(sweep=self.sweep, holder=self.holder, answered=(progress or {}).get("answered", 0))
