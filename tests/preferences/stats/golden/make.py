"""What other software says about tables of ours: writes golden.json beside this file.

Run by `make golden` in an environment of its own, since irrCAC needs older versions of pandas and scipy than Margin
has: irrCAC 0.4.4 (AC1, AC2, Fleiss' and Conger's kappa, alpha; with standard errors and intervals), krippendorff 0.9.0
(alpha at three levels) and statsmodels 0.15.0 (Fleiss' and Cohen's kappa). Every category of the scale is named to
irrCAC, which otherwise takes those of the data, and 15 digits are asked for, where it rounds to 5 by itself.

The tables are drawn from numbered seeds, but for the one of Gwet's handbook. Numbers that another program cannot give
are null; where it fails, its error stands in words.
"""

import json
import warnings
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import krippendorff
import numpy as np
import pandas as pd
from irrCAC.raw import CAC
from statsmodels.stats.inter_rater import cohens_kappa, fleiss_kappa

Array = np.ndarray[Any, np.dtype[np.int64]]

HERE = Path(__file__).parent
SOFTWARE = ("irrCAC", "krippendorff", "statsmodels", "numpy", "scipy", "pandas")
# Margin has no radical weights: they stand for those that a user gives.
SCHEMES = ("identity", "linear", "quadratic", "ordinal", "radical")
COEFFICIENTS = ("gwet", "fleiss", "krippendorff", "conger")
FOUR_RATERS = [
    (1, 1, 0, 1), (2, 2, 3, 2), (3, 3, 3, 3), (3, 3, 3, 3), (2, 2, 2, 2), (1, 2, 3, 4),
    (4, 4, 4, 4), (1, 1, 2, 1), (2, 2, 2, 2), (0, 5, 5, 5), (0, 0, 1, 1), (0, 0, 3, 0),
]  # fmt: skip


def drawn(
    seed: int, units: int, raters: int, q: int, quality: float, missing: float = 0.0, first: float = 0.0
) -> Array:
    """Category indices of raters who see a unit's category with this chance, else guess; -1 where missing."""
    rng = np.random.default_rng(seed)
    kind = np.where(rng.random((units, 1)) < first, 0, rng.integers(0, q, (units, 1)))
    ratings = np.where(rng.random((units, raters)) < quality, kind, rng.integers(0, q, (units, raters)))
    return np.where(rng.random((units, raters)) < missing, -1, ratings)


def tables() -> dict[str, tuple[Array, list[int]]]:
    """Name -> ratings and the values of the categories."""
    unbalanced = drawn(7, 40, 9, 4, 0.6, 0.3)
    unbalanced[:10, 1:] = -1
    unbalanced[10:25, 2:] = -1
    whole = list(range(1, 6))
    return {
        "gwet, four raters": (np.array(FOUR_RATERS) - 1, whole),
        "complete, three raters": (drawn(1, 60, 3, 5, 0.7), whole),
        "complete, two raters": (drawn(2, 50, 2, 4, 0.6), [1, 2, 3, 4]),
        "complete, eight points": (drawn(3, 200, 3, 8, 0.5), list(range(1, 9))),
        "missing": (drawn(4, 80, 5, 5, 0.6, 0.4), whole),
        "missing, uneven values": (drawn(5, 50, 4, 4, 0.6, 0.3), [1, 2, 4, 8]),
        "nearly all rated once": (drawn(6, 90, 3, 5, 0.8, 0.75), whole),
        "unbalanced": (unbalanced, [1, 2, 3, 4]),
        "nearly all in one category": (drawn(8, 100, 3, 3, 0.9, 0.0, 0.95), [1, 2, 3]),
        "worse than chance": (np.array([[0, 1], [1, 0], [0, 1], [1, 0], [1, 1]]), [1, 2]),
        "two units": (np.array([[0, 1, 2], [2, 2, 2]]), [1, 2, 3]),
        "full agreement": (np.array([[0, 0], [1, 1], [2, 2], [2, 2]]), [1, 2, 3]),
        "one category": (np.full((6, 3), 1), [1, 2, 3]),
        "one unit": (np.array([[0, 0, 1]]), [1, 2, 3]),
        "a category that nobody used": (drawn(9, 40, 3, 3, 0.7), [1, 2, 3, 4]),
    }  # fmt: skip


