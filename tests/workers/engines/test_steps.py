"""Which steps are recorded. The GPU's own graphs are checked where there is a GPU, each time a model is loaded."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from dataclasses import replace

import pytest
from torch import Tensor

from tests.workers.engines.conftest import PAIRS
from tests.workers.engines.helpers import answered, ask
from workers.engines import rows, slot_check, steps
from workers.engines.base import EngineError
from workers.engines.rows import Voice
from workers.engines.slots import Slots
from workers.engines.tiny_training import TrainedPair
from workers.engines.transformers_engine import TransformersEngine


class Recorder:
    """In a graph's place: runs the pass, on inputs that it keeps as a graph keeps them."""

    kinds: list[tuple[int, int]]
    replays: list[int]

    def __init__(self, run: Callable[[Tensor, Tensor], Tensor], *inputs: Tensor) -> None:
        self.run, self.inputs = run, [given.clone() for given in inputs]
        self.output = run(*self.inputs)
        self.kinds.append((len(inputs[0]), len(self.kinds)))

    def __call__(self, *inputs: Tensor) -> Tensor:
        for kept, given in zip(self.inputs, inputs, strict=True):
            kept.copy_(given)
        self.output.copy_(self.run(*self.inputs))
        self.replays.append(len(self.kinds))
        return self.output


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> type[Recorder]:
    Recorder.kinds, Recorder.replays = [], []
    monkeypatch.setattr(steps, "_Graph", Recorder)
    return Recorder


def test_replayed_steps_give_the_texts_of_steps_that_were_asked_for(
    checkpoints: TrainedPair, recorder: type[Recorder]
) -> None:
    engine = TransformersEngine(str(checkpoints.late))
    engine.voice = replace(engine.voice, graphs=False)
    # Twelve rows of which six end early, so that the batch changes from sixteen rows to eight on its way.
    requests = [
        ask(PAIRS[i % 6][0], temperature=1.0, seed=i, max_tokens=5 if i < 6 else 30, max_prompt_tokens=90)
        for i in range(12)
    ]
    asked = [answered(result).text for result in engine.generate(requests)]
    assert not recorder.kinds
    engine.voice = replace(engine.voice, graphs=True)
    assert [answered(result).text for result in engine.generate(requests)] == asked
    assert [rows for rows, _ in recorder.kinds][:2] == [16, 8]
    assert len(recorder.replays) > 10 * len(recorder.kinds) / 2  # a record serves many steps


def test_the_memory_of_a_batch_is_free_when_it_is_done(
    checkpoints: TrainedPair, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[weakref.ref[Slots]] = []

    class Watched(Slots):
        def __init__(self, slots: int, length: int) -> None:
            super().__init__(slots, length)
            made.append(weakref.ref(self))

    engine = TransformersEngine(str(checkpoints.late))
    monkeypatch.setattr(rows, "Slots", Watched)
    gc.disable()
    try:
        answered(*engine.generate([ask(PAIRS[0][0])]))
        assert [reference() for reference in made] == [None]
    finally:
        gc.enable()


def test_a_model_that_cannot_be_recorded_is_sampled_all_the_same(
    checkpoints: TrainedPair, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    voice = replace(TransformersEngine(str(checkpoints.late)).voice, graphs=False)
    tried: list[bool] = []

    def refuses_graphs(voice: Voice) -> None:
        tried.append(voice.graphs)
        if voice.graphs:
            raise EngineError("operation not permitted when stream is capturing")

    monkeypatch.setattr(slot_check, "check_slots", refuses_graphs)
    monkeypatch.setattr(Voice, "device", type("Gpu", (), {"type": "cuda"}))
    assert slot_check.checked(voice) is voice
    assert tried == [True, False] and "steps are not recorded" in caplog.text
