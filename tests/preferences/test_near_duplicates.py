"""Near-duplicates among prompts: what is alike, what is found, and that stored sketches stay valid."""

from __future__ import annotations

import random
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preferences.models.prompts import family_of
from preferences.near_duplicates import BANDS, NEAR, ROWS, nearest, shingles, similarity, sketch
from preferences.text import PROMPT_LIMIT

ADVICE = (
    "My sister {name} has been offered a job in another city, but her partner does not want to move. "
    "She has asked me what I think. How can I help {name} decide without taking sides?"
)

ALIKE = [
    ("How do I bake bread at home?", "how do I bake bread, at home"),
    ("How do I bake bread at home?", "How do I bake a bread at home?"),
    ("Is it safe to mix bleach and vinegar?", "Is it safe to mix bleach and vinegar??!"),
    ("Explain how photosynthesis works to a ten-year-old.", "Explain how photosynthesis works to a ten year old"),
    ("Explain how photosynthesis works to a ten-year-old.", "Explain how fotosynthesis works to a ten-year-old."),
    ("First, boil the water; then add salt - why?", "First boil the water, then add salt. Why?"),
    ("Don\u2019t panic \u2014 what\u2019s \u201centropy\u201d?", "Don't panic - what's \"entropy\"?"),
    ("What does the \ufb01le command do?", "What does the file command do?"),
    ("Wa\u200brum ist der Himmel blau?", "Warum ist der Himmel blau?"),
    ("cafe\u0301 au lait", "Caf\u00e9 au lait"),
    (ADVICE.format(name="Anna"), ADVICE.format(name="Maria")),
    ("请用简单的语言解释一下什么是光合作用。", "请用简单的话解释一下什么是光合作用？"),
    ("日本の首都はどこですか？", "日本の首都は､どこですか"),
    ("ما هي عاصمة فرنسا؟", "ما هي عاصمة فرنسا"),
    # Letters are not meaning: these ask for opposite things, which is why a person decides.
    ("Write a Python function that sorts a list of integers in ascending order.",
     "Write a Python function that sorts a list of integers in descending order."),
]  # fmt: skip

APART = [
    ("What is the capital of France?", "What is the capital of Spain?"),
    ("What is 2+2?", "What is 2+3?"),
    ("Give me three tips for learning Spanish quickly", "Give me three tips for learning German quickly"),
    ("Explain C++ templates", "Explain C templates"),
    ("Write a poem about the sea.", "Write a limerick about my cat."),
    ("法国的首都是哪里？", "西班牙的首都是哪里？"),
    ("请用简单的语言解释一下什么是光合作用", "请用简单的语言解释一下什么是相对论"),
    ("ما هي عاصمة فرنسا؟", "ما هي عاصمة إسبانيا؟"),
    ("서울의 날씨는 어때요?", "부산의 날씨는 어때요?"),
    ("a", "b"),
    ("?", "!"),
    ("", "a"),
]

# Sketches are stored: a change of these values makes every stored one useless.
GOLDEN = {
    "What is the capital of France?": (-8086670411503278171, -2049605524122874389, 1664349790299118263),
    "": (2653378029001627177, -7218109175059162503, -1464972731211037344),
    "a": (6788819559222605035, 2288121125701502773, 232777065122124747),
    "请用简单的语言解释一下什么是光合作用。": (-8532082937219127258, 8537605069336092615, 5742322141430780152),
    "ما هي عاصمة فرنسا؟": (-1358908485487570055, 8571452401241661509, 5094559228359930803),
    "Smile \U0001f600\x00 please": (4883237236655939130, 907790031043563673, -2911718665538298846),
    "x y z " * 3333: (-1708226023915361453, -859340943222046410, 8231190069921150131),
}

TEXTS = st.text(max_size=80)


def meet(a: str, b: str) -> bool:
    return not set(sketch(a)).isdisjoint(sketch(b))


@pytest.mark.parametrize(("a", "b"), ALIKE)
def test_small_edits_are_near_and_found(a: str, b: str) -> None:
    assert similarity(a, b) >= NEAR
    assert meet(a, b)


@pytest.mark.parametrize(("a", "b"), APART)
def test_other_questions_are_not_near(a: str, b: str) -> None:
    assert similarity(a, b) < NEAR


@pytest.mark.parametrize("text", GOLDEN, ids=lambda text: ascii(text[:20]))
def test_stored_sketches_stay_valid(text: str) -> None:
    assert tuple(sketch(text)[:3]) == GOLDEN[text]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", {"     "}),
        ("A", {"    a", "   a ", "  a  ", " a   ", "a    "}),
        ("北京", {"    北", "   北", "  北京", " 北京", "北京 ", "京   "}),
        ("ab!", {"    a", "   ab", "  ab ", " ab  ", "ab   ", "b    "}),
        ("?!", {"    ?", "   ?!", "  ?! ", " ?!  ", "?!   ", "!    "}),
    ],
)
def test_even_the_shortest_text_has_pieces(text: str, pieces: set[str]) -> None:
    assert shingles(text) == pieces


