from __future__ import annotations

import pytest

from preferences import text as texts
from preferences.actions import campaigns, guidelines, prompts, responses
from preferences.choices import AttackVector, Category, RiskCategory, Track, TurnStatus
from preferences.errors import Conflict, InvalidInput
from preferences.models import Prompt, Turn
from tests import factories
from tests.preferences.refusals import everything

pytestmark = pytest.mark.django_db

UNSTORABLE = {
    "nothing": ("", "is empty"),
    "blanks": (" \n\t\u2003\u00a0 ", "is empty"),
    "far too long": ("x" * 200_000, "has 200,000 characters and the limit is 20,000"),
    "one too long": ("x" * (texts.PROMPT_LIMIT + 1), "has 20,001 characters"),
    "NUL": ("Why\x00?", "contains a NUL character"),
    "only NUL": ("\x00", "contains a NUL character"),
    "a replacement character": ("caf\ufffd", "contains characters that could not be read as UTF-8"),
    "a high surrogate": ("\ud83d", "contains characters that could not be read as UTF-8"),
    "a low surrogate": ("Why \udc00?", "contains characters that could not be read as UTF-8"),
}


@pytest.mark.parametrize(("text", "reason"), UNSTORABLE.values(), ids=UNSTORABLE)
def test_a_prompt_that_cannot_be_stored_gets_a_sentence_and_leaves_nothing(text: str, reason: str) -> None:
    campaign = factories.campaign()
    before = everything()
    with pytest.raises(InvalidInput, match=f"The prompt {reason}") as refusal:
        prompts.submit(campaign=campaign, text=text, category=Category.FACTUAL, by=None)
    assert refusal.value.field == "text"
    assert everything() == before


@pytest.mark.parametrize(("text", "reason"), UNSTORABLE.values(), ids=UNSTORABLE)
def test_a_next_message_that_cannot_be_stored_gets_the_same_sentence(text: str, reason: str) -> None:
    author = factories.user()
    comparison = factories.comparison(factories.campaign(max_turns=2), by=author)
    factories.judge(comparison, author)
    with pytest.raises(InvalidInput, match=f"The prompt {reason}") as refusal:
        factories.continued_turn(comparison, text, by=author)
    assert refusal.value.field == "text"
    assert Turn.objects.count() == 1


@pytest.mark.parametrize("text", ["x", "x" * texts.PROMPT_LIMIT, "Zürich 🏔 مرحبا", "Two\r\nlines", "<b>&amp;</b>"])
def test_any_other_prompt_is_kept_to_the_letter(text: str) -> None:
    author = factories.user()
    turn = factories.turn(text=f" {text}\n", by=author)
    turn.refresh_from_db()
    assert (turn.prompt.text, turn.prompt.author, turn.dialogue.author) == (text, author, author)
    assert (turn.index, turn.status, turn.chosen_response) == (0, TurnStatus.SAMPLING, None)
    assert turn.messages() == [{"role": "user", "content": text}]


@pytest.mark.parametrize("category", ["", "cooking", "FACTUAL"])
def test_a_prompt_of_the_helpfulness_track_needs_a_category(category: str) -> None:
    with pytest.raises(InvalidInput, match="Choose the category") as refusal:
        prompts.submit(campaign=factories.campaign(), text="Why?", category=category, by=None)
    assert refusal.value.field == "category"


@pytest.mark.parametrize(
    ("risk", "attack", "field"),
    [
        ("", AttackVector.LOGIC, "risk_category"),
        ("cooking", AttackVector.LOGIC, "risk_category"),
        (RiskCategory.UNQUALIFIED_ADVICE, "", "attack_vector"),
        (RiskCategory.UNQUALIFIED_ADVICE, "hammer", "attack_vector"),
    ],
)
def test_a_prompt_of_the_safety_track_needs_a_risk_and_an_attack(risk: str, attack: str, field: str) -> None:
    campaign = factories.campaign(track=Track.SAFETY)
    with pytest.raises(InvalidInput) as refusal:
        prompts.submit(campaign=campaign, text="Why?", risk_category=risk, attack_vector=attack, by=None)
    assert refusal.value.field == field


def test_each_track_keeps_its_own_words_only() -> None:
    words = {
        "category": Category.WRITING,
        "risk_category": RiskCategory.UNQUALIFIED_ADVICE,
        "attack_vector": AttackVector.LOGIC,
    }
    helpful = prompts.submit(campaign=factories.campaign(), text="Why?", by=None, **words).prompt
    safe = prompts.submit(campaign=factories.campaign(track=Track.SAFETY), text="Why?", by=None, **words).prompt
    assert (helpful.category, helpful.risk_category, helpful.attack_vector) == (Category.WRITING, "", "")
    assert (safe.category, safe.risk_category) == ("", RiskCategory.UNQUALIFIED_ADVICE)


@pytest.mark.parametrize("stop", [campaigns.pause, campaigns.close])
def test_a_campaign_that_is_not_open_takes_no_prompt(stop) -> None:
    campaign = factories.campaign()
    stop(campaign=campaign, by=None)
    with pytest.raises(Conflict, match="is not open"):
        factories.turn(campaign)
    assert Prompt.objects.count() == 0


def test_a_draft_takes_no_prompt() -> None:
    with pytest.raises(Conflict, match="is not open"):
        factories.turn(factories.draft_campaign())


@pytest.mark.parametrize("text", ["", " \n"])
def test_a_model_that_says_nothing_has_no_response(text: str) -> None:
    turn, variant = factories.turn(), factories.variant()
    with pytest.raises(InvalidInput, match="empty"):
        responses.record(turn=turn, variant=variant, text=text, temperature=1, top_p=1, seed=1, completion_tokens=0)
    assert turn.responses.count() == 0


def test_a_model_that_does_not_end_has_no_response() -> None:
    with pytest.raises(InvalidInput, match="1,000,001 characters; the limit is 1,000,000"):
        factories.response(factories.turn(), "x" * (texts.RESPONSE_LIMIT + 1))


def test_whatever_a_model_says_is_stored_with_its_white_space() -> None:
    response = factories.response(factories.turn(), " a\x00b\ud800c\n")
    response.refresh_from_db()
    assert response.text == " a\ufffdb\ufffdc\n"


def test_guidelines_are_numbered_and_the_last_one_is_current() -> None:
    campaign = factories.draft_campaign()
    assert guidelines.current(campaign) is None
    made = [guidelines.publish(campaign=campaign, text=text, by=None) for text in ("One.", "Two.", "Three.")]
    assert [guideline.version for guideline in made] == [1, 2, 3]
    assert guidelines.current(campaign) == made[-1]
    assert guidelines.publish(campaign=factories.draft_campaign(), text="One.", by=None).version == 1


@pytest.mark.parametrize("text", ["", "  ", "a\x00", "\ud800", "x" * (texts.GUIDELINE_LIMIT + 1)])
def test_a_guideline_that_cannot_be_stored_gets_a_sentence(text: str) -> None:
    campaign = factories.draft_campaign()
    with pytest.raises(InvalidInput, match="The guideline") as refusal:
        guidelines.publish(campaign=campaign, text=text, by=None)
    assert refusal.value.field == "text"
