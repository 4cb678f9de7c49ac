"""Rejection sampling: K answers to each prompt, scored by reward models, the best one as the new gold answer.

    python -m workers.tuning.rejection ORDER.json

Llama 2 (arXiv 2307.09288), section 3.2.3. ORDER.json is {"work": the folder that `folders.begin` made, "out": the
directory to write}; what is wanted lies in the folder, as an `Order`. Progress is written beside ORDER.json. A killed
run goes on where it was: each answer that was stored is asked for once. The caller itself needs no torch.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from workers.engines.base import Completion, Engine, EngineError
from workers.rewards.scoring import quiet
from workers.tuning import folders
from workers.tuning.asked import Tell, answered, engine_of, make_asked, request
from workers.tuning.candidates import CANDIDATES, Candidate, Earlier, Prompt, Speaker, seeds
from workers.tuning.judges import Asked, Judges

AT_ONCE = 256  # answers that an engine is asked for together, and texts that are scored together
SCORED = "scored.jsonl"
MOST_REASONS = 20  # in a manifest


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is wanted."""

    speakers: list[Speaker]  # the most recent variant first
    answers: int  # K
    seed: int
    rewards: list[str]  # folders of reward models
    earlier: list[str]  # directories of earlier sets
    left_out: dict[str, int]  # prompts, by why they were not taken

    @classmethod
    def of(cls, content: dict[str, Any]) -> Order:
        fields = {name: content[name] for name in cls.__dataclass_fields__}
        return cls(**fields | {"speakers": [Speaker(**one) for one in fields["speakers"]]})


def run(work: Path, out: Path, *, tell: Tell = lambda progress: None) -> dict[str, Any]:
    """Writes the directory and returns its manifest; RewardError or EngineError with a sentence where it cannot."""
    content = orjson.loads((work / folders.ORDER).read_bytes())
    order = Order.of(content)
    earlier = Earlier([Path(directory) for directory in order.earlier])
    with folders.alone(work):
        sampling = Sampling(work, order, earlier, tell)
        weights = {speaker.variant: sampling.by(number) for number, speaker in enumerate(order.speakers)}
        judges = Judges.load(order.rewards)
        scored = _score(work, order, earlier, judges, tell)
        return _write(work, out, order, earlier, judges, weights, scored, content["prompts_sha256"])


