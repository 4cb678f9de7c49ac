import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from preferences.stats import share

from .reference import known

COUNTS = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(counts=COUNTS, confidence=st.floats(0.5, 0.999))
@settings(deadline=None)
def test_the_interval_is_the_exact_one_of_scipy(counts, confidence) -> None:
    golden = stats.binomtest(*counts).proportion_ci(confidence, method="exact")
    ours = share(*counts, confidence=confidence)
    assert ours.value == counts[0] / counts[1]
    assert (ours.low, ours.high) == (pytest.approx(golden.low, abs=1e-10), pytest.approx(golden.high, abs=1e-10))


@given(counts=COUNTS, bound=st.floats(0.01, 0.99))
@settings(deadline=None)
def test_a_bound_on_one_side_gives_the_tail_of_scipy(counts, bound) -> None:
    above, below = (stats.binomtest(*counts, bound, side).pvalue for side in ("greater", "less"))
    assert share(*counts, at_most=bound).p == pytest.approx(above, rel=1e-9, abs=1e-300)
    assert share(*counts, at_least=bound).p == pytest.approx(below, rel=1e-9, abs=1e-300)


@given(counts=COUNTS)
@settings(deadline=None)
def test_a_range_that_is_one_half_gives_the_sign_test_of_scipy(counts) -> None:
    golden = stats.binomtest(*counts).pvalue
    assert share(*counts, at_least=0.5, at_most=0.5).p == pytest.approx(golden, rel=1e-9)


@given(counts=COUNTS, below=st.floats(0, 1), above=st.floats(0, 1))
@settings(deadline=None)
def test_what_lies_inside_the_range_is_never_surprising(counts, below, above) -> None:
    found = counts[0] / counts[1]
    low, high = found * below, found + (1 - found) * above
    assert known(share(*counts, at_least=low, at_most=high).p) > 0.4


def test_seventy_of_a_hundred_on_the_left_are_surprising_and_sixty_are_not() -> None:
    seventy, sixty = (share(k, 100, at_least=0.45, at_most=0.55) for k in (70, 60))
    assert seventy.p == pytest.approx(2 * stats.binom.sf(69, 100, 0.55))
    assert known(seventy.p) < 0.01 < 0.3 < known(sixty.p)


def test_the_test_errs_at_most_as_often_as_it_says() -> None:
    n, alpha = 150, 0.01
    for true in (0.45, 0.55):
        refused = [known(share(k, n, at_least=0.45, at_most=0.55).p) <= alpha for k in range(n + 1)]
        assert stats.binom.pmf(np.arange(n + 1), n, true) @ refused <= alpha


def test_without_observations_there_is_nothing_to_say() -> None:
    nothing = share(0, 0, at_most=0.5)
    assert (nothing.value, nothing.low, nothing.high, nothing.p, nothing.n) == (None, None, None, None, 0)


@pytest.mark.parametrize("counts", [(-1, 3), (4, 3)])
def test_impossible_counts_are_refused(counts) -> None:
    with pytest.raises(ValueError, match="Successes must lie between"):
        share(*counts)


@pytest.mark.parametrize("ends", [(0.6, 0.4), (-0.1, 1), (0, 1.1)])
def test_an_impossible_range_is_refused(ends) -> None:
    with pytest.raises(ValueError, match="usual range must lie between"):
        share(1, 2, at_least=ends[0], at_most=ends[1])
