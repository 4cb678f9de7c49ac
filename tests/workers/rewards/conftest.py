from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from preferences.choices import Track
from tests.workers.rewards import made
from workers.rewards import scoring
from workers.rewards.dataset import read
from workers.rewards.recipe import Recipe
from workers.rewards.scoring import Scorer
from workers.rewards.training import Progress, train

scoring.quiet()

# Eight sentences are learnt in a few steps, by a rate that no real model would survive.
RECIPE = Recipe(track=Track.SAFETY, pairs_per_step=16, learning_rate=3e-3)


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made.checkpoint(tmp_path_factory.mktemp("base") / "chat")


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A batch of both tracks: 72 safety and 40 helpfulness pairs to train on, 20 of each held out."""
    train_rows = [made.row(n, Track.SAFETY) for n in range(72)] + [made.row(n) for n in range(40)]
    test_rows = [made.row(n, track) for track in Track for n in range(100, 120)]
    return made.export(tmp_path_factory.mktemp("exports") / "batch", train_rows, test_rows)


@pytest.fixture(scope="session")
def trained(base: Path, exported: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A safety model of that batch: its folder and its report."""
    out, told = tmp_path_factory.mktemp("rewards") / "safety", list[Progress]()
    report = train([read(exported)], base, out, RECIPE, progress=told.append)
    return out, {**report, "told": told}


@pytest.fixture(scope="session")
def scorer(trained: tuple[Path, dict[str, Any]]) -> Scorer:
    return scoring.load(trained[0])
