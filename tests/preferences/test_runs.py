"""Runs of eleven tokens: which are shared, how much of a text they cover, and that stored hashes stay valid."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preferences.runs import LENGTH, Runs

QUESTION = "A farmer sold half of her eggs in April, and a third of the others in May."
ELEVEN = "A farmer sold half of her eggs in April, and"

# Hashes are stored: a change of these values makes every stored one useless.
GOLDEN = {
    ELEVEN: [2497152596831644424],
    "光合作用は光を使う過程です": [-8241034468156280292, -9014410669692923862, -1141996141461680664],
}


def hashes(*texts: str) -> set[int]:
    return set(Runs(texts).hashes.tolist())


@pytest.mark.parametrize(
    ("text", "passage"),
    [
        (QUESTION, QUESTION),
        (f"Please tell me: {QUESTION.upper()} Thanks.", QUESTION.upper()),
        ("a  farmer sold\nhalf of her eggs in april , and the rest", "a  farmer sold\nhalf of her eggs in april , and"),
        (f"{ELEVEN} {QUESTION}", f"{ELEVEN} {QUESTION}"),
        (f"One. {ELEVEN}. Two. {QUESTION}", QUESTION),
        (unicodedata.normalize("NFKD", QUESTION), QUESTION),
    ],
    ids=["whole", "in other case", "in other white space", "twice", "the longest of two", "in another Unicode form"],
)
def test_what_is_shared_is_shown_as_it_was_written(text: str, passage: str) -> None:
    shared = Runs([text]).shared(hashes(QUESTION))
    assert shared is not None and shared.passage == passage


def test_ten_tokens_are_too_few_and_one_that_differs_ends_a_run() -> None:
    known = hashes(QUESTION)
    assert Runs([ELEVEN.removesuffix(" and")]).shared(known) is None
    assert Runs([QUESTION.replace("eggs", "hens").replace("third", "half")]).shared(known) is None
    assert Runs([QUESTION]).shared(set()) is None


def test_the_share_is_of_all_tokens() -> None:
    shared = Runs([f"{ELEVEN} {'x ' * 11}"]).shared(hashes(QUESTION))
    assert shared is not None and shared.share == 0.5


def test_no_run_goes_on_from_one_text_into_the_next() -> None:
    half, rest = QUESTION.split(", ")
    assert hashes(half, rest) == set()
    assert Runs([half, rest]).shared(hashes(QUESTION)) is None
    shared = Runs(["", ELEVEN, "", ELEVEN]).shared(hashes(QUESTION))
    assert shared is not None and (shared.share, shared.passage) == (1.0, ELEVEN)


def test_each_character_is_a_token_where_no_spaces_are_written() -> None:
    asked = "光合作用は光を使う過程です"
    assert len(hashes(asked)) == len(asked) - LENGTH + 1
    shared = Runs([f"教えて：{asked}か？"]).shared(hashes(asked))
    assert shared is not None and shared.passage == asked


@pytest.mark.parametrize("text", ["", " \n", "one", "\x00" * 30, "\ud800" * 30, "\N{ZERO WIDTH SPACE}" * 30])
def test_no_text_is_too_strange(text: str) -> None:
    assert Runs([text]).shared(hashes(QUESTION)) is None
    assert Runs([]).shared(hashes(text)) is None


@pytest.mark.parametrize("text", GOLDEN)
def test_hashes_are_those_that_were_stored(text: str) -> None:
    assert Runs([text]).hashes.tolist() == GOLDEN[text]


@given(st.lists(st.text("ab", max_size=30), max_size=3), st.lists(st.text("ab", max_size=30), max_size=3))
def test_it_finds_what_the_definition_says(here: list[str], there: list[str]) -> None:
    """Every token that lies in eleven which stand, in this order, in one of the other texts; letters are tokens."""
    known = {text[place : place + LENGTH] for text in there for place in range(len(text) - LENGTH + 1)}
    covered = {
        (number, place + offset)
        for number, text in enumerate(here)
        for place in range(len(text))
        if text[place : place + LENGTH] in known
        for offset in range(LENGTH)
    }
    shared = Runs([" ".join(text) for text in here]).shared(hashes(*(" ".join(text) for text in there)))
    if not covered:
        assert shared is None
    else:
        assert shared is not None
        assert shared.share == pytest.approx(len(covered) / sum(map(len, here)))
        assert shared.passage.replace(" ", "") in {text[a:b] for text in here for a in range(30) for b in range(31)}
