from __future__ import annotations

import pytest

from webapp.management.rating_scale import RatingScale


def test_numbers_are_put_in_the_order_of_their_values() -> None:
    scale = RatingScale.parse("10, 9,-1.5")
    assert (list(scale.categories), list(scale.values), scale.numeric) == (["-1.5", "9", "10"], [-1.5, 9, 10], True)


def test_words_keep_the_order_they_are_given_in() -> None:
    scale = RatingScale.parse('poor,"good, or fair",2')
    assert list(scale.categories) == ["poor", "good, or fair", "2"]
    assert (list(scale.values), scale.numeric) == ([1, 2, 3], False)


@pytest.mark.parametrize("written", ["3", "3.0", "03", "3e0"])
def test_a_number_is_found_however_it_is_written(written: str) -> None:
    assert RatingScale.parse("1,2,3").places()[written] == 2


@pytest.mark.parametrize("written", ["4", "nan", "three", "", "3,0", "0_3"])
def test_what_is_no_category_has_no_place(written: str) -> None:
    with pytest.raises(KeyError):
        RatingScale.parse("1,2,3").places()[written]


def test_words_are_found_as_they_are() -> None:
    places = RatingScale.parse("no,1.0").places()
    assert places == {"no": 0, "1.0": 1}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "has 2 to 256 categories, not 0"),
        ("1,,2", "has an empty category"),
        ("1,2,1.0", "names a category twice"),
        ("yes,no,yes", "names a category twice"),
        ("1", "has 2 to 256 categories, not 1"),
        ("1,2,nan", "“nan” is no category"),
        ("-inf,0,1", "“-inf” is no category"),
        ("-1e308,0,1e308", "too far apart"),
        (",".join(map(str, range(257))), "has 2 to 256 categories, not 257"),
    ],
)
def test_what_is_no_scale_is_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        RatingScale.parse(text)