def test_a_sketch_fits_a_column_of_bigint() -> None:
    keys = sketch("Why is the sky blue?")
    assert len(keys) == len(set(keys)) == BANDS
    assert all(type(key) is int and -(2**63) <= key < 2**63 for key in keys)
    assert min(keys) < 0 < max(keys)


def test_the_longest_prompt_is_found_after_an_edit() -> None:
    drawn = random.Random(5)
    text = " ".join(_word(drawn) for _ in range(PROMPT_LIMIT))[:PROMPT_LIMIT]
    edited = text[:9000] + " one sentence that was added " + text[9000:-40]
    assert similarity(text, edited) > 0.95
    assert meet(text, edited)


@pytest.mark.parametrize("text", ["\x00", "\ud800", "\U0001f600", "\u200b", "\u0301", "\ufdfa", "\n", "\U0010ffff" * 9])
def test_odd_characters_have_a_sketch_of_their_own(text: str) -> None:
    assert len(sketch(text)) == BANDS
    assert similarity(text, text) == 1
    assert similarity(text, "Why is the sky blue?") < 0.3


@given(TEXTS, TEXTS)
def test_similarity_is_symmetric_and_between_nothing_and_one(a: str, b: str) -> None:
    assert similarity(a, b) == similarity(b, a)
    assert 0 <= similarity(a, b) <= 1
    assert similarity(a, a) == 1


@given(TEXTS, TEXTS)
def test_a_sketch_knows_the_pieces_only(a: str, b: str) -> None:
    thrice, often = f"{a} {a} {a}", f"{a} {a} {a} {a} {a}"
    for one, other in ((a, b), (a, a.upper()), (a, f"{a}\u200b\n"), (a, f"{a}!"), (thrice, often)):
        if shingles(one) == shingles(other):
            assert sketch(one) == sketch(other)


@given(TEXTS, TEXTS)
def test_prompts_of_one_family_share_every_band(a: str, b: str) -> None:
    a, b = (text.encode("utf-8", "ignore").decode() for text in (a, b))
    for other in (b, unicodedata.normalize("NFKD", a), a.upper(), f"\u00a0{a}\n"):
        if family_of(a) == family_of(other):
            assert sketch(a) == sketch(other)


@given(TEXTS, st.lists(TEXTS, max_size=5))
def test_nearest_is_the_first_of_the_most_alike(text: str, others: list[str]) -> None:
    measured = [similarity(text, other) for other in others]
    found = nearest(text, enumerate(others))
    if found is None:
        assert all(value < NEAR for value in measured)
    else:
        assert found == (measured.index(max(measured)), max(measured))


def test_nearest_names_the_candidate() -> None:
    candidates = [("sea", "Write a poem about the sea."), ("bread", "how do I bake bread at home")]
    assert nearest("How do I bake bread at home?", candidates) == ("bread", 1.0)
    assert nearest("Why is the sky blue?", candidates) is None
    assert nearest("Why is the sky blue?", []) is None


def test_near_pairs_meet_and_distant_pairs_do_not() -> None:
    """The S-curve of the docstring, measured: edits made with a fixed seed, sorted by their exact similarity."""
    drawn = random.Random(20240229)
    near: list[bool] = []
    far: list[bool] = []
    for share in [0.02, 0.05, 0.1, 0.6] * 250:
        words = [_word(drawn) for _ in range(drawn.randint(12, 40))]
        edited = [_word(drawn) if drawn.random() < share else word for word in words]
        a, b = " ".join(words), " ".join(edited)
        alike = similarity(a, b)
        if alike >= NEAR:
            near.append(meet(a, b))
        elif alike <= 0.3:
            far.append(meet(a, b))
    assert len(near) > 500
    assert len(far) > 150
    assert sum(near) / len(near) > 0.97
    assert sum(far) / len(far) < 0.06


@pytest.mark.parametrize("s", [0.3, 0.5, 0.7])
def test_bands_meet_as_often_as_theory_says(s: float) -> None:
    drawn = random.Random(7)
    trials, met = 600, 0
    for _ in range(trials):
        letters = [chr(0x0E01 + drawn.randrange(40)) + str(drawn.random())[2:9] for _ in range(60)]
        a, b = " ".join(letters), " ".join(letters[: round(60 * 2 * s / (1 + s))] + [_word(drawn) for _ in range(24)])
        met += meet(a, b) - (1 - (1 - similarity(a, b) ** ROWS) ** BANDS)
    assert abs(met / trials) < 0.06


def _word(drawn: random.Random) -> str:
    return "".join(drawn.choice("abcdefghijklmnoprstuvw") for _ in range(drawn.randint(2, 9)))
