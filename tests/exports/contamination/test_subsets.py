from __future__ import annotations

import numpy as np
import pytest

from exports.contamination.subsets import Subset, is_affected, subsets

# Table 51 of the paper, in percent: size, mean of the subset, mean of all, Z. HellaSwag (L = 40), 70B and 7B.
TABLE_51 = [
    ("clean", 7391, 80.0, 82.5, -5.73),
    ("not clean", 2651, 89.5, 82.4, 9.56),
    ("not dirty", 9194, 81.6, 82.5, -2.27),
    ("dirty", 848, 92.2, 82.5, 7.42),
    ("clean", 7391, 70.5, 73.3, -5.46),
    ("dirty", 848, 83.7, 73.3, 6.84),
]


def answered(size: int, mean: float, others: int, rate: float) -> tuple[np.ndarray, list[float]]:
    """Scores of 0 and 1: of `size` samples with the share in question, and of all others so that all reach `rate`."""
    right = round(size * mean / 100)
    rest = round((size + others) * rate / 100) - right
    scores = [1.0] * right + [0.0] * (size - right) + [1.0] * rest + [0.0] * (others - rest)
    return np.array([True] * size + [False] * others), scores


@pytest.mark.parametrize(("name", "size", "mean", "rate", "z"), TABLE_51)
def test_z_is_that_of_the_papers_table(name: str, size: int, mean: float, rate: float, z: float) -> None:
    inside, scores = answered(size, mean, 10_042 - size, rate)
    share = {"clean": 0.1, "not clean": 0.5, "not dirty": 0.5, "dirty": 0.9}[name]
    outside = 0.5 if name in ("clean", "dirty") else 0.1 if name == "not clean" else 0.9
    found = {subset.name: subset for subset in subsets(np.where(inside, share, outside), scores)}[name]
    assert found.size == size
    # The paper's means have one decimal: they leave Z open by this much.
    assert found.z == pytest.approx(z, abs=2 * 0.05 / (100 * np.std(scores) / np.sqrt(size)))


def test_the_subsets_overlap_and_their_borders_are_the_papers() -> None:
    found = {subset.name: subset.size for subset in subsets(np.array([0.0, 0.199, 0.2, 0.799, 0.8, 1.0]))}
    assert found == {"clean": 2, "not clean": 4, "not dirty": 4, "dirty": 2}


def test_without_scores_or_samples_nothing_is_said_of_them() -> None:
    clean, not_clean, _, dirty = subsets(np.array([0.0, 0.1]), [1.0, 0.0])
    assert (clean.mean, clean.expected, clean.z) == (0.5, 0.5, 0.0)
    assert (not_clean.size, not_clean.contamination, not_clean.mean, dirty.z) == (0, None, None, None)
    assert [subset.mean for subset in subsets(np.array([0.0, 0.9]))] == [None] * 4


def test_equal_scores_have_no_z() -> None:
    assert [subset.z for subset in subsets(np.array([0.0, 0.9]), [1.0, 1.0])] == [None] * 4


def four(*zs: float | None) -> list[Subset]:
    names = ("clean", "not clean", "not dirty", "dirty")
    return [Subset(name, 10, 0.5, 0.5, 0.5, z) for name, z in zip(names, zs, strict=True)]


@pytest.mark.parametrize(
    ("zs", "affected"),
    [
        ((-2.1, 2.1, -2.1, 2.1), True),
        ((-2.1, 2.1, -2.0, 2.1), False),
        ((2.1, -2.1, 2.1, -2.1), False),
        ((-2.1, 2.1, -2.1, None), False),
    ],
)
def test_a_score_is_affected_where_all_four_say_so(zs: tuple[float | None, ...], affected: bool) -> None:
    assert is_affected(four(*zs)) is affected
