"""Ghost attention: dialogues that keep to an instruction which only their first turn still says.

    python -m workers.tuning.ghost_attention ORDER.json

Llama 2 (arXiv 2307.09288), section 3.3. While a dialogue is sampled, the instruction stands before every user message;
in what is trained on it stands before the first one alone, perhaps shortened. The loss is to be zero on all earlier
turns, assistant turns included: a row's prompt is all that stands before the last answer, which is its completion.

ORDER.json is as for `rejection`. A killed run goes on with the next dialogues. The caller itself needs no torch.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from workers.engines.base import Completion, Engine, Message, Request
from workers.rewards.errors import RewardError
from workers.rewards.scoring import quiet
from workers.tuning import folders, instructions
from workers.tuning.asked import Tell, answered, engine_of, make_asked, request
from workers.tuning.candidates import Prompt, Speaker, seeds
from workers.tuning.instructions import Instruction

DIALOGUES = "dialogues.jsonl"
AT_ONCE = 256  # dialogues that are sampled side by side


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is wanted. User messages are drawn from the prompts; a dialogue has none twice while there are enough."""

    speakers: list[Speaker]  # one: the most recent variant
    dialogues: int
    turns: int  # of each
    seed: int
    left_out: dict[str, int]  # prompts, by why they were not taken

    @classmethod
    def of(cls, content: dict[str, Any]) -> Order:
        fields = {name: content[name] for name in cls.__dataclass_fields__}
        return cls(**fields | {"speakers": [Speaker(**one) for one in fields["speakers"]]})


@dataclass
class Dialogue:
    """One dialogue on its way: what users say, and what was answered so far."""

    number: int
    instruction: Instruction
    questions: list[str]
    answers: list[str] = field(default_factory=list)
    failure: str = ""

    def asked(self) -> list[Message]:
        """Up to the next answer, with the instruction before every user message."""
        said = [f"{self.instruction.asked}\n{question}" for question in self.questions]
        return _messages(said[: len(self.answers) + 1], self.answers)

    def row(self) -> dict[str, Any]:
        """What is trained on."""
        first, *others = self.questions
        said = [f"{self.instruction.trained}\n{first}", *others]
        return {
            "prompt": _messages(said, self.answers[:-1]),
            "completion": [{"role": "assistant", "content": self.answers[-1]}],
            "instruction": self.instruction.trained,
            "asked": self.instruction.asked,
            "constraints": self.instruction.constraints,
            "dialogue": self.number,
        }


def _messages(users: Sequence[str], assistants: Sequence[str]) -> list[Message]:
    messages: list[Message] = []
    for place, text in enumerate(users):
        messages.append({"role": "user", "content": text})
        if place < len(assistants):
            messages.append({"role": "assistant", "content": assistants[place]})
    return messages


def run(work: Path, out: Path, *, tell: Tell = lambda progress: None) -> dict[str, Any]:
    """Writes the directory and returns its manifest; RewardError or EngineError with a sentence where it cannot."""
    content = orjson.loads((work / folders.ORDER).read_bytes())
    order = Order.of(content)
    prompts = Prompt.all_of(work / "prompts.jsonl")
    questions = list(dict.fromkeys(prompt.messages[-1]["content"] for prompt in prompts))  # each once
    if not questions:
        raise RewardError("There is no prompt to make dialogues of: nothing was sampled.")
    with folders.alone(work):
        (speaker,) = order.speakers
        lines = folders.Lines(work / DIALOGUES)
        engine = engine_of(speaker)
        while left := range(lines.written, min(lines.written + AT_ONCE, order.dialogues)):
            lines.add(_sampled([begun(order, questions, number) for number in left], speaker, engine, order.seed))
            tell({"doing": f"dialogues with {speaker.variant}", "step": lines.written, "steps": order.dialogues})
        return _write(work, out, order, engine, content["prompts_sha256"])


def begun(order: Order, questions: Sequence[str], number: int) -> Dialogue:
    """The dialogue of a number, before anything is answered: the same for the same seed and prompts."""
    chance = random.Random(f"{order.seed}:{number}")
    drawn = chance.sample(questions, min(order.turns, len(questions)))
    drawn += [chance.choice(questions) for _ in range(order.turns - len(drawn))]
    return Dialogue(number, instructions.draw(chance), drawn)


def _sampled(dialogues: list[Dialogue], speaker: Speaker, engine: Engine, seed: int) -> Iterator[dict[str, Any]]:
    """A turn of all dialogues at a time, so that they are one batch. One without an answer goes no further."""
    for turn in range(len(dialogues[0].questions)):
        going_on = [one for one in dialogues if not one.failure]
        requests = [_request(one, speaker, seed, turn) for one in going_on]
        for one, result in zip(going_on, answered(engine, requests), strict=True):
            if isinstance(result, Completion) and result.text.strip():
                one.answers.append(result.text)
            else:
                one.failure = "It answered nothing." if isinstance(result, Completion) else str(result)
    for one in dialogues:
        yield {"failure": one.failure} if one.failure else {"failure": "", **one.row()}


def _request(dialogue: Dialogue, speaker: Speaker, seed: int, turn: int) -> Request:
    return request(dialogue.asked(), speaker, seeds(seed, f"{dialogue.number}:{turn}", 1)[0])


def _write(work: Path, out: Path, order: Order, engine: Engine, prompts_sha256: str) -> dict[str, Any]:
    whole, failures = folders.empty(work), set[str]()

    def rows() -> Iterator[dict[str, Any]]:
        for row in folders.read_lines(work / DIALOGUES):
            failure = row.pop("failure")
            if failure:
                failures.add(failure)
            else:
                yield row

    written = folders.write_lines(whole / folders.TRAIN, rows())
    about = {
        "kind": "ghost_attention",
        "dialogues": order.dialogues,
        "turns": order.turns,
        "seed": order.seed,
        "speakers": [
            {
                **asdict(speaker),
                "weights_sha256": engine.info.weights_hash,
                "engine_version": engine.info.engine_version,
            }
            for speaker in order.speakers
        ],
        "prompts_sha256": prompts_sha256,
        "left_out": order.left_out,
        "failed": order.dialogues - written,
        "reasons": sorted(islice(failures, 20)),
    }
    return folders.finish(work, out, about, rows={folders.TRAIN: written})


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Usage: python -m workers.tuning.ghost_attention ORDER.json")
    quiet()
    make_asked(run, Path(sys.argv[1]))
