"""What every engine takes and gives: plain data, list in, list out, in order.

Light processes import this: no torch.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypedDict

LARGEST_SEED = 2**63 - 1  # what a database's bigint and every random generator can hold
MOST_STOPS = 4  # what the common HTTP interface takes


class EngineError(Exception):
    """Why an engine cannot answer, as a sentence for people."""


class InvalidRequest(EngineError):
    """A request that no engine could answer: it is refused when it is made."""


class PromptTooLong(EngineError):
    """A dialogue leaves no room in the model's context for the answer that was asked for."""


class Message(TypedDict):
    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True)
class SamplingParams:
    temperature: float  # 0 is greedy
    top_p: float  # the likeliest tokens that together hold this share of the probability; 1 keeps them all
    max_tokens: int
    seed: int
    stop: tuple[str, ...] = ()  # the answer ends before the first of them, which is not part of it
    max_prompt_tokens: int | None = None  # a longer dialogue is refused; None leaves it to the model's context

    def __post_init__(self) -> None:
        if not (self.temperature >= 0 and math.isfinite(self.temperature)):
            raise InvalidRequest(f"A temperature is a number from 0 up, not {self.temperature}.")
        if not 0 < self.top_p <= 1:
            raise InvalidRequest(f"Top-p is above 0 and at most 1, not {self.top_p}.")
        if self.max_tokens < 1:
            raise InvalidRequest(f"An answer needs at least one token, not {self.max_tokens}.")
        if not 0 <= self.seed <= LARGEST_SEED:
            raise InvalidRequest(f"A seed is a whole number from 0 to {LARGEST_SEED}, not {self.seed}.")
        if len(self.stop) > MOST_STOPS or not all(self.stop):
            raise InvalidRequest(f"There are at most {MOST_STOPS} texts to stop at, none of them empty.")
        if self.max_prompt_tokens is not None and self.max_prompt_tokens < 1:
            raise InvalidRequest(f"A dialogue needs at least one token, not {self.max_prompt_tokens}.")


@dataclass(frozen=True)
class Request:
    """One dialogue to continue: perhaps a system message, then user and assistant in turn, the user speaking last."""

    messages: tuple[Message, ...]
    params: SamplingParams

    def __post_init__(self) -> None:
        roles = [message["role"] for message in self.messages]
        turns = roles[1:] if roles[:1] == ["system"] else roles
        expected = ["user" if place % 2 == 0 else "assistant" for place in range(len(turns))]
        if turns != expected or len(turns) % 2 == 0:
            raise InvalidRequest(f"A dialogue alternates user and assistant and ends with the user, not {roles}.")


@dataclass(frozen=True)
class Completion:
    """One answer with what was really used to sample it, which is what is stored as its provenance."""

    text: str
    prompt_tokens: int
    completion_tokens: int  # the end-of-text token counts
    finish_reason: Literal["stop", "length"]
    latency_ms: int  # from the start of the batch that the request ran in to its own last token
    seed: int
    temperature: float
    top_p: float
    unconfirmed: tuple[str, ...] = ()  # names of the parameters that were asked for and that nobody can vouch for
    remarks: tuple[str, ...] = ()  # sentences on what looks wrong with an answer that came


@dataclass(frozen=True)
class EngineInfo:
    engine: str
    engine_version: str
    weights_hash: str  # sha256 in hex of the weights that answer; "" where the engine cannot see them
    revision: str = ""  # what the model calls itself where it runs: a served name, a server's fingerprint
    context: int | None = None  # in tokens, prompt and answer together; None where the engine does not say


def cut_at(text: str, stops: Sequence[str]) -> str:
    """The text up to the first of the texts to stop at."""
    return text[: min((place for stop in stops if (place := text.find(stop)) >= 0), default=len(text))]


class Engine(Protocol):
    info: EngineInfo

    def generate(self, requests: Sequence[Request]) -> list[Completion | EngineError]:
        """One result a request, in the order asked.

        A request that cannot be answered gets its EngineError as its result, so that one too long dialogue does not
        fail the batch it travels in. An EngineError is raised only when the engine as a whole cannot answer.
        """
