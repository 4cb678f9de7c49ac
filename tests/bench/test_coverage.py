import numpy as np
import pytest

from bench import coverage
from preferences.stats import clopper_pearson, weights
from preferences.stats.gwet import estimate
from preferences.stats.planning import rater_quality


@pytest.mark.parametrize("missing", [0.0, 0.5])
def test_the_raters_that_are_drawn_have_the_coefficient_that_is_taken_for_true(missing) -> None:
    matrix = weights.quadratic(range(8))
    counts, likely = coverage.patterns(rater_quality(0.7, matrix), 3, 8, missing)
    assert likely.sum() == pytest.approx(1)
    assert estimate(counts, likely, matrix).value == pytest.approx(0.7)
    assert set(counts.sum(axis=1)) == ({1, 2, 3} if missing else {3})


def test_looks_go_from_ten_observations_to_ten_thousand_each_but_once() -> None:
    looks = coverage._looks()
    assert (looks[0], looks[-1]) == (10, 10_000)
    assert (np.diff(looks) > 0).all()


def test_the_exact_coverage_is_that_of_all_outcomes() -> None:
    assert 0.95 <= coverage._exactly(clopper_pearson, 50, 0.1) <= 0.99


def test_every_table_has_a_cell_for_each_of_its_columns(monkeypatch) -> None:
    monkeypatch.setattr(coverage, "UNITS", (20,))
    monkeypatch.setattr(coverage, "DIALOGUES", (20,))
    for name, (table, heading) in coverage.TABLES.items():
        row = next(table(2, np.random.default_rng(1)))
        assert len(row) == len(heading) - (6 if name == "agreement" else 0)
