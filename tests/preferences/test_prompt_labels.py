"""What a prompt is about, that a form stores one, and that an earlier one like it is found."""

from __future__ import annotations

import random
import uuid
from functools import partial
from typing import Any

import pytest

from preferences.actions import dialogues, prompts
from preferences.actions.prompts import Labels
from preferences.choices import AttackVector, Category, RiskCategory, Track
from preferences.errors import Conflict, InvalidInput
from preferences.models import Campaign, Dialogue, Event, Prompt, Turn
from tests import factories
from tests.concurrency import at_once
from tests.preferences.refusals import everything
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db

ALL = Labels(
    category=Category.FACTUAL,
    second_category=Category.WRITING,
    risk_category=RiskCategory.HATEFUL_AND_HARMFUL,
    attack_vector=AttackVector.LOGIC,
)


def submit(campaign: Campaign, by: User | None, key: uuid.UUID | None = None, text: str = "Why?") -> Turn:
    return prompts.submit(campaign=campaign, text=text, by=by, category=Category.FACTUAL, key=key)


def test_a_prompt_of_several_turns_has_up_to_two_categories() -> None:
    campaign = factories.campaign(max_turns=2)

    both = ALL.checked(campaign)
    one = Labels(category=Category.DIALOGUE).checked(campaign)

    assert both == Labels(category=Category.FACTUAL, second_category=Category.WRITING)
    assert one == Labels(category=Category.DIALOGUE)


def test_a_prompt_of_the_safety_track_has_a_risk_and_an_attack_and_no_category() -> None:
    campaign = factories.campaign(track=Track.SAFETY, max_turns=2)

    assert ALL.checked(campaign) == Labels(
        risk_category=RiskCategory.HATEFUL_AND_HARMFUL, attack_vector=AttackVector.LOGIC
    )


@pytest.mark.parametrize("second", [Category.FACTUAL, "cooking", RiskCategory.UNQUALIFIED_ADVICE, "WRITING"])
def test_a_second_category_is_another_one_of_ours(second: str) -> None:
    campaign = factories.campaign(max_turns=2)

    with pytest.raises(InvalidInput, match="Choose another second category, or none") as refusal:
        Labels(category=Category.FACTUAL, second_category=second).checked(campaign)
    assert refusal.value.field == "second_category"


@pytest.mark.parametrize("second", [Category.FACTUAL, Category.WRITING])
def test_a_prompt_of_one_turn_has_one_category(second: str) -> None:
    with pytest.raises(InvalidInput, match="two belong to dialogues of several turns") as refusal:
        Labels(category=Category.FACTUAL, second_category=second).checked(factories.campaign(max_turns=1))
    assert refusal.value.field == "second_category"


def test_a_second_category_does_not_stand_for_the_first() -> None:
    with pytest.raises(InvalidInput, match="Choose the category") as refusal:
        Labels(second_category=Category.WRITING).checked(factories.campaign(max_turns=2))
    assert refusal.value.field == "category"


