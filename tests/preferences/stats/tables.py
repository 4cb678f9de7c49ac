"""Tables of ratings that hypothesis draws, and what it is for two answers to be the same."""

import numpy as np
import pytest
from hypothesis import strategies as st

from preferences.stats import Agreement
from preferences.stats.arrays import IntArray

SCHEMES = st.sampled_from(["identity", "linear", "quadratic", "ordinal"])


@st.composite
def rated(draw: st.DrawFn) -> tuple[int, IntArray]:
    """A scale of 2 to 5 categories and up to 12 units x 4 raters, -1 where a rating is missing."""
    q, raters = draw(st.integers(2, 5)), draw(st.integers(2, 4))
    unit = st.lists(st.integers(-1, q - 1), min_size=raters, max_size=raters)
    return q, np.array(draw(st.lists(unit, min_size=1, max_size=12)))


def numbers(result: Agreement) -> list[float | None]:
    return [result.value, result.se, result.low, result.high, result.percent_agreement, result.chance_agreement]


def assert_same(one: Agreement, other: Agreement) -> None:
    assert (one.units, one.ratings, one.note) == (other.units, other.ratings, other.note)
    for a, b in zip(numbers(one), numbers(other), strict=True):
        assert a == b if a is None or b is None else a == pytest.approx(b, abs=1e-9)
