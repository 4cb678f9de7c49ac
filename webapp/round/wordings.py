"""Some of the demo's prompts in other words, as several people would ask for the same thing.

The tiny model knows each answer by the demo's own words and misses it in others about every second time. That leaves it
something to learn, and a round measures it on wordings that nothing was trained on. The topics are few, so that each is
asked about often enough for a reward model this small to learn which answers belong to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from webapp.demo import prompts
from webapp.demo.prompts import DemoPrompt

WORDINGS = (
    "Quick question: {}",
    "Please help me. {}",
    "My friend asked me this today: {}",
    "{} Keep it short.",
    "Hi! {}",
    "I have been thinking about this for a while. {}",
    "{} Thanks!",
    "Before I go to work: {}",
    "{} I need to know it now.",
    "Here is what I would like to know. {}",
    "Good morning. {}",
    "{} Take your time.",
    "One more thing: {}",
    "{} Please answer in your own words.",
    "We talked about this at lunch. {}",
    "{} I could not find it anywhere.",
    "Sorry to bother you again. {}",
    "{} My sister wants to know, too.",
    "Let us try this again: {}",
    "{} I am new to this.",
    "As we have some time left: {}",
)
FIRST, LATER = 12, 9  # wordings that are asked in before the first round, and in each one
EVERY = 6  # of the demo's prompts the first, the seventh, and so on


def of_round(number: int) -> list[str]:
    """The wordings that are new in a round; number 0 is what is asked before the first one."""
    if number == 0:
        return [_wording(place) for place in range(FIRST)]
    first = FIRST + LATER * (number - 1)
    return [_wording(place) for place in range(first, first + LATER)]


def _wording(place: int) -> str:
    """The listed ones first; after them, two at once."""
    again, inner = divmod(place, len(WORDINGS))
    return WORDINGS[inner] if again == 0 else WORDINGS[(inner + again) % len(WORDINGS)].format(WORDINGS[inner])


def in_words(wordings: Sequence[str], track: str) -> list[DemoPrompt]:
    """Each topic of a track in each wording."""
    own = [prompt for prompt in prompts.load()[::EVERY] if prompt.track == track]
    return [replace(prompt, text=wording.format(prompt.text)) for wording in wordings for prompt in own]


def references(number: int) -> dict[str, str]:
    """The reference answer of each text that was asked up to a round."""
    wordings = [wording for earlier in range(number + 1) for wording in of_round(earlier)]
    return {wording.format(prompt.text): prompt.answer for wording in wordings for prompt in prompts.load()}
