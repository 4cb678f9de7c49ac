"""Questions of two kinds, on which the diversity of answers is looked at (Llama 2, section 5.1, Figure 21).

A creative one has many good answers, a factual one has one: a good model stays diverse on the first as the temperature
rises and settles on the second.
"""

from collections.abc import Mapping, Sequence

CREATIVE = (
    "Write a short poem about rain on a tin roof.",
    "Invent a name for a café run by two retired sailors, and say why it fits.",
    "Tell the beginning of a story in which a lighthouse wakes up.",
    "Describe a colour that nobody has seen yet.",
    "Write a toast for a friend who moves to another country.",
    "Make up a proverb and explain what it means.",
    "Write a dialogue between a clock and a candle.",
    "Think of a game that children could play with nothing but chalk.",
    "Write a letter from a tree to the wind.",
    "Describe a meal as if it were a piece of music.",
)
FACTUAL = (
    "What is the capital of Portugal?",
    "How many minutes are there in a day?",
    "Which planet is closest to the sun?",
    "What gas do plants take in to make sugar?",
    "At what temperature does water boil at sea level, in degrees Celsius?",
    "How many sides does a hexagon have?",
    "Which ocean lies between Africa and Australia?",
    "What is the chemical symbol of gold?",
    "In which month does the northern hemisphere have its shortest day?",
    "How many strings does a violin have?",
)
QUESTIONS: Mapping[str, Sequence[str]] = {"creative": CREATIVE, "factual": FACTUAL}
MOST_ANSWERS = 25  # to each, as in the paper
