import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from preferences.stats import weights


def test_identity_gives_credit_for_the_same_category_only() -> None:
    np.testing.assert_array_equal(weights.identity(3), [[1, 0, 0], [0, 1, 0], [0, 0, 1]])


def test_linear_credit_falls_with_the_distance_of_the_values() -> None:
    np.testing.assert_allclose(weights.linear([1, 2, 5]), [[1, 0.75, 0], [0.75, 1, 0.25], [0, 0.25, 1]])


def test_quadratic_credit_falls_with_the_squared_distance_of_the_values() -> None:
    np.testing.assert_allclose(weights.quadratic([1, 2, 5]), [[1, 15 / 16, 0], [15 / 16, 1, 7 / 16], [0, 7 / 16, 1]])


def test_ordinal_credit_is_gwets_published_matrix_for_four_ranks() -> None:
    expected = [[1, 5 / 6, 1 / 2, 0], [5 / 6, 1, 5 / 6, 1 / 2], [1 / 2, 5 / 6, 1, 5 / 6], [0, 1 / 2, 5 / 6, 1]]
    np.testing.assert_allclose(weights.ordinal(4), expected)


def test_ordinal_weights_see_ranks_and_quadratic_weights_see_values() -> None:
    np.testing.assert_array_equal(weights.matrix("ordinal", [1, 2, 9]), weights.matrix("ordinal", [1, 2, 3]))
    assert not np.array_equal(weights.matrix("quadratic", [1, 2, 9]), weights.matrix("quadratic", [1, 2, 3]))


@pytest.mark.parametrize("scheme", ["identity", "linear", "quadratic", "ordinal"])
def test_every_scheme_is_the_identity_on_two_categories(scheme) -> None:
    np.testing.assert_array_equal(weights.matrix(scheme, [0, 1]), np.eye(2))


@pytest.mark.parametrize("scheme", ["identity", "linear", "quadratic", "ordinal"])
@pytest.mark.parametrize("values", [[], [7]])
def test_a_scale_with_no_or_one_category_still_has_weights(scheme, values) -> None:
    np.testing.assert_array_equal(weights.matrix(scheme, values), np.eye(len(values)))


@given(
    scheme=st.sampled_from(["identity", "linear", "quadratic", "ordinal"]),
    values=st.lists(st.integers(-50, 50), min_size=2, max_size=7, unique=True),
)
@settings(deadline=None)
def test_weights_are_symmetric_with_ones_on_the_diagonal_and_lie_between_0_and_1(scheme, values) -> None:
    matrix = weights.matrix(scheme, values)
    np.testing.assert_array_equal(matrix, matrix.T)
    np.testing.assert_array_equal(np.diagonal(matrix), 1)
    assert matrix.min() == 0
    assert matrix.max() == 1


@given(
    scheme=st.sampled_from(["linear", "quadratic"]),
    values=st.lists(st.integers(-50, 50), min_size=2, max_size=7, unique=True),
    shift=st.integers(-9, 9),
    factor=st.integers(1, 9),
)
@settings(deadline=None)
def test_weights_do_not_depend_on_the_unit_or_origin_of_the_values(scheme, values, shift, factor) -> None:
    moved = [shift + factor * value for value in values]
    np.testing.assert_allclose(weights.matrix(scheme, moved), weights.matrix(scheme, values), atol=1e-12)


def test_an_unknown_scheme_is_refused_with_the_names_that_exist() -> None:
    with pytest.raises(ValueError, match="Unknown weight scheme 'cubic': choose one of identity, linear, quadratic"):
        weights.matrix("cubic", [1, 2])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ([[1, 2]], "must be a flat list"),
        ([1, float("nan")], "must be finite numbers"),
        ([1, 2, 1], "must differ from each other"),
    ],
)
@pytest.mark.parametrize("scheme", ["identity", "linear", "quadratic", "ordinal"])
def test_impossible_category_values_are_refused(scheme, values, sentence) -> None:
    with pytest.raises(ValueError, match=sentence):
        weights.matrix(scheme, values)
