"""The demo's prompts with their reference answers, from the TOML files in data/."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class DemoPrompt:
    key: str
    track: str
    text: str
    answer: str
    category: str
    risk_category: str
    attack_vector: str


def load() -> list[DemoPrompt]:
    prompts = []
    for path in sorted(DATA.glob("*.toml")):
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        prompts += [
            DemoPrompt(
                key=prompt["key"],
                track=data["track"],
                text=prompt["text"].strip(),
                answer=prompt["answer"].strip(),
                category=data.get("category", ""),
                risk_category=data.get("risk_category", ""),
                attack_vector=prompt.get("attack_vector", ""),
            )
            for prompt in data["prompts"]
        ]
    return prompts


def guideline(track: str) -> str:
    return (DATA / f"guideline_{track}.md").read_text(encoding="utf-8")
