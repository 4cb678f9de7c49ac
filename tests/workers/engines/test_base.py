import math
import subprocess
import sys

import pytest

from workers.engines import ENGINES, load_engine
from workers.engines.base import EngineError, InvalidRequest, Message, Request, SamplingParams


def test_an_unknown_engine_is_a_sentence_naming_the_known_ones() -> None:
    with pytest.raises(EngineError) as refusal:
        load_engine("warp", "/nowhere")
    assert (
        str(refusal.value)
        == "There is no engine called “warp”; the known ones are: " + ", ".join(sorted(ENGINES)) + "."
    )


def test_light_processes_import_the_engines_without_torch() -> None:
    code = "import sys, workers.engines.base; sys.exit(bool({'torch', 'transformers'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"temperature": -0.1}, "A temperature is a number from 0 up"),
        ({"temperature": math.nan}, "A temperature is a number from 0 up"),
        ({"temperature": math.inf}, "A temperature is a number from 0 up"),
        ({"top_p": 0.0}, "Top-p is above 0 and at most 1"),
        ({"top_p": 1.01}, "Top-p is above 0 and at most 1"),
        ({"top_p": math.nan}, "Top-p is above 0 and at most 1"),
        ({"max_tokens": 0}, "An answer needs at least one token"),
        ({"seed": -1}, "A seed is a whole number"),
        ({"seed": 2**63}, "A seed is a whole number"),
    ],
)
def test_parameters_outside_their_range_are_refused(wrong: dict[str, float], sentence: str) -> None:
    right = {"temperature": 0.7, "top_p": 0.9, "max_tokens": 10, "seed": 1}
    with pytest.raises(InvalidRequest, match=sentence):
        SamplingParams(**{**right, **wrong})  # type: ignore[arg-type]  # the wrong values are the point


def test_the_borders_of_the_parameters_are_allowed() -> None:
    SamplingParams(temperature=0, top_p=1, max_tokens=1, seed=0)
    SamplingParams(temperature=5.0, top_p=1e-9, max_tokens=1, seed=2**63 - 1)


SYSTEM: Message = {"role": "system", "content": "Be brief."}
USER: Message = {"role": "user", "content": "Hello"}
ASSISTANT: Message = {"role": "assistant", "content": "Hi"}


@pytest.mark.parametrize(
    "messages", [(USER,), (SYSTEM, USER), (USER, ASSISTANT, USER), (SYSTEM, USER, ASSISTANT, USER)]
)
def test_a_dialogue_ends_with_the_user(messages: tuple[Message, ...]) -> None:
    assert Request(messages, SamplingParams(0, 1, 1, 0)).messages[-1] == USER


@pytest.mark.parametrize(
    "messages", [(), (SYSTEM,), (ASSISTANT,), (USER, ASSISTANT), (USER, USER), (USER, SYSTEM, USER)]
)
def test_any_other_dialogue_is_refused(messages: tuple[Message, ...]) -> None:
    with pytest.raises(InvalidRequest, match="ends with the user"):
        Request(messages, SamplingParams(0, 1, 1, 0))
