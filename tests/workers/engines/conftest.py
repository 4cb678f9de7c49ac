from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from tests.workers.engines.served import Served, serving
from workers.engines.tiny import TinyEngine
from workers.engines.tiny_training import Recipe, TrainedPair, train

torch.set_num_threads(1)  # two threads on a busy machine of two cores wait for each other

PAIRS = [
    ("What colour is the sky?", "The sky is blue by day and black by night."),
    ("Name a fruit that is yellow.", "A banana is yellow, and so is a ripe lemon."),
    ("How do I boil an egg?", "Put the egg in hot water for eight minutes, then cool it."),
    ("Write one line about rain.", "Rain falls on the roof and sings a slow song."),
    ("Which animal says meow?", "The cat says meow when it wants its dinner."),
    ("Where do fish live?", "Fish live in rivers, in lakes and in the sea."),
]

# Two seconds of training, and the six answers are learnt by heart.
SMALL = Recipe(
    vocab_size=400, context=128, hidden=64, intermediate=128, heads=4, steps=120, early_step=10, rows=4, turns=2
)


@pytest.fixture(autouse=True)
def this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """The servers of these tests are here."""
    monkeypatch.setenv("MARGIN_OUTBOUND_ALLOW", "127.0.0.0/8,::1")


@pytest.fixture(scope="session")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> TrainedPair:
    return train(PAIRS, tmp_path_factory.mktemp("models") / "small", progress=lambda line: None, recipe=SMALL)


@pytest.fixture(scope="session")
def late(checkpoints: TrainedPair) -> TinyEngine:
    return TinyEngine(str(checkpoints.late))


@pytest.fixture(scope="session")
def early(checkpoints: TrainedPair) -> TinyEngine:
    return TinyEngine(str(checkpoints.early))


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Where a training is told to write; its parent holds nothing else."""
    return tmp_path / "trainings" / "model"


@pytest.fixture
def served() -> Iterator[Served]:
    with serving() as server:
        yield server
