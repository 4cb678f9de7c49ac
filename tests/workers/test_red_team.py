"""A red-team turn: one response, of one variant for the whole dialogue, by the queue of all sampling."""

from __future__ import annotations

from collections import Counter

import pytest

from annotation import red_team
from preferences.actions import variants
from preferences.choices import Kind, Track
from preferences.errors import Conflict
from preferences.models import Campaign, Comparison, Response, Turn
from tests import factories
from tests.workers.helpers import answer, planned_campaign, script
from workers import actions, sampling

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign() -> Campaign:
    return planned_campaign(track=Track.SAFETY, kind=Kind.RED_TEAM, max_turns=3)


def continued(turn: Turn) -> Turn:
    turn.refresh_from_db()
    assert turn.prompt.author is not None
    return red_team.go_on(dialogue=turn.dialogue, text="And then?", by=turn.prompt.author)


def test_one_response_is_sampled_and_continues_the_dialogue(
    campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    script(monkeypatch, lambda location, request: f"To {len(request.messages)} messages.")
    turn = factories.attack(campaign)
    run = actions.request_one(turn=turn, by=None)
    assert sampling.drain(run.variant) == 1
    further = continued(turn)
    assert (turn.status, turn.chosen_response, turn.responses.count()) == ("ready", Response.objects.get(), 1)
    sampling.drain(actions.request_one(turn=further, by=None).variant)
    assert [one.text for one in Response.objects.order_by("pk")] == ["To 1 messages.", "To 3 messages."]
    assert not Comparison.objects.exists()


def test_one_variant_answers_the_whole_dialogue_at_one_temperature(campaign: Campaign) -> None:
    for _ in range(8):
        turn = factories.attack(campaign)
        first = actions.request_one(turn=turn, by=None)
        answer(first, "No.")
        second = actions.request_one(turn=continued(turn), by=None)
        assert (second.variant, second.temperature, second.top_p) == (first.variant, first.temperature, first.top_p)
        assert second.seed != first.seed
        answer(second, "Still no.")


def test_dialogues_draw_their_variant_by_chance(campaign: Campaign) -> None:
    drawn = Counter(actions.request_one(turn=factories.attack(campaign), by=None).variant.name for _ in range(60))
    assert 9 <= drawn["early"] <= 51  # outside of this once in ten million runs
    assert drawn["early"] + drawn["late"] == 60


def test_of_a_line_with_a_retired_variant_the_other_one_is_attacked(campaign: Campaign) -> None:
    early, late = (campaign.sampling_plan.get().first, campaign.sampling_plan.get().second)
    variants.retire(variant=early, by=None)
    assert {actions.request_one(turn=factories.attack(campaign), by=None).variant for _ in range(6)} == {late}
    variants.retire(variant=late, by=None)
    with pytest.raises(Conflict, match="no model would answer"):
        actions.request_one(turn=factories.attack(campaign), by=None)


def test_a_turn_whose_model_says_nothing_fails_and_is_tried_again(campaign: Campaign) -> None:
    turn = factories.attack(campaign)
    run = actions.request_one(turn=turn, by=None)
    for _ in range(actions.MOST_SAMPLES):
        answer(run, " ")
    turn.refresh_from_db()
    assert (turn.status, turn.failure) == ("failed", "The model returned an empty answer.")
    actions.retry(turn=turn, by=None)
    answer(run, "No.")
    turn.refresh_from_db()
    assert turn.status == "ready"
