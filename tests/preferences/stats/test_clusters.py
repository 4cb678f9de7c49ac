import numpy as np
import pytest
from hypothesis import given, settings
from scipy import stats

from preferences.stats import ClusteredPatterns, RatingPatterns, ac1, ac2, gwet_ac, weights

from .reference import FOUR_RATERS, known
from .tables import SCHEMES, assert_same, rated

COUNTS = np.array([[(row == k).sum() for k in range(5)] for row in FOUR_RATERS])


@given(table=rated(), scheme=SCHEMES)
@settings(deadline=None)
def test_clusters_of_one_unit_give_what_no_clusters_give(table, scheme) -> None:
    q, ratings = table
    counts = np.array([[(row == k).sum() for k in range(q)] for row in ratings])
    clustered = ClusteredPatterns.from_rows(np.arange(len(counts)), counts)
    assert_same(ac2(clustered, scheme), ac2(RatingPatterns.from_counts(counts), scheme))


def test_the_standard_error_is_that_of_the_clusters_sums() -> None:
    cluster = np.array([0, 0, 0, 1, 1, 2, 2, 3, 4, 4, 4, 4])
    result = ac1(ClusteredPatterns.from_rows(cluster, COUNTS))
    q, n, groups = 5, 12, 5
    shares = COUNTS / COUNTS.sum(axis=1)[:, None]
    pi, raters = shares.mean(axis=0), COUNTS.sum(axis=1)
    pe = (pi * (1 - pi)).sum() / (q - 1)
    paired = raters >= 2
    pa_i = np.where(paired, (COUNTS * (COUNTS - 1)).sum(axis=1) / np.maximum(raters * (raters - 1), 1), 0)
    value = (pa_i.sum() / paired.sum() - pe) / (1 - pe)
    own = n / paired.sum() * (pa_i - pe) * paired / (1 - pe)
    terms = own - 2 * (1 - value) * ((shares @ (1 - pi)) / (q - 1) - pe) / (1 - pe) - value
    sums = [terms[cluster == group].sum() for group in range(groups)]
    se = np.sqrt(groups / (groups - 1) * np.square(sums).sum()) / n
    assert result.value == pytest.approx(value)
    assert result.se == pytest.approx(se)
    assert result.low == pytest.approx(value - stats.t.ppf(0.975, groups - 1) * se)


def test_grouped_rows_give_what_single_units_give() -> None:
    single = ClusteredPatterns.from_rows([7, 7, 7, -2, -2], [[2, 1], [2, 1], [0, 3], [2, 1], [0, 3]])
    grouped = ClusteredPatterns.from_rows([1, 1, 0, 0], [[0, 3], [2, 1], [2, 1], [0, 3]], [1, 2, 1, 1])
    assert_same(ac1(single), ac1(grouped))
    assert single.clusters == grouped.clusters == 2
    assert single.patterns.units == grouped.patterns.units == 5


def test_clusters_that_are_alike_may_be_counted() -> None:
    each = ClusteredPatterns.from_rows([0, 0, 1, 1, 2, 2, 3], [[2, 1], [0, 3]] * 3 + [[3, 0]])
    alike = ClusteredPatterns.from_rows([0, 0, 1], [[2, 1], [0, 3], [3, 0]], alike=[3, 1])
    assert_same(ac1(each), ac1(alike))
    assert alike.clusters == 4


def test_units_repeated_within_clusters_add_nothing_to_what_is_known() -> None:
    once = ac1(ClusteredPatterns.from_rows(np.arange(12), COUNTS))
    tenfold = ac1(ClusteredPatterns.from_rows(np.arange(12), COUNTS, np.full(12, 10)))
    assert tenfold.value == pytest.approx(once.value)
    assert tenfold.se == pytest.approx(once.se)
    assert tenfold.units == 120


def test_the_spread_of_clustered_samples_is_what_the_standard_error_says() -> None:
    rng, values, errors, plain = np.random.default_rng(31), [], [], []
    for _ in range(300):
        ease = np.repeat(rng.beta(1, 1, 60), 4)[:, None]
        kind = np.repeat(rng.integers(0, 5, 60), 4)[:, None]
        ratings = np.where(rng.random((240, 3)) < ease, kind, rng.integers(0, 5, (240, 3)))
        counts = (ratings[:, :, None] == np.arange(5)).sum(axis=1)
        result = ac1(ClusteredPatterns.from_rows(np.repeat(np.arange(60), 4), counts))
        values.append(result.value)
        errors.append(result.se)
        plain.append(known(ac1(RatingPatterns.from_counts(counts)).se))
    assert np.mean(errors) == pytest.approx(np.std(values), rel=0.12)
    assert np.mean(plain) < 0.75 * np.std(values)


def test_one_cluster_alone_has_a_value_of_unknown_precision() -> None:
    result = ac1(ClusteredPatterns.from_rows([4, 4, 4], [[2, 1], [0, 3], [3, 0]]))
    assert result.value is not None
    assert (result.se, result.low, result.high) == (None, None, None)
    assert result.note == "All items belong to one dialogue, so the precision of this value is unknown."


def test_clusters_without_a_rating_do_not_count() -> None:
    clustered = ClusteredPatterns.from_rows([0, 1, 2], [[2, 1], [0, 0], [0, 3]])
    assert (clustered.clusters, clustered.patterns.units) == (2, 2)
    assert ac1(ClusteredPatterns.from_rows([], np.zeros((0, 3)))).note == "Nothing has been rated yet."


def test_weights_of_ones_own_are_taken_and_checked() -> None:
    credit = np.array([[1, 0.5, 0], [0.5, 1, 0.5], [0, 0.5, 1]])
    clustered = ClusteredPatterns.from_rows([0, 0, 1, 2], [[2, 1, 0], [0, 3, 0], [1, 1, 1], [0, 0, 3]])
    assert_same(gwet_ac(clustered, credit), ac2(clustered, "linear"))
    assert gwet_ac(clustered, credit).value != gwet_ac(clustered, weights.ordinal(3)).value
    with pytest.raises(ValueError, match="between 0 and 1"):
        gwet_ac(clustered, np.eye(3) - 0.5 * (1 - np.eye(3)))


@pytest.mark.parametrize(
    ("cluster", "multiplicity", "alike", "sentence"),
    [
        ([0], None, None, "Each row needs one cluster"),
        ([0, 1], [1], None, "Each row needs one cluster"),
        ([0, 1], [1, 0], None, "at least one unit"),
        ([0.5, 1], None, None, "Clusters must be whole numbers"),
        ([0, 1], None, [1, 0], "at least one cluster"),
        ([0, 2], None, [1, 1], "go from 0 to 1"),
        ([0, 1], None, [[1, 1]], "at least one cluster"),
    ],
)
def test_malformed_clusters_are_refused_with_a_sentence(cluster, multiplicity, alike, sentence) -> None:
    with pytest.raises(ValueError, match=sentence):
        ClusteredPatterns.from_rows(cluster, [[2, 1], [0, 3]], multiplicity, alike)
