"""Self-BLEU: how alike several texts to one question are. High is alike, low is diverse."""

from collections import Counter
from collections.abc import Sequence
from math import exp, log

ORDER = 4
# Added to a number of matches that is 0, else one order without a match would make the geometric mean 0: method 1 of
# Chen and Cherry, which is what the authors of Self-BLEU use.
EPSILON = 0.1

Gram = tuple[str, ...]


def self_bleu(texts: Sequence[Sequence[str]]) -> float | None:
    """The mean BLEU-4 of each text, as tokens, with all others as its references; from 0 to 1, None of a single text.

    A text without any word of the others has 0, an empty one too.

    References
    ----------
    Zhu, Y. et al. (2018). Texygen: a benchmarking platform for text generation models. SIGIR, section 2.3.
    Papineni, K. et al. (2002). BLEU: a method for automatic evaluation of machine translation. ACL.
    Chen, B. and Cherry, C. (2014). A systematic comparison of smoothing techniques for sentence-level BLEU. WMT.
    """
    if len(texts) < 2:
        return None
    counts = [[_grams(text, order) for text in texts] for order in range(1, ORDER + 1)]
    mosts = [_two_most(of_order) for of_order in counts]
    lengths = [len(text) for text in texts]
    scores = [_bleu(place, lengths, counts, mosts) for place in range(len(texts))]
    return sum(scores) / len(scores)


def _grams(text: Sequence[str], order: int) -> Counter[Gram]:
    return Counter(zip(*(text[start:] for start in range(order)), strict=False))


def _two_most(counts: Sequence[Counter[Gram]]) -> dict[Gram, tuple[int, int, int]]:
    """How often each n-gram stands at most in one text, in which, and how often at most in another one."""
    found: dict[Gram, tuple[int, int, int]] = {}
    for place, of_text in enumerate(counts):
        for gram, count in of_text.items():
            most, whose, second = found.get(gram, (0, -1, 0))
            if count > most:
                found[gram] = (count, place, most)
            elif count > second:
                found[gram] = (most, whose, count)
    return found


def _bleu(
    place: int,
    lengths: list[int],
    counts: Sequence[Sequence[Counter[Gram]]],
    mosts: Sequence[dict[Gram, tuple[int, int, int]]],
) -> float:
    logs = 0.0
    for order, (of_order, most_of_order) in enumerate(zip(counts, mosts, strict=True), start=1):
        own, matches = of_order[place], 0
        for gram, count in own.items():
            most, whose, second = most_of_order[gram]
            matches += min(count, second if whose == place else most)
        if order == 1 and matches == 0:
            return 0.0
        logs += log((matches or EPSILON) / max(1, own.total()))
    return _brevity(lengths[place], lengths[:place] + lengths[place + 1 :]) * exp(logs / ORDER)


def _brevity(length: int, others: Sequence[int]) -> float:
    """The penalty of a text shorter than the reference nearest to it in length, of equally near ones the shorter."""
    nearest = min(others, key=lambda other: (abs(other - length), other))
    return 1.0 if length > nearest else exp(1 - nearest / length)
