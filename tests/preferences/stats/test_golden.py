"""Against the answers of other software, which golden/make.py asked; see there for how."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from preferences.stats import Agreement, RatingPatterns, cohen, fleiss, gwet_ac, krippendorff, weights
from preferences.stats.arrays import FloatArray
from preferences.stats.krippendorff import alpha

TABLES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "golden" / "golden.json").read_text())["tables"]
NUMBERS = ("value", "se", "low", "high", "percent_agreement", "chance_agreement")
SILENT = "one unit"
# The older scipy beside irrCAC has Student's t to 5e-9 only; a limit is off by as much times the standard error.
COARSE_T = 5e-9


def by(table: dict[str, Any], *names: str) -> list[dict[str, Any]]:
    return [answer for answer in table["answers"] if answer["by"] in names]


def radical(values: list[int]) -> FloatArray:
    """Weights of one's own: credit that falls with the root of the distance."""
    x = np.array(values, dtype=np.float64)
    return 1 - np.sqrt(np.abs(x[:, None] - x[None, :]) / (x.max() - x.min()))


def ours(table: dict[str, Any], answer: dict[str, Any]) -> Agreement:
    ratings, values = np.array(table["ratings"]), table["values"]
    patterns, confidence = RatingPatterns.from_ratings(ratings, len(values)), answer.get("confidence", 0.95)
    if answer["scheme"] in ("nominal", "interval") or answer["by"] == "krippendorff":
        return krippendorff(patterns, answer["scheme"], values, confidence=confidence)
    matrix = radical(values) if answer["scheme"] == "radical" else weights.matrix(answer["scheme"], values)
    match answer["coefficient"]:
        case "gwet":
            return gwet_ac(patterns, matrix, confidence=confidence)
        case "fleiss":
            return fleiss(patterns, matrix, confidence=confidence)
        case "krippendorff":
            return alpha(patterns, matrix, confidence=confidence)
    return cohen(ratings, matrix, confidence=confidence)


def golden_limit(answer: dict[str, Any], name: str) -> float | None:
    # irrCAC lets a lower limit go below -1, where no agreement can be.
    limit: float | None = answer[name]
    return limit if name != "low" or limit is None else max(limit, min(answer["value"], -1.0))


@pytest.mark.parametrize(
    "table", [table for table in TABLES if table["name"] != SILENT], ids=lambda table: table["name"]
)
def test_every_number_of_irrcac_is_ours_to_nine_digits(table) -> None:
    answers = by(table, "irrCAC")
    assert len(answers) >= 45
    for answer in answers:
        result = ours(table, answer)
        if answer["value"] is None:  # Conger's kappa of one category
            assert "same category" in str(result.note)
            continue
        for name in NUMBERS:
            tolerance = 1e-9 + (COARSE_T * answer["se"] if name in ("low", "high") else 0)
            assert getattr(result, name) == pytest.approx(golden_limit(answer, name), abs=tolerance, rel=0), answer


def test_where_irrcac_divides_by_zero_ours_has_a_value_and_says_that_its_precision_is_unknown() -> None:
    [table] = [table for table in TABLES if table["name"] == SILENT]
    for answer in by(table, "irrCAC"):
        assert answer["error"].startswith("ZeroDivisionError")
        result = ours(table, answer)
        assert result.value is not None
        assert (result.se, result.low, result.high) == (None, None, None)
        assert result.note == "Only one item has been rated, so the precision of this value is unknown."


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table["name"])
def test_alpha_and_the_kappas_are_those_of_krippendorff_and_statsmodels(table) -> None:
    compared = 0
    for answer in by(table, "krippendorff", "statsmodels"):
        result = ours(table, answer)
        if answer.get("value") is None:
            assert result.note
        else:
            assert result.value == pytest.approx(answer["value"], abs=1e-9, rel=0), answer
            compared += 1
    assert compared >= 3 or table["name"] == "one category"
