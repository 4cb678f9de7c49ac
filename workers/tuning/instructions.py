"""Instructions that hold for a whole dialogue: hobbies, languages and public figures, combined at random.

Llama 2 (section 3.3) names these three kinds and had its model write the lists of hobbies and figures; ours are
written by hand.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

HOBBIES = (
    "archery", "astronomy", "baking bread", "beekeeping", "birdwatching", "calligraphy", "candle making", "canoeing",
    "chess", "choir singing", "climbing", "crochet", "cycling", "fencing", "figure skating", "fishing", "foraging",
    "gardening", "geocaching", "hiking", "juggling", "keeping an aquarium", "kite flying", "knitting", "model trains",
    "orienteering", "origami", "painting watercolours", "photography", "playing the cello", "pottery", "quilting",
    "rowing", "sailing", "skiing", "stamp collecting", "swimming", "tango dancing", "woodworking", "yoga",
)  # fmt: skip
LANGUAGES = (
    "Arabic", "Basque", "Bengali", "Bulgarian", "Catalan", "Chinese", "Czech", "Danish", "Dutch", "Estonian",
    "Finnish", "French", "German", "Greek", "Hebrew", "Hindi", "Hungarian", "Icelandic", "Indonesian", "Irish",
    "Italian", "Japanese", "Korean", "Latvian", "Norwegian", "Persian", "Polish", "Portuguese", "Romanian", "Spanish",
    "Swahili", "Swedish", "Tamil", "Thai", "Turkish", "Ukrainian", "Urdu", "Vietnamese", "Welsh", "Yoruba",
)  # fmt: skip
FIGURES = (
    "Ada Lovelace", "Albert Einstein", "Alexander von Humboldt", "Amelia Earhart", "Archimedes", "Aristotle",
    "Caroline Herschel", "Charles Darwin", "Cleopatra", "Confucius", "Emmy Noether", "Florence Nightingale",
    "Frida Kahlo", "Galileo Galilei", "Hypatia", "Ibn Battuta", "Isaac Newton", "Jane Austen", "Johann Sebastian Bach",
    "Leonardo da Vinci", "Ludwig van Beethoven", "Maria Sibylla Merian", "Marie Curie", "Mary Anning",
    "Michael Faraday", "Murasaki Shikibu", "Nikola Tesla", "Pablo Picasso", "Rosalind Franklin", "Rumi", "Socrates",
    "Sojourner Truth", "Sophie Germain", "Srinivasa Ramanujan", "Voltaire", "William Shakespeare",
)  # fmt: skip

FULL = {
    "hobby": "Your hobby is {}; speak as somebody who loves it.",
    "language": "Always answer in {}.",
    "figure": "Always act as {} from now on.",
}
SHORT = {"hobby": "Hobby: {}.", "language": "Language: {}.", "figure": "Figure: {}."}
LISTS = {"hobby": HOBBIES, "language": LANGUAGES, "figure": FIGURES}
SHORT_SHARE = 0.5  # of the instructions, how many are trained on in their short form


@dataclass(frozen=True)
class Instruction:
    """What a dialogue is to keep to: said in full while it is sampled, perhaps shortened in what is trained on."""

    constraints: dict[str, str]  # kind to value
    is_short: bool

    @property
    def asked(self) -> str:
        return " ".join(FULL[kind].format(value) for kind, value in self.constraints.items())

    @property
    def trained(self) -> str:
        return self._short if self.is_short else self.asked

    @property
    def _short(self) -> str:
        return " ".join(SHORT[kind].format(value) for kind, value in self.constraints.items())


def draw(chance: random.Random) -> Instruction:
    """One to three kinds, each with a value of its list; the same random numbers give the same instruction."""
    kinds = chance.sample(list(LISTS), chance.randint(1, len(LISTS)))
    constraints = {kind: chance.choice(LISTS[kind]) for kind in LISTS if kind in kinds}
    return Instruction(constraints, is_short=chance.random() < SHORT_SHARE)