@pytest.mark.parametrize(
    ("labels", "field"),
    [
        (Labels(attack_vector=AttackVector.LOGIC), "risk_category"),
        (Labels(risk_category=RiskCategory.UNQUALIFIED_ADVICE), "attack_vector"),
        (Labels(category=Category.FACTUAL), "risk_category"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_safety_track_misses_what_is_missing(labels: Labels, field: str) -> None:
    with pytest.raises(InvalidInput, match=r"Choose the (risk category|attack vector)") as refusal:
        labels.checked(factories.campaign(track=Track.SAFETY))
    assert refusal.value.field == field


def test_both_categories_are_stored_and_go_on_with_the_dialogue() -> None:
    campaign, author = factories.campaign(max_turns=2), factories.user()
    words = {"category": Category.FACTUAL, "second_category": Category.WRITING}
    turn = prompts.submit(campaign=campaign, text="Why?", by=author, **words)
    made = factories.comparison(of=turn)
    factories.judge(made, author)

    following = factories.continued_turn(made, "And?", by=author)

    assert Labels.of(turn.prompt) == Labels.of(following.prompt) == Labels(**words)
    assert Prompt.objects.filter(**words).count() == 2


def test_a_form_sent_twice_stores_one_prompt_and_answers_the_same() -> None:
    campaign, author, key = factories.campaign(), factories.user(), uuid.uuid4()
    first = submit(campaign, author, key)
    before = everything()

    again = submit(campaign, author, key, text="Another text?")

    assert again == first
    assert again.prompt.key == key
    assert everything() == before


def test_forms_without_a_key_or_with_another_one_store_a_prompt_each() -> None:
    campaign, author = factories.campaign(), factories.user()

    turns = [submit(campaign, author, key) for key in (None, None, uuid.uuid4(), uuid.uuid4())]

    assert len({turn.prompt.key for turn in turns}) == 4


@pytest.mark.django_db(transaction=True)
def test_eight_clicks_at_once_store_one_prompt() -> None:
    campaign, author, key = factories.campaign(), factories.user(), uuid.uuid4()

    got = at_once([partial(submit, campaign, author, key)] * 8)

    assert {getattr(outcome, "pk", outcome) for outcome in got} == {Turn.objects.get().pk}
    assert Prompt.objects.count() == Dialogue.objects.count() == 1
    assert Event.objects.filter(verb="prompt.submitted").count() == 1


def continued(campaign: Campaign, author: User) -> dict[str, Any]:
    """What continues a dialogue of the author."""
    made = factories.comparison(campaign, by=author)
    factories.judge(made, author)
    return {"dialogue": made.turn.dialogue, "text": "And then?", "by": author}


def test_a_next_message_sent_twice_is_one() -> None:
    campaign, author, key = factories.campaign(max_turns=4), factories.user(), uuid.uuid4()
    following = continued(campaign, author)

    turns = [dialogues.continue_with(**following, key=key) for _ in range(2)]

    assert turns[0] == turns[1]
    assert Turn.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_eight_clicks_at_once_store_one_next_message() -> None:
    campaign, author, key = factories.campaign(max_turns=4), factories.user(), uuid.uuid4()
    following = continued(campaign, author)

    got = at_once([partial(dialogues.continue_with, **following, key=key)] * 8)

    assert {getattr(outcome, "pk", outcome) for outcome in got} == {Turn.objects.get(index=1).pk}
    assert Event.objects.filter(verb="dialogue.continued").count() == 1


def test_somebody_elses_key_stores_nothing_and_shows_nothing_of_theirs() -> None:
    campaign, key = factories.campaign(), uuid.uuid4()
    submit(campaign, factories.user(), key, text="Something private?")
    mallory = factories.user()
    before = everything()

    with pytest.raises(Conflict) as refusal:
        submit(campaign, mallory, key)
    assert "private" not in str(refusal.value)
    assert everything() == before


def test_somebody_elses_key_continues_no_dialogue_and_shows_nothing_of_theirs() -> None:
    campaign, key = factories.campaign(max_turns=2), uuid.uuid4()
    submit(campaign, factories.user(), key, text="Something private?")
    following = continued(campaign, factories.user())
    before = everything()

    with pytest.raises(Conflict) as refusal:
        dialogues.continue_with(**following, key=key)
    assert "private" not in str(refusal.value)
    assert everything() == before


EARLIER = "Write a short poem about a lighthouse keeper who is afraid of the dark, in four lines."


@pytest.mark.parametrize(
    "text",
    [
        EARLIER,
        f"  {EARLIER.upper()}\n",
        EARLIER.replace("lighthouse", "lighthuose"),
        EARLIER.replace("four lines", "five lines"),
        EARLIER.removesuffix("."),
    ],
    ids=["the same", "shouted", "mistyped", "a word changed", "without its full stop"],
)
def test_an_earlier_prompt_is_found_by_its_edited_text(text: str) -> None:
    campaign = factories.campaign()
    submit(campaign, factories.user(), text="What is the capital of France?")
    earlier = submit(campaign, factories.user(), text=EARLIER).prompt

    assert prompts.near_duplicate(campaign=campaign, text=text) == earlier


@pytest.mark.parametrize(
    "text",
    ["What is the capital of Spain?", "Write a long story about a dentist.", "", " \n", "\x00", "\ud83d"],
    ids=ascii,
)
def test_another_prompt_is_not_mistaken_for_it(text: str) -> None:
    campaign = factories.campaign()
    submit(campaign, None, text=EARLIER)

    assert prompts.near_duplicate(campaign=campaign, text=text) is None


def test_a_prompt_of_another_campaign_is_not_shown() -> None:
    campaign, other = factories.campaign(), factories.campaign()
    submit(other, None, text=EARLIER)

    assert prompts.near_duplicate(campaign=campaign, text=EARLIER) is None


def test_of_several_earlier_prompts_the_nearest_is_found() -> None:
    campaign = factories.campaign()
    nearer = submit(campaign, None, text=EARLIER).prompt
    submit(campaign, None, text=EARLIER.replace("four lines", "five lines"))

    assert prompts.near_duplicate(campaign=campaign, text=EARLIER) == nearer


def test_the_nearest_is_found_also_behind_many_that_begin_alike() -> None:
    campaign, draw = factories.campaign(), random.Random(1)
    same = submit(campaign, None, text=EARLIER).prompt
    for _ in range(3 * prompts.MOST_CANDIDATES):
        rest = "".join(draw.choices("abcdefghijklmnopqrstuvwxyz ", k=30))
        submit(campaign, None, text=f"{EARLIER[:60]} {rest}")

    assert prompts.near_duplicate(campaign=campaign, text=EARLIER) == same
