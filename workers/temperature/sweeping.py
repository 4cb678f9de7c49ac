"""Samples and scores answers at each temperature of a grid.

    python -m workers.temperature.sweeping ORDER.json

ORDER.json holds the fields of `Order`. Each temperature is written into the folder of results as it is done, and how
many answers there are of the next one beside the order, into progress.json. Run like this, the caller itself needs no
torch. The variant and the reward model are held in memory together; answers are sampled a chunk at a time.
"""

from __future__ import annotations

import json
import os
import random
import re
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scipy.special import expit

from preferences.stats import self_bleu
from preferences.text import storable
from workers.engines import load_engine
from workers.engines.base import Completion, Engine, EngineError, Message, Request, SamplingParams
from workers.rewards.errors import RewardError
from workers.rewards.scoring import Scorer, encode, load, quiet, score_ids
from workers.temperature.questions import MOST_ANSWERS, QUESTIONS

CHUNK = 512  # requests that the engine gets at once
MOST_REMARKS = 5
WORD = re.compile(r"\w+|[^\w\s]")

Answer = Completion | EngineError


@dataclass(frozen=True, kw_only=True)
class Order:
    engine: str
    location: str
    chat_template: str
    system_prompt: str
    max_tokens: int
    max_prompt_tokens: int | None
    top_p: float
    reward_model: str  # its folder
    grid: Sequence[float]
    prompts: Sequence[str]
    answers: int  # to each
    seed: int
    results: str  # the folder that they are written into


def sweep(order: Order, engine: Engine, scorer: Scorer, *, progress: Callable[[int], None]) -> None:
    """Measures each temperature and writes it; `progress` is told how many answers there are of the one at work."""
    for temperature in order.grid:
        started = time.monotonic()
        answers = _answers(order, engine, temperature, progress)
        found = {
            "temperature": temperature,
            **_found(order, scorer, answers),
            "weights_hash": engine.info.weights_hash,
            "engine_version": engine.info.engine_version[:120],
            "seconds": round(time.monotonic() - started, 3),
        }
        _write(Path(order.results) / f"{temperature!r}.json", found)
        progress(0)


def _answers(order: Order, engine: Engine, temperature: float, progress: Callable[[int], None]) -> list[list[Answer]]:
    """All answers to each prompt of the order, and after these to each creative and each factual question."""
    asked = [*((text, order.answers) for text in order.prompts), *((text, few(order)) for text in questions())]
    requests = [
        _request(order, text, temperature, random.Random(f"{order.seed}:{place}:{number}").randrange(2**31))
        for place, (text, answers) in enumerate(asked)
        for number in range(answers)
    ]
    answers: list[Answer] = []
    for start in range(0, len(requests), CHUNK):
        answers.extend(engine.generate(requests[start : start + CHUNK]))
        progress(len(answers))
    each = iter(answers)
    return [[next(each) for _ in range(answers_to)] for _, answers_to in asked]


def _request(order: Order, text: str, temperature: float, seed: int) -> Request:
    """An answer has the same seed at each temperature: equal luck, so that the temperatures compare better."""
    messages: list[Message] = [{"role": "user", "content": text}]
    if order.system_prompt:
        messages.insert(0, {"role": "system", "content": order.system_prompt})
    params = SamplingParams(
        temperature=temperature,
        top_p=order.top_p,
        max_tokens=order.max_tokens,
        seed=seed,
        max_prompt_tokens=order.max_prompt_tokens,
    )
    return Request(tuple(messages), params)


def questions() -> list[str]:
    return [text for texts in QUESTIONS.values() for text in texts]


def few(order: Order) -> int:
    """How many answers a creative or factual question gets."""
    return min(order.answers, MOST_ANSWERS)


def _found(order: Order, scorer: Scorer, answers: Sequence[Sequence[Answer]]) -> dict[str, Any]:
    """What a SweptTemperature keeps of the answers."""
    own, others = answers[: len(order.prompts)], answers[len(order.prompts) :]
    texts = [_whole(of_prompt) for of_prompt in own]
    came = [answer for of_prompt in answers for answer in of_prompt if isinstance(answer, Completion)]
    failed = [str(answer) for of_prompt in answers for answer in of_prompt if isinstance(answer, EngineError)]
    said = [*failed, *(remark for answer in came for remark in answer.remarks)]
    remarks = dict.fromkeys(map(storable, said))  # they may quote anything that a server sent
    return {
        "rewards": _rewards(order, scorer, texts),
        "lengths": [None if one is None else [answer.completion_tokens for answer in one] for one in texts],
        "cut_off": sum(answer.finish_reason == "length" for one in texts for answer in one or []),
        "self_bleu": _self_bleu(others),
        "remarks": list(remarks)[:MOST_REMARKS],
    }


def _whole(answers: Sequence[Answer]) -> list[Completion] | None:
    """A prompt's answers, None where one of them failed: the best of fewer would be no measure."""
    came = [answer for answer in answers if isinstance(answer, Completion)]
    return came if len(came) == len(answers) else None


def _rewards(order: Order, scorer: Scorer, texts: Sequence[list[Completion] | None]) -> list[list[float] | None]:
    """The sigmoid of each score; None for a prompt with an answer that the reward model cannot read whole."""
    encoded: dict[int, list[list[int]]] = {}
    for place, (prompt, answers) in enumerate(zip(order.prompts, texts, strict=True)):
        message = [{"role": "user", "content": prompt}]
        rows = [encode(scorer.tokenizer, message, answer.text) for answer in answers or []]
        if rows and max(map(len, rows)) <= scorer.context:
            encoded[place] = rows
    scores = iter(score_ids(scorer, [ids for rows in encoded.values() for ids in rows]))
    rewards = {place: [round(float(expit(next(scores))), 6) for _ in rows] for place, rows in encoded.items()}
    return [rewards.get(place) for place in range(len(texts))]


def _self_bleu(answers: Sequence[Sequence[Answer]]) -> dict[str, list[float | None]]:
    """Of each question of each kind, over the answers that came; None where there are fewer than two."""
    each = iter(answers)
    return {
        kind: [
            self_bleu([WORD.findall(answer.text) for answer in next(each) if isinstance(answer, Completion)])
            for _ in texts
        ]
        for kind, texts in QUESTIONS.items()
    }


def _write(path: Path, what: Any) -> None:
    """The file gets its name when it is whole."""
    aside = path.with_name(f".{path.name}.part")
    aside.write_text(json.dumps(what))
    aside.rename(path)


def main(file: Path) -> None:
    quiet()
    caller = os.getppid()

    def tell(answered: int) -> None:
        if os.getppid() != caller:
            raise RewardError("Who asked for this sweep is gone; nobody waits for its result.")
        _write(file.with_name("progress.json"), {"answered": answered})

    try:
        order = Order(**json.loads(file.read_text()))
        scorer = load(order.reward_model)
        engine = load_engine(order.engine, order.location, chat_template=order.chat_template)
        sweep(order, engine, scorer, progress=tell)
    except (RewardError, EngineError) as refusal:
        sys.exit(str(refusal))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Usage: python -m workers.temperature.sweeping ORDER.json")
    main(Path(sys.argv[1]))
