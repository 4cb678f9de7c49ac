from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.db import transaction

from preferences.choices import RiskCategory, Split, Track
from preferences.erasing import erasing
from preferences.models import Campaign, Prompt
from preferences.models.prompts import family_of
from tests.factories.batches import HoldoutGroupFactory
from tests.factories.campaigns import CampaignFactory
from tests.factories.dialogues import DialogueFactory, PromptFactory, TurnFactory
from tests.factories.responses import ResponseFactory
from workers.rewards.errors import RewardError
from workers.tuning.prompts import Wanted

pytestmark = pytest.mark.django_db


def begun(campaign: Campaign, text: str, split: str | None = Split.TRAIN, **changes: object) -> object:
    dialogue = DialogueFactory(campaign=campaign, family=family_of(text))
    if split:
        HoldoutGroupFactory(family=dialogue.family, split=split)
    return TurnFactory(dialogue=dialogue, prompt__text=text, **changes)


def texts(rows: list[dict[str, object]]) -> list[str]:
    return [row["messages"][-1]["content"] for row in rows]  # type: ignore[index]


def test_held_out_prompts_and_those_whose_side_is_not_drawn_are_left_out() -> None:
    campaign = CampaignFactory()
    begun(campaign, "to train on")
    begun(campaign, "held out", Split.TEST)
    begun(campaign, "new", None)
    begun(CampaignFactory(), "of another campaign")
    wanted = Wanted()
    assert texts(list(wanted.of_campaigns([campaign]))) == ["to train on"]
    assert wanted.left_out == {"held_out": 1, "not_sealed": 1}


def test_a_later_turn_brings_the_dialogue_before_it() -> None:
    campaign = CampaignFactory()
    first = begun(campaign, "first")
    answer = ResponseFactory(turn=first, text="answer")
    first.chosen_response = answer  # type: ignore[attr-defined]
    first.save()  # type: ignore[attr-defined]
    second = TurnFactory(dialogue=first.dialogue, index=1, prompt__text="second")  # type: ignore[attr-defined]
    TurnFactory(dialogue=second.dialogue, index=2, prompt__text="third")  # after an answer that nobody chose
    wanted = Wanted()
    rows = list(wanted.of_campaigns([campaign]))
    assert [[message["content"] for message in row["messages"]] for row in rows] == [
        ["first"],
        ["first", "answer", "second"],
    ]
    assert wanted.left_out == {"broken_off": 1}


def test_of_a_dialogue_from_which_something_was_erased_nothing_is_asked() -> None:
    campaign = CampaignFactory()
    first = begun(campaign, "erased since")
    answer = ResponseFactory(turn=first, text="answer")
    first.chosen_response = answer  # type: ignore[attr-defined]
    first.save()  # type: ignore[attr-defined]
    TurnFactory(dialogue=first.dialogue, index=1, prompt__text="of somebody else")  # type: ignore[attr-defined]
    begun(campaign, "stays")
    with transaction.atomic(), erasing(first, reason="They asked for it.", by=None) as under_way:  # type: ignore[arg-type]
        under_way.blank(Prompt.objects.filter(text="erased since"), "text")
    wanted = Wanted()
    assert texts(list(wanted.of_campaigns([campaign]))) == ["stays"]
    assert wanted.left_out == {"erased": 2}


def test_a_dialogue_that_was_asked_twice_is_answered_once() -> None:
    one, other = CampaignFactory(), CampaignFactory()
    begun(one, "same")
    begun(other, "same", None)
    wanted = Wanted()
    assert len(list(wanted.of_campaigns([one, other]))) == 1
    assert wanted.left_out == {"twice": 1}


def test_a_prompt_of_the_safety_track_or_with_a_risk_may_elicit_unsafe_answers() -> None:
    helpful, safety = CampaignFactory(), CampaignFactory(track=Track.SAFETY)
    begun(helpful, "plain")
    begun(safety, "risky")
    prompt = PromptFactory(campaign=helpful, text="risky here", risk_category=RiskCategory.values[0])
    dialogue = DialogueFactory(campaign=helpful, family=prompt.family)
    HoldoutGroupFactory(family=prompt.family)
    TurnFactory(dialogue=dialogue, prompt=prompt)
    rows = list(Wanted().of_campaigns([helpful, safety]))
    assert {texts([row])[0]: row["is_safety"] for row in rows} == {"plain": False, "risky": True, "risky here": True}


def test_a_file_gives_its_dialogues_but_for_held_out_ones(tmp_path: Path) -> None:
    HoldoutGroupFactory(family=family_of("Held  out"), split=Split.TEST)
    rows = [
        {"messages": [{"role": "user", "content": "held out"}]},
        {"messages": [{"role": "user", "content": "of our own"}], "is_safety": True},
    ]
    path = tmp_path / "prompts.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)) + "\n")
    wanted = Wanted()
    found = list(wanted.of_file(path))
    assert texts(found) == ["of our own"] and found[0]["is_safety"] is True
    assert wanted.left_out == {"held_out": 1}


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("not JSON", "Line 1 is no dialogue"),
        ('{"messages": []}', "Line 1: A dialogue alternates"),
        ('{"messages": [{"role": "assistant", "content": "Hello"}]}', "Line 1: A dialogue alternates"),
        ('{"messages": [{"role": "user", "content": 5}]}', "Line 1 is no dialogue"),
        ('["user"]', "Line 1 is no dialogue"),
    ],
    ids=["no JSON", "empty", "assistant last", "no text", "no object"],
)
def test_a_line_that_is_no_dialogue_is_named(tmp_path: Path, line: str, sentence: str) -> None:
    path = tmp_path / "prompts.jsonl"
    path.write_text(line + "\n")
    with pytest.raises(RewardError, match=sentence):
        list(Wanted().of_file(path))
