"""Which prompts are one family, so that they stay on one side of the split."""

from __future__ import annotations

import pytest

from preferences.models.prompts import family_of


@pytest.mark.parametrize(
    "same",
    ["why is the sky blue?", "  WHY   is\nthe sky\tblue?  ", "Why is the ｓｋｙ blue?", "Why\u00a0is the sky blue?"],
)
def test_case_white_space_and_unicode_form_make_no_difference(same: str) -> None:
    assert family_of(same) == family_of("Why is the sky blue?")


@pytest.mark.parametrize("other", ["Why is the sky blue", "Why is the sky green?", "Whyis the sky blue?", ""])
def test_other_words_make_another_family(other: str) -> None:
    assert family_of(other) != family_of("Why is the sky blue?")


def test_composed_and_decomposed_letters_are_one() -> None:
    assert family_of("caf\u00e9") == family_of("cafe\u0301")
    assert family_of("STRASSE") == family_of("straße")
