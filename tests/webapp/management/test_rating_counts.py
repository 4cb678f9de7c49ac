"""Files of ratings -> patterns, exactly; and a sentence with the line where a file is wrong."""

from __future__ import annotations

import random

import numpy as np
import pytest

from preferences.stats import RatingPatterns
from tests.preferences.stats.reference import FOUR_RATERS
from tests.webapp.management.rating_files import counted, table_of_four_raters, written
from webapp.management import rating_rows
from webapp.management.rating_rows import RatingFileError

FEW = ["u1,ann,1", "u1,bob,2", "u2,ann,5"]


def assert_same(found: RatingPatterns, expected: RatingPatterns) -> None:
    np.testing.assert_array_equal(found.counts, expected.counts)
    np.testing.assert_array_equal(found.multiplicity, expected.multiplicity)


def test_a_file_gives_the_patterns_of_its_table() -> None:
    found = counted(table_of_four_raters())
    assert_same(found.patterns, RatingPatterns.from_ratings(FOUR_RATERS, q=5))
    assert (found.raters, found.missing) == (4, 7)


def test_the_order_of_the_rows_does_not_matter() -> None:
    header, *rows = table_of_four_raters().splitlines()
    random.Random(1).shuffle(rows)
    assert_same(counted("\n".join([header, *rows])).patterns, RatingPatterns.from_ratings(FOUR_RATERS, q=5))


def test_whoever_never_rated_is_no_rater_and_what_was_never_rated_no_unit() -> None:
    found = counted(written([*FEW, "u3,eve,"]))
    assert (found.patterns.units, found.raters, found.missing) == (2, 2, 1)


@pytest.mark.parametrize(
    "text",
    [
        written(FEW, end="\r\n"),
        "\ufeff" + written(FEW),
        written(FEW).rstrip("\n"),
        written([*FEW[:2], "", ",,", " , ,", FEW[2], ""]),
        written([" u1 ,ann , 1", *FEW[1:]]),
        written(['"u1","ann","1"', *FEW[1:]]),
        "note,rating,unit,rater\n" + "".join(f'"a\nb, ""c""",{r[-1]},{r[:2]},{r[3:6]}\n' for r in FEW),
    ],
    ids=["windows", "mark", "no-last-end", "blank", "spaces", "quoted", "other-columns"],
)
def test_files_come_as_programs_write_them(text: str) -> None:
    found = counted(text)
    assert_same(found.patterns, RatingPatterns.from_ratings([[0, 1], [4, -1]], q=5))
    assert found.raters == 2


def test_names_count_as_they_are_written() -> None:
    found = counted(written(["u1,ann,1", "u1,Ann,1", "U1,ann,1", "u1,é,1", "u1,e\u0301,1", "01,ann,1", "1,ann,1"]))
    assert (found.patterns.units, found.patterns.ratings, found.raters) == (4, 7, 4)


def test_very_many_ratings_of_one_unit_are_one_pattern() -> None:
    found = counted(written(f"u,{rater},{rater % 5 + 1}" for rater in range(5_000)))
    assert (found.patterns.counts.tolist(), found.raters) == ([[1000] * 5], 5_000)


def test_every_place_of_the_widest_scale_is_counted() -> None:
    found = counted(written(f"u{place},ann,{place}" for place in range(256)), ",".join(map(str, range(256))))
    assert sorted(found.patterns.counts.argmax(axis=1).tolist()) == list(range(256))


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        (["u1,ann,6"], "line 2: “6” is none of the categories."),
        ([*FEW, "u3,ann,good"], "line 5: “good” is none of the categories."),
        ([*FEW, "u3,ann,\x1b[2J"], "line 5: “�[2J” is none of the categories."),
        ([*FEW, "", ",ann,1"], "line 6: “unit” is empty"),
        ([*FEW, "u3, ,1"], "line 5: “rater” is empty"),
        ([*FEW, "u3,ann"], "line 5: 2 fields, where the first line has 3."),
        ([*FEW, "u3,ann,1,2"], "line 5: 4 fields, where the first line has 3."),
        ([*FEW, "u1,ann,3", "u1,bob,2"], "line 5: “ann” rated “u1” a second time, after line 2."),
        (["u9,bob,1", "u9,bob,1", *FEW, FEW[0]], "line 3: “bob” rated “u9” a second time, after line 2."),
        (["u1,ann,1", "u2,ann,1", '"u\n1",bob,1', "u3,ann,7"], "line 6: “7” is none of the categories."),
        ([*FEW, '"u\n3",bob,9'], "line 5: “9” is none of the categories."),
        ([*FEW, 'u3,"ann,1'], "line 5: this is not CSV: unexpected end of data."),
        ([*FEW, 'u3,"ann"x,1'], "line 5: this is not CSV: ',' expected after '\"'."),
        ([*FEW, "u3,ann,1\ru4,ann,1"], "line 5: this is not CSV: new-line character seen"),
        ([*FEW, f"u3,ann,{'1' * 2**20}"], "line 5: this is not CSV: field larger than field limit (131072). Shorten"),
        ([*FEW, "u3,a\0nn,1"], "line 5: a NUL character"),
        ([], "there are no rows."),
        (["u1,ann,", "u2,ann,"], "none of the 2 rows has a rating."),
    ],
)
def test_a_wrong_row_is_named_by_its_line(rows: list[str], sentence: str) -> None:
    with pytest.raises(RatingFileError) as refused:
        counted(written(rows))
    assert str(refused.value).startswith(sentence)


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"", "line 1: nothing stands here."),
        (b"\n", "line 1: nothing stands here."),
        (b"unit,rater\nu,r\n", "line 1: there is no column “rating”. There are: “unit”, “rater”."),
        (b"unit;rater;rating\nu;r;1\n", "line 1: there is no column “unit”. There are: “unit;rater;rating”."),
        (b"unit,rater,rating,unit\n", "line 1: there are 2 columns “unit”."),
        (b"unit,rater,rating\nu,r,1\nu,\xff,1\n", "line 3: not UTF-8 (byte 3)."),
        ("unit,rater,rating\nu,r,1\n".encode("utf-16"), "line 1: not UTF-8 (byte 1)."),
    ],
)
def test_a_file_that_is_no_table_of_ratings_is_a_sentence(raw: bytes, sentence: str) -> None:
    with pytest.raises(RatingFileError) as refused:
        counted(raw)
    assert str(refused.value).startswith(sentence)


def test_the_earliest_second_rating_is_named_wherever_it_sorts() -> None:
    with pytest.raises(RatingFileError, match=r"^line 4: “bob” rated “z” a second time, after line 3"):
        counted(written(["a,ann,1", "z,bob,1", "z,bob,2", "a,ann,1"]))


def test_a_missing_rating_beside_a_given_one_is_no_second_rating() -> None:
    assert counted(written(["u,ann,", "u,ann,1", "u,ann,"])).patterns.ratings == 1


def test_a_line_without_an_end_cannot_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rating_rows, "LONGEST_LINE", 1000)
    with pytest.raises(RatingFileError, match=r"^line 3: longer than 1,000 bytes\.$"):
        counted(written(["u,ann,1", "u,bob," + "1" * 2000]))


def test_long_texts_are_cut_in_sentences() -> None:
    with pytest.raises(RatingFileError) as refused:
        counted(written(["u,ann," + "x" * 1000]))
    assert len(str(refused.value)) < 300


def test_more_patterns_than_fit_the_memory_are_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.management.rating_counts.MOST_CELLS", 9)
    with pytest.raises(RatingFileError, match=r"^2 different patterns of ratings in 5 categories need too much memory"):
        counted(written(FEW))