class Sampling:
    """The first half of the work: what each variant answers, a line a prompt, a file a variant."""

    def __init__(self, work: Path, order: Order, earlier: Earlier, tell: Tell) -> None:
        self.work, self.order, self.earlier, self.tell = work, order, earlier, tell
        self.prompts = sum(1 for _ in folders.read_lines(work / "prompts.jsonl"))

    def by(self, number: int) -> dict[str, str]:
        """Samples one variant to the end of the prompts; which weights answered."""
        speaker = self.order.speakers[number]
        lines = folders.Lines(answers_file(self.work, number))
        engine = engine_of(speaker)
        at_once = max(1, AT_ONCE // self.order.answers)
        left = islice(Prompt.all_of(self.work / "prompts.jsonl"), lines.written, None)
        while chunk := list(islice(left, at_once)):
            lines.add(self._answers(chunk, speaker, engine))
            self.tell({"doing": f"sampling {speaker.variant}", "step": lines.written, "steps": self.prompts})
        return {"weights_sha256": engine.info.weights_hash, "engine_version": engine.info.engine_version}

    def _answers(self, chunk: Sequence[Prompt], speaker: Speaker, engine: Engine) -> Iterator[dict[str, Any]]:
        wanted = [self._missing(prompt, speaker, engine) for prompt in chunk]
        requests = [
            request(prompt.messages, speaker, seed) for prompt, own in zip(chunk, wanted, strict=True) for seed in own
        ]
        results = iter(answered(engine, requests))
        for prompt, own in zip(chunk, wanted, strict=True):
            answers = list(islice(results, len(own)))
            good = [one for one in answers if isinstance(one, Completion) and one.text.strip()]
            yield {
                "key": prompt.key,
                "candidates": [self._candidate(one, speaker, engine).as_json() for one in good],
                "empty": sum(isinstance(one, Completion) for one in answers) - len(good),
                "failed": [str(one) for one in answers if isinstance(one, EngineError)],
            }

    def _missing(self, prompt: Prompt, speaker: Speaker, engine: Engine) -> list[int]:
        """The seeds of those answers that no earlier set has."""
        known = {candidate.key for candidate in self.earlier.of(prompt.key)}
        how = (speaker.variant, engine.info.weights_hash, speaker.temperature, speaker.top_p, speaker.max_tokens)
        drawn = seeds(self.order.seed, prompt.key, self.order.answers)
        return [seed for seed in drawn if (*how, seed) not in known]

    def _candidate(self, answer: Completion, speaker: Speaker, engine: Engine) -> Candidate:
        return Candidate(
            text=answer.text,
            variant=speaker.variant,
            weights_sha256=engine.info.weights_hash,
            temperature=speaker.temperature,
            top_p=speaker.top_p,
            seed=answer.seed,
            max_tokens=speaker.max_tokens,
            system_prompt=speaker.system_prompt,
            round=self.earlier.rounds + 1,
            finish_reason=answer.finish_reason,
            tokens=answer.completion_tokens,
        )


def answers_file(work: Path, number: int) -> Path:
    return work / f"answers-{number}.jsonl"


def _score(work: Path, order: Order, earlier: Earlier, judges: Judges, tell: Tell) -> folders.Lines:
    """The second half: all candidates of each prompt with their rewards, the best first, a line a prompt."""
    lines = folders.Lines(work / SCORED)
    prompts = sum(1 for _ in folders.read_lines(work / "prompts.jsonl"))
    left = islice(_gathered(work, order, earlier), lines.written, None)
    for chunk in _chunks(left):
        asked: list[Asked] = [(plain(prompt), one.text, prompt.is_safety) for prompt, own in chunk for one in own]
        given = iter(judges.rewards(asked))
        lines.add({"key": prompt.key, **ranked(own, list(islice(given, len(own))))} for prompt, own in chunk)
        tell({"doing": "scoring", "step": lines.written, "steps": prompts})
    return lines


def plain(prompt: Prompt) -> list[dict[str, str]]:
    """The dialogue as reward models read it: as people saw it, without a variant's system prompt."""
    return [{"role": message["role"], "content": message["content"]} for message in prompt.messages]


def ranked(candidates: Sequence[Candidate], rewards: Sequence[float | None]) -> dict[str, Any]:
    """The candidates with reward and rank, the best first; of equal rewards the newest and then the shortest.

    What no reward model can read whole has no reward and is left out, counted.
    """
    scored = [(one, reward) for one, reward in zip(candidates, rewards, strict=True) if reward is not None]
    best_first = sorted(scored, key=lambda pair: (-pair[1], -pair[0].round, pair[0].tokens, pair[0].seed))
    return {
        "candidates": [
            {**one.as_json(), "reward": reward, "rank": place}
            for place, (one, reward) in enumerate(best_first, start=1)
        ],
        "too_long": len(candidates) - len(scored),
    }


def _gathered(work: Path, order: Order, earlier: Earlier) -> Iterator[tuple[Prompt, list[Candidate]]]:
    """Each prompt with all its candidates: those of earlier sets, then what was sampled now."""
    answers = [folders.read_lines(answers_file(work, number)) for number in range(len(order.speakers))]
    for prompt, *lines in zip(Prompt.all_of(work / "prompts.jsonl"), *answers, strict=True):
        new = [Candidate.of(row) for line in lines for row in line["candidates"]]
        yield prompt, [*earlier.of(prompt.key), *new]


def _chunks(
    gathered: Iterable[tuple[Prompt, list[Candidate]]],
) -> Iterator[list[tuple[Prompt, list[Candidate]]]]:
    chunk: list[tuple[Prompt, list[Candidate]]] = []
    for one in gathered:
        chunk.append(one)
        if sum(len(candidates) for _, candidates in chunk) >= AT_ONCE:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _write(
    work: Path,
    out: Path,
    order: Order,
    earlier: Earlier,
    judges: Judges,
    weights: dict[str, dict[str, str]],
    scored: folders.Lines,
    prompts_sha256: str,
) -> dict[str, Any]:
    """The directory from what was sampled and scored."""
    whole = folders.empty(work)
    counts = {"prompts": scored.written, "candidates": 0, "without_candidates": 0, "too_long": 0}
    with ExitStack() as files:
        train, everything = (files.enter_context((whole / name).open("wb")) for name in (folders.TRAIN, CANDIDATES))
        for prompt, line in zip(Prompt.all_of(work / "prompts.jsonl"), folders.read_lines(work / SCORED), strict=True):
            candidates = line["candidates"]
            counts["candidates"] += len(candidates)
            counts["too_long"] += line["too_long"]
            counts["without_candidates"] += not candidates
            for one in candidates:
                row = {"prompt_key": prompt.key, "prompt": prompt.messages, **one}
                everything.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))
            if candidates:
                train.write(orjson.dumps(gold(prompt, candidates), option=orjson.OPT_APPEND_NEWLINE))
    about = {
        "kind": "rejection_sampling",
        "round": earlier.rounds + 1,
        "answers": order.answers,
        "seed": order.seed,
        "speakers": [{**asdict(speaker), **weights[speaker.variant]} for speaker in order.speakers],
        "rewards": judges.as_json(),
        "earlier": [
            {"directory": directory, "manifest_sha256": folders.sha256(Path(directory) / folders.MANIFEST)}
            for directory in order.earlier
        ],
        "prompts_sha256": prompts_sha256,
        "left_out": order.left_out,
        **counts,
        **_lost(work, order),
    }
    trained = counts["prompts"] - counts["without_candidates"]
    return folders.finish(work, out, about, rows={folders.TRAIN: trained, CANDIDATES: counts["candidates"]})


def gold(prompt: Prompt, candidates: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The row to train on: the best candidate after what its variant was asked, with where it comes from."""
    best = candidates[0]
    system = [{"role": "system", "content": best["system_prompt"]}] if best["system_prompt"] else []
    from_where = ("variant", "weights_sha256", "temperature", "top_p", "seed", "round", "reward", "rank")
    return {
        "prompt": [*system, *prompt.messages],
        "completion": [{"role": "assistant", "content": best["text"]}],
        "prompt_key": prompt.key,
        **{name: best[name] for name in from_where},
        "candidates": len(candidates),
    }


def _lost(work: Path, order: Order) -> dict[str, Any]:
    """What was asked for and brought no candidate."""
    empty, reasons = 0, Counter[str]()
    for number in range(len(order.speakers)):
        for line in folders.read_lines(answers_file(work, number)):
            empty += line["empty"]
            reasons.update(line["failed"])
    return {"empty": empty, "failed": reasons.total(), "reasons": sorted(reasons)[:MOST_REASONS]}


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Usage: python -m workers.tuning.rejection ORDER.json")
    quiet()
    make_asked(run, Path(sys.argv[1]))
