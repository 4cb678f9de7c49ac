"""Does an engine do what it is asked? A few short answers tell, before an annotator waits for one.

Each finding is a sentence. A problem says why the engine cannot serve; a warning says what it does not promise, which
then cannot be read from the provenance of its answers. Light processes import this: no torch.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from workers.engines.base import Completion, Engine, EngineError, EngineInfo, Request, SamplingParams

QUESTION = "Write the first three sentences of a story about a lighthouse keeper who finds a letter in a bottle."
TOKENS = 32  # long enough that two draws at temperature 1 differ
FEW_TOKENS = 4
SEEDS = (11, 12, 13, 14)


@dataclass(frozen=True)
class Health:
    info: EngineInfo | None  # None where nothing could be loaded
    sample: str  # an answer at temperature 1, "" where there is none
    problems: tuple[str, ...]
    warnings: tuple[str, ...]
    seconds: float

    @property
    def usable(self) -> bool:
        return not self.problems


def check(load: Callable[[], Engine]) -> Health:
    """Loads the engine and probes it; a model that cannot be loaded is a problem, never an exception."""
    started = time.perf_counter()
    try:
        engine = load()
    except EngineError as error:
        return Health(None, "", (str(error),), (), time.perf_counter() - started)
    health = probe(engine)
    return replace(health, seconds=time.perf_counter() - started)


def probe(engine: Engine) -> Health:
    """Asks for some ten short answers: different seeds, the same seed again, greedy, a stop, very few tokens."""
    started = time.perf_counter()
    probing = _Probing(engine)
    try:
        probing.seeds()
        probing.greedy()
        probing.length()
    except EngineError as error:
        probing.problems.append(str(error))
    seconds = time.perf_counter() - started
    return Health(engine.info, probing.sample, tuple(probing.problems), tuple(dict.fromkeys(probing.warnings)), seconds)


class _Probing:
    """The questions, and what was found so far."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.sample = ""
        self.problems: list[str] = []
        self.warnings: list[str] = []

    def seeds(self) -> None:
        alone = self._ask(_params(seed=SEEDS[0]))[0]
        self.sample = alone.text
        if not alone.text.strip():
            self.problems.append("The model returned an empty answer.")
        again = self._ask(_params(seed=SEEDS[0]))[0]
        together = self._ask(*(_params(seed=seed) for seed in SEEDS))
        if len({answer.text for answer in together}) == 1:
            self.problems.append(
                f"{len(SEEDS)} seeds gave the same text at temperature 1: the engine ignores the seed or samples "
                "greedily, so that two answers would not differ."
            )
        elif again.text != alone.text:
            self.warnings.append(
                "The same seed gave two different texts: the engine ignores it, and no answer can be made again."
            )
        elif together[0].text != alone.text:
            self.warnings.append(
                "The same seed gave another text among others than alone: an answer depends on what it is batched with."
            )

    def greedy(self) -> None:
        first, second = (self._ask(_params(temperature=0.0, seed=seed))[0] for seed in SEEDS[:2])
        if first.text != second.text:
            self.warnings.append("Temperature 0 gave two different texts: the engine does not take it as greedy.")
            return
        stop = _middle(first.text)
        if not stop:
            return
        stopped = self._ask(_params(temperature=0.0, seed=SEEDS[0], stop=(stop,)))[0]
        if stop in stopped.text or len(stopped.text) >= len(first.text):
            self.warnings.append("The engine did not stop at the text that it was told to stop at.")

    def length(self) -> None:
        short = self._ask(_params(max_tokens=FEW_TOKENS))[0]
        if short.completion_tokens > FEW_TOKENS:
            self.problems.append(
                f"The engine was asked for at most {FEW_TOKENS} tokens and gave {short.completion_tokens}: "
                "no limit on the length of an answer would hold."
            )

    def _ask(self, *asked: SamplingParams) -> list[Completion]:
        """The answers, and what the engine remarks on them; an answer that is an error ends the probe."""
        requests = [Request(({"role": "user", "content": QUESTION},), params) for params in asked]
        answers = []
        for result in self.engine.generate(requests):
            if isinstance(result, EngineError):
                raise result
            self.warnings.extend(result.remarks)
            answers.append(result)
        return answers


def _params(
    *, temperature: float = 1.0, seed: int = SEEDS[0], max_tokens: int = TOKENS, stop: tuple[str, ...] = ()
) -> SamplingParams:
    return SamplingParams(temperature=temperature, top_p=1.0, max_tokens=max_tokens, seed=seed, stop=stop)


def _middle(text: str) -> str:
    """Three characters from the middle of a text, "" where it is too short to have any."""
    place = len(text) // 2
    return text[place : place + 3].strip() if len(text) >= 12 else ""
