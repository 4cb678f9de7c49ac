"""What the samplers of sets share: the engine of a variant, what it is asked, and how far they are. No torch."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from workers.engines import load_engine
from workers.engines.base import Completion, Engine, EngineError, Message, PromptTooLong, Request, SamplingParams
from workers.rewards.errors import RewardError
from workers.tuning.candidates import Speaker

PROGRESS = "progress.json"

Tell = Callable[[dict[str, Any]], None]


def engine_of(speaker: Speaker) -> Engine:
    """The variant's engine, loaded; EngineError where the weights are not those that it was registered with."""
    engine = load_engine(speaker.engine, speaker.location, chat_template=speaker.chat_template)
    found = engine.info.weights_hash
    if speaker.weights_sha256 and found and speaker.weights_sha256 != found:
        raise EngineError(
            f"The weights of {speaker.variant} are not those that it was registered with ({found[:12]}… instead of "
            f"{speaker.weights_sha256[:12]}…): nothing was sampled."
        )
    return engine


def request(messages: Sequence[Message], speaker: Speaker, seed: int) -> Request:
    system: list[Message] = [{"role": "system", "content": speaker.system_prompt}] if speaker.system_prompt else []
    params = SamplingParams(
        temperature=speaker.temperature,
        top_p=speaker.top_p,
        max_tokens=speaker.max_tokens,
        seed=seed,
        max_prompt_tokens=speaker.max_prompt_tokens,
    )
    return Request((*system, *messages), params)


def answered(engine: Engine, requests: Sequence[Request]) -> list[Completion | EngineError]:
    """As `generate`; EngineError where several dialogues got no answer and none was too long: the engine is away.

    Noted as failed they would not be asked again by the same command.
    """
    results = engine.generate(requests)
    several = any(one.messages != requests[0].messages for one in requests)
    away = [one for one in results if isinstance(one, EngineError) and not isinstance(one, PromptTooLong)]
    if several and len(away) == len(results):
        raise EngineError(
            f"{away[0]} Not one of {len(results)} requests was answered; what was sampled before them is kept, and the "
            "same command goes on there."
        )
    return results


def tell_beside(file: Path) -> Tell:
    """Writes each progress into progress.json beside a file, whole; ends the work whose caller is gone."""
    caller = os.getppid()

    def tell(progress: dict[str, Any]) -> None:
        if os.getppid() != caller:
            raise RewardError("Who asked for this is gone; what was done so far was kept.")
        aside = file.with_name(f".{PROGRESS}")
        aside.write_text(json.dumps(progress))
        aside.rename(file.with_name(PROGRESS))

    return tell


class Make(Protocol):
    def __call__(self, work: Path, out: Path, *, tell: Tell) -> object:
        """Makes the set `out`, its work lying in `work` until it is whole."""


def make_asked(make: Make, file: Path) -> None:
    """What a process of its own does: makes the set that the order in a file asks for, or ends with a sentence."""
    asked = json.loads(file.read_text())
    try:
        make(Path(asked["work"]), Path(asked["out"]), tell=tell_beside(file))
    except (RewardError, EngineError, OSError) as refusal:
        sys.exit(str(refusal))
