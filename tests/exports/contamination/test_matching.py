from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exports.contamination.matching import BUDGET, SEED, SHORTEST, Matcher, Tokens


def tokens(*ids: int) -> Tokens:
    return np.array(ids, dtype=np.int64)


def by_definition(sample: list[int], documents: list[list[int]], shortest: int) -> list[bool]:
    """Every span of the sample against every span of the training text: the paper's words, letter by letter."""
    covered = [False] * len(sample)
    for start in range(len(sample)):
        for end in range(start + max(shortest, SHORTEST), len(sample) + 1):
            if any(_stands_in(sample[start:end], document) for document in documents):
                covered[start:end] = [True] * (end - start)
    return covered


def _stands_in(span: list[int], document: list[int]) -> bool:
    return any(
        span[:SEED] == there[:SEED]
        and span[-1] == there[-1]
        and sum(ours != theirs for ours, theirs in zip(span, there, strict=True)) <= BUDGET
        for place in range(len(document) - len(span) + 1)
        for there in [document[place : place + len(span)]]
    )


def found(sample: list[int], documents: list[list[int]], shortest: int = SHORTEST) -> list[bool]:
    matcher = Matcher([tokens(*sample)])
    for document in documents:
        matcher.read([tokens(*document)])
    return [bool(one) for one in matcher.contaminated(shortest)[0]]


few = st.lists(st.integers(0, 2), max_size=40)


@settings(max_examples=300, deadline=None)
@given(sample=few, documents=st.lists(few, max_size=3), shortest=st.sampled_from([10, 11, 14, 20]))
def test_it_finds_what_the_definition_says(sample: list[int], documents: list[list[int]], shortest: int) -> None:
    assert found(sample, documents, shortest) == by_definition(sample, documents, shortest)


@settings(max_examples=200, deadline=None)
@given(
    text=st.lists(st.integers(0, 50), min_size=20, max_size=80),
    changes=st.dictionaries(st.integers(0, 79), st.integers(0, 50), max_size=8),
    shortest=st.sampled_from([10, 20, 30]),
)
def test_it_finds_a_changed_copy_as_the_definition_says(
    text: list[int], changes: dict[int, int], shortest: int
) -> None:
    copy = [changes.get(place, token) for place, token in enumerate(text)]
    assert found(text, [copy], shortest) == by_definition(text, [copy], shortest)


@settings(max_examples=50, deadline=None)
@given(samples=st.lists(few, max_size=4), documents=st.lists(few, max_size=4))
def test_samples_and_documents_do_not_run_into_each_other(samples: list[list[int]], documents: list[list[int]]) -> None:
    matcher = Matcher([tokens(*sample) for sample in samples])
    matcher.read([tokens(*document) for document in documents])
    told = [[bool(one) for one in mask] for mask in matcher.contaminated()]
    assert told == [by_definition(sample, documents, SHORTEST) for sample in samples]


def test_ten_tokens_are_too_few_and_eleven_enough() -> None:
    text = list(range(11))
    assert not any(found(text[:10], [text]))
    assert all(found(text, [text]))


def test_four_tokens_may_differ_and_a_fifth_ends_the_span() -> None:
    text = list(range(70))
    copy = [token if place not in {15, 26, 37, 48, 59} else 99 for place, token in enumerate(text)]
    # The span from 0 ends before the fifth difference; another one, from 16, has four of them.
    assert all(found(text, [copy]))
    assert found(text, [copy[:16] + copy[27:]]) == [True] * 15 + [False] * 12 + [True] * 43
    assert found(text, [[99, *copy[1:60]]]) == [False] + [True] * 58 + [False] * 11


@pytest.mark.parametrize("place", range(SEED))
def test_none_of_the_first_ten_may_differ(place: int) -> None:
    text = list(range(11))
    copy = [token if where != place else 99 for where, token in enumerate(text)]
    assert not any(found(text, [copy]))


def test_spans_longer_than_a_block_are_followed_to_their_end() -> None:
    text = list(range(1000))
    assert found(text, [[5, *text[:700], 7]]) == [True] * 700 + [False] * 300


def test_shares_are_of_each_samples_own_tokens() -> None:
    matcher = Matcher([tokens(*range(20)), tokens(), tokens(*range(100, 140))])
    matcher.read([tokens(*range(100, 120)), tokens(*range(5))])
    assert matcher.shares().tolist() == [0.0, 0.0, 0.5]
    assert matcher.shares(21).tolist() == [0.0, 0.0, 0.0]


def test_many_samples_that_begin_alike_are_told_apart() -> None:
    begin = list(range(30))
    samples = [tokens(*begin, *(1000 + 50 * number + place for place in range(20))) for number in range(300)]
    matcher = Matcher(samples)
    matcher.read([samples[7]] * 50)
    shares = matcher.shares()
    assert shares[7] == 1
    assert set(np.delete(shares, 7).tolist()) == {0.6}
