"""How alike texts are."""

from __future__ import annotations

from collections import Counter
from math import exp, log

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from preferences.stats import self_bleu

TEXTS = st.lists(st.lists(st.sampled_from("abcde"), max_size=10), min_size=2, max_size=6)

# By NLTK 3.9: the mean of sentence_bleu of each text against the others, with SmoothingFunction().method1.
GOLDEN = {
    "the cat sat on the mat / the cat sat on the mat": 1.0,
    "the cat sat on the mat / the cat sat on a mat / a dog ran over the mat today": 0.4056657039831231,
    "yes / yes of course / no / yes yes": 0.11024618894319108,
    "a a a a a a / a b a b a b a / b a b a a c": 0.3783378064008212,
}


def by_its_definition(texts: list[list[str]]) -> float:
    """BLEU-4 of each text, written down as it is defined and slow."""
    scores = []
    for place, text in enumerate(texts):
        others = texts[:place] + texts[place + 1 :]
        logs = []
        for order in range(1, 5):
            grams, *references = (
                Counter(tuple(one[i : i + order]) for i in range(len(one) - order + 1)) for one in (text, *others)
            )
            matches = sum(min(count, max(other[gram] for other in references)) for gram, count in grams.items())
            if order == 1 and not matches:
                break
            logs.append(log((matches or 0.1) / max(1, sum(grams.values()))))
        nearest = min((abs(len(other) - len(text)), len(other)) for other in others)[1]
        if len(logs) < 4:
            scores.append(0.0)
        else:
            scores.append(exp(sum(logs) / 4) * (1 if len(text) > nearest else exp(1 - nearest / len(text))))
    return sum(scores) / len(scores)


@pytest.mark.parametrize("texts", GOLDEN)
def test_it_gives_the_golden_values(texts) -> None:
    assert self_bleu([text.split() for text in texts.split(" / ")]) == pytest.approx(GOLDEN[texts], rel=1e-12)


def test_by_hand() -> None:
    # Of "a b c" two words and one pair stand in the other text, no triple, and it has no four.
    assert self_bleu([["a", "b", "c"], ["a", "b", "d"]]) == pytest.approx((2 / 3 / 2 * 0.1 * 0.1) ** 0.25)


@given(texts=TEXTS)
@settings(deadline=None)
def test_it_is_its_definition(texts) -> None:
    assert self_bleu(texts) == pytest.approx(by_its_definition(texts), abs=1e-12)


@given(texts=TEXTS)
@settings(deadline=None)
def test_it_lies_between_0_and_1_and_knows_no_order(texts) -> None:
    found = self_bleu(texts)
    assert found is not None and 0 <= found <= 1
    assert self_bleu(texts[::-1]) == pytest.approx(found, abs=1e-12)


def test_equal_texts_have_1_unlike_ones_0_and_a_single_one_nothing() -> None:
    text = ["one", "two", "three", "four", "five"]
    assert self_bleu([text] * 3) == pytest.approx(1)
    # Of fewer than four tokens an order without any n-gram counts 0.1, as in NLTK: docs/temperatures.md has these.
    assert [self_bleu([text[:tokens]] * 3) for tokens in (1, 2, 3)] == pytest.approx([0.18, 0.32, 0.56], abs=5e-3)
    assert self_bleu([text, ["six"]]) == 0
    assert self_bleu([text, []]) == 0
    assert self_bleu([text]) is None
