import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from preferences.stats import rate

from .reference import known


@given(events=st.integers(0, 500), hours=st.floats(0.01, 1e4), confidence=st.floats(0.5, 0.999))
@settings(deadline=None)
def test_the_limits_are_the_half_quantiles_of_chi_squared(events, hours, confidence) -> None:
    tail = (1 - confidence) / 2
    low = stats.chi2.ppf(tail, 2 * events) / 2 / hours if events else 0
    high = stats.chi2.ppf(1 - tail, 2 * events + 2) / 2 / hours
    ours = rate(events, hours, confidence=confidence)
    assert ours.value == events / hours
    assert (ours.low, ours.high) == (pytest.approx(low, rel=1e-9), pytest.approx(high, rel=1e-9))


@given(events=st.integers(1, 200), hours=st.floats(0.1, 1e3))
@settings(deadline=None)
def test_at_its_limits_the_count_is_as_unlikely_as_stated(events, hours) -> None:
    ours = rate(events, hours)
    assert stats.poisson.sf(events - 1, known(ours.low) * hours) == pytest.approx(0.025, rel=1e-6)
    assert stats.poisson.cdf(events, known(ours.high) * hours) == pytest.approx(0.025, rel=1e-6)


def test_garwoods_table_for_ten_events() -> None:
    ours = rate(10, 1)
    assert (known(ours.low), known(ours.high)) == (pytest.approx(4.795, abs=5e-4), pytest.approx(18.390, abs=5e-4))


def test_of_nothing_seen_in_two_hours_the_rate_may_still_be_nearly_two_an_hour() -> None:
    ours = rate(0, 2)
    assert (ours.value, ours.low) == (0, 0)
    assert ours.high == pytest.approx(3.6889 / 2, abs=1e-4)


def test_without_time_there_is_no_rate() -> None:
    assert rate(3, 0).value is None
    assert rate(3, 0).high is None


@pytest.mark.parametrize(("events", "hours"), [(-1, 1), (1, -1)])
def test_nothing_is_counted_below_zero(events: int, hours: float) -> None:
    with pytest.raises(ValueError, match="not negative"):
        rate(events, hours)
