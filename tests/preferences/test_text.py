from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preferences.errors import InvalidInput
from preferences.text import PROMPT_LIMIT, checked, storable


def check(text: str) -> str:
    return checked(text, what="The prompt", limit=PROMPT_LIMIT, field="text")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "The prompt is empty"),
        (" \t\n\u2003 ", "The prompt is empty"),
        ("x" * 200_000, "The prompt has 200,000 characters and the limit is 20,000"),
        ("x" * 20_001, "The prompt has 20,001 characters"),
        ("Why\x00?", "contains a NUL character"),
        ("\x00", "contains a NUL character"),
        ("caf\ufffd", "could not be read as UTF-8"),
        ("\ud800", "could not be read as UTF-8"),
        ("fine until \udfff here", "could not be read as UTF-8"),
        (b"caf\xe9".decode("utf-8", "surrogateescape"), "could not be read as UTF-8"),
        (b"caf\xe9".decode("utf-8", "replace"), "could not be read as UTF-8"),
    ],
    ids=lambda value: ascii(value[:20]),
)
def test_what_cannot_be_stored_gets_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence) as refusal:
        check(text)
    assert refusal.value.field == "text"
    assert refusal.value.code == "invalid"


def test_the_longest_text_is_taken() -> None:
    assert check("x" * PROMPT_LIMIT) == "x" * PROMPT_LIMIT


def test_outer_white_space_does_not_count_against_the_limit() -> None:
    assert check("  " + "x" * PROMPT_LIMIT + "\n") == "x" * PROMPT_LIMIT


def test_an_empty_text_is_taken_where_nothing_need_be_written() -> None:
    assert checked("  ", what="The rationale", limit=10, field="rationale", empty=True) == ""


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\ufffd"), min_size=1, max_size=200))
def test_any_other_text_is_kept_as_it_is_but_for_its_edges(text: str) -> None:
    if text.strip():
        assert check(text) == text.strip()


@given(st.text(st.characters(), max_size=50))
def test_whatever_a_model_says_can_be_stored(text: str) -> None:
    kept = storable(text)
    assert "\x00" not in kept
    assert kept.encode("utf-8").decode("utf-8") == kept
    assert len(kept) == len(text)


@pytest.mark.parametrize("unkept", ["\x00", "\ud800", "\udfff"], ids=ascii)
def test_what_a_database_cannot_keep_becomes_the_replacement_character(unkept: str) -> None:
    assert storable(f"a{unkept}z") == "a\ufffdz"


def test_a_readable_text_of_a_model_is_kept_to_the_letter() -> None:
    assert storable("  naïve 🦦\n") == "  naïve 🦦\n"
