"""manage.py agreement --csv: anybody's ratings, without a database."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.core.management import CommandError, call_command

from preferences.stats import RatingPatterns, fleiss, percent_agreement
from preferences.stats.agreement import Agreement
from preferences.stats.krippendorff import alpha
from preferences.stats.weights import ordinal
from tests.preferences.stats.reference import FOUR_RATERS
from tests.webapp.management.rating_files import table_of_four_raters, written

COLUMNS = {"unit": "unit", "rater": "rater", "rating": "rating"}


def said(file: Path | str, **options: Any) -> str:
    out = io.StringIO()
    call_command("agreement", csv=str(file), stdout=out, **{**COLUMNS, "categories": "1,2,3,4,5", **options})
    return out.getvalue()


@pytest.fixture
def four_raters(tmp_path: Path) -> Path:
    file = tmp_path / "ratings.csv"
    file.write_text(table_of_four_raters())
    return file


@pytest.mark.parametrize(
    ("scheme", "coefficient", "value", "se", "low"),
    [
        ("identity", "AC1", 0.775444068127, 0.142949950641, 0.460813),
        ("quadratic", "AC2", 0.914000723552, 0.103962244645, 0.685181),
        ("ordinal", "AC2", 0.898939769908, 0.106903523815, 0.663647),
    ],
)
def test_gwets_published_table_gives_the_published_numbers(
    four_raters: Path, scheme: str, coefficient: str, value: float, se: float, low: float
) -> None:
    found = orjson.loads(said(four_raters, weights=scheme, json=True))
    assert found["coefficient"] == coefficient
    assert found["value"] == pytest.approx(value, abs=1e-9, rel=0)
    assert found["se"] == pytest.approx(se, abs=1e-9, rel=0)
    assert found["low"] == pytest.approx(low, abs=5e-7)
    assert found["high"] == 1
    table = said(four_raters, weights=scheme)
    assert f"{value:.6f}" in table and f"{se:.6f}" in table


def test_the_json_has_the_fields_that_scripts_read(four_raters: Path) -> None:
    found = orjson.loads(said(four_raters, weights="identity", confidence=0.9, json=True))
    counts = {"units": 12, "ratings": 41, "raters": 4, "missing": 7}
    assert found == found | counts | {"confidence": 0.9, "weights": "identity", "note": None}
    assert found["percent_agreement"] == pytest.approx(9 / 11)
    assert found["chance_agreement"] == pytest.approx(0.190321180556)
    assert found["categories"] == ["1", "2", "3", "4", "5"]


def test_a_category_that_nobody_used_counts(four_raters: Path) -> None:
    narrow, wide = (
        orjson.loads(said(four_raters, categories=categories, json=True)) for categories in ("1,2,3,4,5", "1,2,3,4,5,6")
    )
    assert wide["value"] != narrow["value"]


def test_numbers_are_weighed_by_their_values_and_words_by_their_places(tmp_path: Path) -> None:
    file = tmp_path / "in.csv"
    values = {}
    for categories in ("1,2,10", "1,2,3", "low,mid,high"):
        names = categories.split(",")
        pairs = enumerate([(0, 1), (1, 2), (2, 2), (0, 0)])
        rows = [f"{unit},{rater},{names[place]}" for unit, pair in pairs for rater, place in enumerate(pair)]
        file.write_text(written(rows))
        values[categories] = orjson.loads(said(file, categories=categories, json=True))["value"]
    assert values["low,mid,high"] == values["1,2,3"] != values["1,2,10"]


@pytest.mark.parametrize(
    ("coefficient", "function", "called"),
    [
        ("alpha", alpha, "Krippendorff's alpha"),
        ("fleiss", fleiss, "Fleiss' kappa"),
        ("percent", percent_agreement, "percent agreement"),
    ],
)
def test_other_coefficients_are_there_to_compare(
    four_raters: Path, coefficient: str, function: Callable[..., Agreement], called: str
) -> None:
    found = orjson.loads(said(four_raters, coefficient=coefficient, weights="ordinal", json=True))
    expected = function(RatingPatterns.from_ratings(FOUR_RATERS, q=5), ordinal(5))
    assert (found["coefficient"], found["value"], found["low"]) == (called, expected.value, expected.low)
    assert called in said(four_raters, coefficient=coefficient)


def test_a_matrix_of_weights_comes_from_a_file(four_raters: Path, tmp_path: Path) -> None:
    matrix = tmp_path / "weights.csv"
    matrix.write_text("\n".join(",".join("1" if k == other else "0" for other in range(5)) for k in range(5)) + "\n")
    assert orjson.loads(said(four_raters, weights=str(matrix), json=True))["value"] == pytest.approx(0.775444068127)
    matrix.write_bytes(b"\xef\xbb\xbf" + matrix.read_bytes().replace(b"\n", b"\r\n"))
    assert orjson.loads(said(four_raters, weights=str(matrix), json=True))["value"] == pytest.approx(0.775444068127)
    matrix.write_text("1,0\n0,1\n")
    with pytest.raises(CommandError, match="5 x 5 weights"):
        said(four_raters, weights=str(matrix))


def test_nobody_rated_twice_is_a_result_with_a_note(tmp_path: Path) -> None:
    file = tmp_path / "in.csv"
    file.write_text(written(["u1,ann,1", "u2,bob,1"]))
    found = orjson.loads(said(file, json=True))
    assert (found["value"], found["units"], found["ratings"]) == (None, 2, 2)
    assert found["note"] in said(file)


def test_standard_input_is_read_where_the_file_is_a_dash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(table_of_four_raters().encode())))
    assert orjson.loads(said("-", json=True))["units"] == 12


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"categories": None}, "A file needs all of .* --categories.* which no data can tell"),
        ({"unit": None, "rating": None}, "A file needs all of --csv, --unit, --rater, --rating"),
        ({"rater": "who"}, r"ratings.csv, line 1: there is no column “who”"),
        ({"categories": "1,2,3,4"}, r"ratings.csv, line \d+: “5” is none of the categories"),
        ({"categories": "1"}, "has 2 to 256 categories"),
        ({"weights": "cubic"}, "Weights “cubic”: write one of identity, linear, quadratic, ordinal, or name a file"),
        ({"confidence": 95.0}, "strictly between 0 and 1, not 95.0"),
        ({"rater": "unit"}, "three different columns"),
        ({"campaign": "x", "by": "turn"}, "--campaign and --by ask for what was collected here"),
    ],
)
def test_what_cannot_be_computed_is_a_sentence(four_raters: Path, options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        said(four_raters, **options)


@pytest.mark.parametrize(("name", "sentence"), [("none.csv", "No such file"), ("", "Is a directory")])
def test_a_file_that_cannot_be_opened_is_a_sentence(tmp_path: Path, name: str, sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        said(tmp_path / name)


def test_a_temporary_folder_without_room_is_a_sentence(four_raters: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.management.rating_counts.SETTINGS", ("max_page_count = 1",))
    with pytest.raises(CommandError, match=r"database or disk is full.*TMPDIR names another"):
        said(four_raters)
