"""Blinding: which answers give their model away, and which only talk about models."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preferences.identity import LONGEST, SEARCHED, identity_leak
from tests.preferences.identity_examples import SILENT, TELLING
from tests.preferences.identity_facts import SILENT_TOO
from tests.preferences.identity_sayings import MISSED, TELLING_TOO

NAMES = ["tiny-early", "RLHF-V3", "小明模型"]

PIECES = [
    "I am ", "I'm ", "as a ", "my name is ", "ChatGPT", "Claude", "OpenAI", " made by ", " an AI ", "model",
    "我是", "由", "Je suis ", "<|", "|>", "[INST]", "**", "_", " ", "\n", "\n\n", '"', "'", ".", ", ", "\u200b",
    "tiny", "-", "early", "\u0421", "\ufb01", "\u0301", "\ufdfa", "\x00", "\ud800", "\U0001f600", "C h a t ", "<b>",
]  # fmt: skip


@pytest.mark.parametrize(("answer", "words"), TELLING)
def test_an_answer_that_says_who_it_is_is_recognised(answer: str, words: str) -> None:
    leak = identity_leak(answer)
    assert words in leak
    assert leak in answer
    assert words in identity_leak(f"The sky is blue, since blue light is scattered most.\n\n{answer}\n\nAnything else?")


@pytest.mark.parametrize("answer", TELLING_TOO)
def test_other_ways_to_say_it_are_recognised(answer: str) -> None:
    assert identity_leak(answer)
    assert identity_leak(answer) in answer


@pytest.mark.parametrize("answer", SILENT + SILENT_TOO, ids=lambda text: ascii(text[:40]))
def test_an_answer_that_does_not_is_left_alone(answer: str) -> None:
    assert identity_leak(answer, names=NAMES) == ""


@pytest.mark.parametrize("answer", MISSED)
def test_what_is_known_to_be_missed(answer: str) -> None:
    assert identity_leak(answer) == ""


@pytest.mark.parametrize(
    ("answer", "leak"),
    [
        ("I come from tiny-early.", "tiny-early"),
        ("TINY-EARLY says hello", "TINY-EARLY"),
        ("tiny_early", "tiny_early"),
        ("Tiny early", "Tiny early"),
        ("tiny\u2011early", "tiny\u2011early"),
        ("**tiny**-early", "tiny**-early"),
        ("rlhf v3 is better", "rlhf v3"),
        ("RLHFV3", "RLHFV3"),
        ("我来自小明模型吗", "小明模型"),
        ("a tiny, early bird", ""),
        ("tiny-earlyish", ""),
        ("xRLHF-V3", ""),
        ("RLHF-V31", ""),
    ],
)
def test_names_of_the_campaign_count_as_words(answer: str, leak: str) -> None:
    assert identity_leak(answer, names=NAMES) == leak
    assert identity_leak(answer) == ""


def test_what_the_prompt_holds_is_not_told_by_the_answer() -> None:
    assert identity_leak("RLHF-V3 is a name.", names=NAMES, prompt="What is rlhf v3?") == ""
    assert identity_leak("RLHF-V3, or tiny-early", names=NAMES, prompt="What is RLHF-V3?") == "tiny-early"
    assert identity_leak("[INST] opens a turn.", prompt="What does [INST] mean?") == ""
    assert identity_leak("[INST] opens, [/INST] ends.", prompt="What does [INST] mean?") == "[/INST]"


def test_a_prompt_that_asks_does_not_excuse_an_answer_that_tells() -> None:
    assert identity_leak("Yes, I am ChatGPT.", prompt="Are you ChatGPT?") == "I am ChatGPT"
    assert identity_leak("No, I'm not ChatGPT.", prompt="Are you ChatGPT?") == ""


def test_a_character_of_a_story_may_speak_when_the_prompt_asked_for_it() -> None:
    story = 'The screen lit up. "I am ChatGPT," it said.'
    assert identity_leak(story, prompt="Write a story in which ChatGPT wakes up.") == ""
    assert identity_leak(story, prompt="Write a story about a computer.") == "I am ChatGPT"
    assert identity_leak('"I am Sonny, an AI," it said.', prompt="Write a story about a computer.") == ""


@pytest.mark.parametrize("name", ["", "a", "7", "2024", "-", "**", "\u200b", "\ud800"])
def test_names_that_would_be_found_everywhere_are_not_looked_for(name: str) -> None:
    assert identity_leak("a 7 2024 - ** is a list", names=[name]) == ""


def test_a_name_is_never_a_pattern() -> None:
    assert identity_leak("anything", names=[".+", "a.*g", "(any", "[a-z]+"]) == ""
    assert identity_leak("we run v(1)+", names=["v(1)"]) == "v(1"


def test_the_words_are_short_and_hold_the_name() -> None:
    long = "As an assistant that " + "very " * 18 + "kindly answers, developed by OpenAI"
    leak = identity_leak(f"{long}, I know.")
    assert leak.endswith("OpenAI")
    assert len(leak) <= LONGEST
    assert identity_leak("I am" + " " * 1000 + "ChatGPT").endswith("ChatGPT")


def test_only_the_beginning_of_a_long_answer_is_read() -> None:
    assert identity_leak("x " * (SEARCHED // 2 - 10) + "I am ChatGPT") == "I am ChatGPT"
    assert identity_leak("x " * SEARCHED + "I am ChatGPT") == ""


@pytest.mark.parametrize(
    "piece",
    ["I am ", "I am not ChatGPT ", "created by by by google ", "我是openai ", "<|a", "_", "I am Aaa Bbb ", "C h a t ",
     "\ufdfa", "tiny-", "as a big big big ", "a\u03b1"],
    ids=ascii,
)  # fmt: skip
def test_a_long_text_comes_to_an_end(piece: str) -> None:
    text = (piece * 40_000)[:40_000]  # by the square it would be minutes
    assert identity_leak(text, names=NAMES, prompt=piece) == ""


@given(
    st.one_of(st.text(st.characters(), max_size=200), st.lists(st.sampled_from(PIECES), max_size=30).map("".join)),
    st.lists(st.text(st.characters(), max_size=8), max_size=3),
    st.text(max_size=20),
)
def test_whatever_the_text_the_words_stand_in_it(text: str, names: list[str], prompt: str) -> None:
    leak = identity_leak(text, names=names, prompt=prompt)
    assert leak in text
    assert len(leak) <= LONGEST
