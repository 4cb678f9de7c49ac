from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from preferences.choices import Track
from tests.workers.rewards import made
from tests.workers.tuning.made import QUESTIONS, prompts
from workers.rewards import scoring
from workers.tuning.candidates import Speaker

scoring.quiet()


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A chat model with random weights: its answers differ, and that is all that is asked of them."""
    return made.checkpoint(tmp_path_factory.mktemp("tuning") / "chat", recipe=replace(made.SMALL, context=256))


@pytest.fixture(scope="session")
def rewards(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """By track, a reward model that was never trained: it prefers one text to another all the same."""
    found = {}
    for seed, track in enumerate(Track):
        torch.manual_seed(seed)
        folder = tmp_path_factory.mktemp("rewards") / track
        for part in scoring.open_checkpoint(checkpoint, dtype=torch.float32):
            part.save_pretrained(folder)
        (folder / "reward.json").write_text(json.dumps({"track": track}))
        found[str(track)] = str(folder)
    return found


@pytest.fixture
def speaker(checkpoint: Path) -> Speaker:
    return Speaker(variant="RLHF-V1", engine="tiny", location=str(checkpoint), temperature=1.0, top_p=1.0, max_tokens=6)


@pytest.fixture
def asked() -> list[dict[str, object]]:
    return prompts(QUESTIONS)