def number(value: Any) -> float | None:
    return float(value) if np.isfinite(float(value)) else None


def of_irrcac(ratings: Array, values: list[int]) -> Iterator[dict[str, Any]]:
    frame = pd.DataFrame(np.where(ratings < 0, np.nan, np.array(values, dtype=float)[ratings]))
    complete = (ratings >= 0).all()
    for scheme in SCHEMES:
        for confidence in (0.9, 0.95, 0.99):
            cac = CAC(frame, weights=scheme, categories=values, confidence_level=confidence, digits=15)
            for coefficient in COEFFICIENTS:
                if coefficient == "conger" and (ratings.shape[1] != 2 or not complete):
                    continue  # Cohen's kappa is Conger's of two raters without missing ratings
                row = {"by": "irrCAC", "coefficient": coefficient, "scheme": scheme, "confidence": confidence}
                try:
                    said = getattr(cac, coefficient)()["est"]
                except (ZeroDivisionError, ValueError) as error:
                    yield row | {"error": f"{type(error).__name__}: {error}"}
                    continue
                low, high = said["confidence_interval"]
                yield row | {
                    name: number(value)
                    for name, value in (
                        ("value", said["coefficient_value"]), ("se", said["se"]), ("low", low), ("high", high),
                        ("percent_agreement", said["pa"]), ("chance_agreement", said["pe"]),
                    )
                }  # fmt: skip


def of_krippendorff(ratings: Array, values: list[int]) -> Iterator[dict[str, Any]]:
    data = np.where(ratings < 0, np.nan, np.array(values, dtype=float)[ratings]).T
    for level in ("nominal", "ordinal", "interval"):
        row = {"by": "krippendorff", "coefficient": "krippendorff", "scheme": level}
        try:
            value = krippendorff.alpha(reliability_data=data, value_domain=values, level_of_measurement=level)
            yield row | {"value": number(value)}
        except ValueError as error:
            yield row | {"error": f"{type(error).__name__}: {error}"}


def of_statsmodels(ratings: Array, values: list[int]) -> Iterator[dict[str, Any]]:
    if (ratings < 0).any():
        return
    counts = (ratings[:, :, None] == np.arange(len(values))).sum(axis=1)
    row = {"by": "statsmodels", "coefficient": "fleiss", "scheme": "identity"}
    yield row | {"value": number(fleiss_kappa(counts))}
    if ratings.shape[1] != 2:
        return
    table = np.zeros((len(values), len(values)))
    np.add.at(table, tuple(ratings.T), 1)
    for scheme, weights in (("identity", None), ("linear", "linear"), ("quadratic", "quadratic")):
        said = cohens_kappa(table, wt=weights)
        yield {"by": "statsmodels", "coefficient": "cohen", "scheme": scheme, "value": number(said.kappa)}


def main() -> None:
    warnings.simplefilter("ignore")  # of divisions by zero in degenerate tables
    golden = {
        "made by": "make golden",
        "versions": {name: version(name) for name in SOFTWARE},
        "tables": [
            {
                "name": name,
                "values": values,
                "ratings": ratings.tolist(),
                "answers": [
                    *of_irrcac(ratings, values), *of_krippendorff(ratings, values), *of_statsmodels(ratings, values),
                ],
            }
            for name, (ratings, values) in tables().items()
        ],
    }  # fmt: skip
    text = (
        json.dumps(golden, indent=None, separators=(",", ":"))
        .replace('{"by"', '\n{"by"')
        .replace('{"name"', '\n\n{"name"')
    )
    (HERE / "golden.json").write_text(text + "\n")
    print(f"{sum(len(table['answers']) for table in golden['tables'])} answers about {len(golden['tables'])} tables.")


if __name__ == "__main__":
    main()
