import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from preferences.stats import holm, usual

from .reference import known

P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=12)


def test_holms_own_steps() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]).tolist() == pytest.approx([0.03, 0.06, 0.06, 0.02])


@given(p=P_VALUES, alpha=st.floats(0.001, 0.5))
@settings(deadline=None)
def test_adjusted_values_refuse_what_the_steps_refuse(p, alpha) -> None:
    refused, steps = set(), sorted(range(len(p)), key=lambda i: p[i])
    for step, i in enumerate(steps):
        if (len(p) - step) * p[i] > alpha:
            break
        refused.add(i)
    assert {i for i, adjusted in enumerate(holm(p)) if adjusted <= alpha} == refused


@given(p=P_VALUES)
@settings(deadline=None)
def test_holm_lies_between_no_correction_and_bonferronis(p) -> None:
    adjusted = holm(p)
    assert (adjusted >= np.array(p) - 1e-15).all()
    assert (adjusted <= np.minimum(1, len(p) * np.array(p)) + 1e-15).all()


def test_the_family_errs_at_most_as_often_as_said() -> None:
    p = np.random.default_rng(6).random((4000, 9))
    assert np.mean([(holm(row) <= 0.05).any() for row in p]) == pytest.approx(0.049, abs=0.012)


def test_no_p_values_give_none() -> None:
    assert holm([]).size == 0


@pytest.mark.parametrize("p", [[-0.1], [1.1], [[0.1]], [float("nan")]])
def test_holm_refuses_what_is_no_p_value(p) -> None:
    with pytest.raises(ValueError, match="numbers from 0 to 1"):
        holm(p)


@given(values=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=50), k=st.floats(0.1, 5))
@settings(deadline=None)
def test_the_usual_limits_are_those_of_scipys_scaled_deviation(values, k) -> None:
    reach = k * stats.median_abs_deviation(values, scale="normal")
    found = usual(values, k)
    assert found.median == np.median(values)
    assert found.high == pytest.approx(np.median(values) + reach, rel=1e-9, abs=1e-6)
    assert found.low == pytest.approx(np.median(values) - reach, rel=1e-9, abs=1e-6)


def test_one_wild_value_hardly_moves_the_limits() -> None:
    values = np.random.default_rng(7).normal(0, 1, 500)
    calm, wild = usual(values, 2), usual([*values, 1e9], 2)
    assert known(wild.high) == pytest.approx(known(calm.high), abs=0.05)
    assert known(calm.high) == pytest.approx(2, abs=0.2)


def test_without_values_nothing_is_usual() -> None:
    assert usual([], 2).median is None
