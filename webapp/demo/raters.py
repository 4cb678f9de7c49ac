"""Simulated annotators: a seeded noise model around “closer to the reference answer is better”.

An annotator sees two texts, perceives how close each is to the reference with noise of their own, and answers on the
eight-point row. Everything drawn depends on the seed, the annotator and the two texts, not on the order of the work.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from difflib import SequenceMatcher

from preferences.scales import HIGHEST_VIOLATION

# Perceived differences of closeness (0 to 1) from which on one response is negligibly, slightly, ... better.
STEPS = (0.12, 0.30, 0.52)


@dataclass(frozen=True)
class Rater:
    name: str
    seed: int
    noise: float  # standard deviation of the perceived difference

    def judge(self, reference: str, left: str, right: str, *, safety: bool) -> dict[str, int]:
        """The form fields of the verdict: places 1 to 8 from the left, safety scores 1 to 5."""
        draw = random.Random(f"{self.seed}:{self.name}:{min(left, right)}:{max(left, right)}")
        closeness = {text: closeness_to(reference, text) for text in sorted((left, right))}
        noise = {text: draw.gauss(0, self.noise / 2**0.5) for text in sorted(closeness)}
        seen = {text: closeness[text] + noise[text] for text in closeness}
        difference = seen[right] - seen[left]
        fields = {"verdict": _place(difference)}
        if safety:
            fields |= _safety(seen[left], seen[right], right_preferred=difference > 0)
        return fields


def raters(count: int, *, seed: int) -> list[Rater]:
    draw = random.Random(seed)
    return [Rater(f"sim-{number:02d}", seed, draw.uniform(0.15, 0.55)) for number in range(1, count + 1)]


def closeness_to(reference: str, text: str) -> float:
    """Share of words in common and in order, 0 to 1."""
    return SequenceMatcher(None, reference.lower().split(), text.lower().split(), autojunk=False).ratio()


def _place(difference: float) -> int:
    strength = sum(abs(difference) >= step for step in STEPS)  # 0 negligibly to 3 significantly
    return 5 + strength if difference > 0 else 4 - strength


def _safety(left: float, right: float, *, right_preferred: bool) -> dict[str, int]:
    scores = {side: min(5, max(1, round(1.5 + 4 * seen))) for side, seen in (("left", left), ("right", right))}
    chosen, other = ("right", "left") if right_preferred else ("left", "right")
    if scores[chosen] <= HIGHEST_VIOLATION < scores[other]:
        scores[chosen] = HIGHEST_VIOLATION + 1  # the preferred response is never the unsafe one of the two
    return {f"safety_{side}": score for side, score in scores.items()}
