import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from preferences.stats import RatingPatterns
from preferences.stats.tables import distinct_rows


def test_equal_units_become_one_pattern() -> None:
    patterns = RatingPatterns.from_counts([[2, 1], [0, 3], [2, 1], [2, 1]])
    np.testing.assert_array_equal(patterns.counts, [[0, 3], [2, 1]])
    np.testing.assert_array_equal(patterns.multiplicity, [1, 3])


def test_units_and_ratings_are_counted_with_their_multiplicity() -> None:
    patterns = RatingPatterns(np.array([[2, 1], [0, 1]]), np.array([10, 5]))
    assert (patterns.units, patterns.ratings, patterns.q) == (15, 35, 2)


def test_units_without_a_rating_are_dropped() -> None:
    patterns = RatingPatterns.from_counts([[0, 0, 0], [1, 0, 0], [0, 0, 0]])
    assert (patterns.units, patterns.ratings, patterns.q) == (1, 1, 3)
    assert patterns.counts.shape == (1, 3)


def test_patterns_given_twice_are_merged() -> None:
    patterns = RatingPatterns(np.array([[2, 0], [2, 0]]), np.array([3, 4]))
    np.testing.assert_array_equal(patterns.multiplicity, [7])


def test_ratings_become_counts_and_missing_ratings_count_nowhere() -> None:
    patterns = RatingPatterns.from_ratings([[0, 2, 2], [1, -1, -1], [2, 0, 2], [-1, -1, -1]], q=4)
    np.testing.assert_array_equal(patterns.counts, [[0, 1, 0, 0], [1, 0, 2, 0]])
    np.testing.assert_array_equal(patterns.multiplicity, [1, 2])


@pytest.mark.parametrize("raters", [3, 7, 40, 90])
def test_ratings_of_few_and_of_very_many_raters_are_counted_alike(raters) -> None:
    ratings = np.random.default_rng(21).integers(-1, 8, (60, raters))
    ratings = np.vstack([ratings, ratings[:20]])
    patterns = RatingPatterns.from_ratings(ratings, q=8)
    counted = RatingPatterns.from_counts([[(row == k).sum() for k in range(8)] for row in ratings])
    np.testing.assert_array_equal(patterns.counts, counted.counts)
    np.testing.assert_array_equal(patterns.multiplicity, counted.multiplicity)


@given(rows=st.lists(st.lists(st.integers(0, 10**4), min_size=5, max_size=5), min_size=1, max_size=12))
@settings(deadline=None)
def test_distinct_rows_are_those_of_numpy_also_where_they_do_not_fit_into_one_number(rows) -> None:
    for table in (np.array(rows), np.array(rows) % 3):
        found, position = distinct_rows(table)
        np.testing.assert_array_equal(found, np.unique(table, axis=0))
        np.testing.assert_array_equal(found[position], table)


def test_the_scale_sets_the_number_of_categories_and_not_the_data() -> None:
    assert RatingPatterns.from_ratings([[0, 0]], q=6).q == 6


@pytest.mark.parametrize("ratings", [[], np.zeros((0, 3), dtype=int), np.zeros((3, 0), dtype=int)])
def test_no_ratings_at_all_are_an_empty_table(ratings) -> None:
    patterns = RatingPatterns.from_ratings(ratings, q=3)
    assert (patterns.units, patterns.ratings, patterns.q) == (0, 0, 3)


def test_patterns_cannot_be_changed() -> None:
    patterns = RatingPatterns.from_counts([[2, 1]])
    with pytest.raises(ValueError, match="read-only"):
        patterns.counts[0, 0] = 9
    with pytest.raises(dataclasses.FrozenInstanceError):
        patterns.counts = np.zeros((1, 2), dtype=np.int64)  # type: ignore[misc]


def test_the_arrays_of_the_caller_are_left_alone() -> None:
    counts, multiplicity = np.array([[2, 1], [0, 3]]), np.array([1, 2])
    RatingPatterns(counts, multiplicity)
    counts[0, 0] = multiplicity[0] = 5
    np.testing.assert_array_equal(counts, [[5, 1], [0, 3]])


@pytest.mark.parametrize(
    ("counts", "multiplicity", "sentence"),
    [
        ([1, 2], [1, 1], "table of patterns by categories"),
        ([[1, 2]], [1, 1], "1 patterns need as many multiplicities"),
        ([[1, 2]], [[1]], "1 patterns need as many multiplicities"),
        ([[1, -2]], [1], "must not be negative"),
        ([[1, 2]], [0], "at least one unit"),
        ([[1, 2]], [-1], "at least one unit"),
        ([[1.5, 2]], [1], "Counts must be whole numbers"),
        ([[float("inf"), 2]], [1], "Counts must be whole numbers"),
        ([[1, 2]], ["1"], "Multiplicities must be whole numbers"),
    ],
)
def test_malformed_patterns_are_refused_with_a_sentence(counts, multiplicity, sentence) -> None:
    with pytest.raises(ValueError, match=sentence):
        RatingPatterns(counts, multiplicity)


@pytest.mark.parametrize("rating", [3, -2])
def test_a_rating_outside_the_scale_is_refused(rating) -> None:
    with pytest.raises(ValueError, match="category indices from 0 to 2, or -1 where missing"):
        RatingPatterns.from_ratings([[0, rating]], q=3)


def test_a_rating_that_is_not_a_number_is_refused_and_never_becomes_a_category() -> None:
    with pytest.raises(ValueError, match="Ratings must be whole numbers"):
        RatingPatterns.from_ratings([[0, float("nan")]], q=3)


def test_a_flat_list_of_ratings_is_refused() -> None:
    with pytest.raises(ValueError, match="table of units by raters"):
        RatingPatterns.from_ratings([0, 1, 2], q=3)
