"""What the database refuses of red-team reports, whoever writes them."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import InternalError, transaction

from preferences.actions import guidelines
from preferences.choices import Kind, RiskCategory, Track
from preferences.models import Campaign, Dialogue, RedTeamReport
from tests import factories
from tests.preferences.refusals import refused

pytestmark = pytest.mark.django_db

VIOLATION = {"risk_categories": ["unqualified_advice"], "attack_vectors": ["logic"], "degree": 3}


def store(dialogue: Dialogue, **fields: Any) -> RedTeamReport:
    told = {"guideline": guidelines.current(dialogue.campaign), "degree": 1, "active_seconds": 0}
    return RedTeamReport.objects.create(dialogue=dialogue, **(told | fields))


def test_red_teaming_is_of_the_safety_track() -> None:
    made = factories.red_team_campaign()
    with refused("campaign_red_team_on_safety"):
        Campaign.objects.create(slug="helpful", name="x", track=Track.HELPFULNESS, kind=Kind.RED_TEAM)
    assert made.track == Track.SAFETY


def test_its_words_and_its_degree_are_ours() -> None:
    dialogue = factories.attacked_dialogue()
    with refused("red_team_report_risk_categories"):
        store(dialogue, risk_categories=["boredom"])
    with refused("red_team_report_attack_vectors"):
        store(dialogue, attack_vectors=["boredom"])
    for degree in (0, 6):
        with refused("red_team_report_degree"):
            store(dialogue, degree=degree)
    with refused("red_team_report_active_seconds"):
        store(dialogue, active_seconds=-1)


@pytest.mark.parametrize("left_out", [{"risk_categories": []}, {"attack_vectors": []}, {"degree": 1}], ids=str)
def test_a_violation_is_described(left_out: dict[str, Any]) -> None:
    dialogue = factories.attacked_dialogue()
    with refused("red_team_report_violation_described"):
        store(dialogue, violating=[0], **(VIOLATION | left_out))
    assert store(dialogue, violating=[0], **VIOLATION).violating == [0]


@pytest.mark.parametrize("violating", [[1], [0, 0], [0, 5]], ids=str)
def test_a_violating_turn_is_an_answered_one_of_the_dialogue_and_stands_once(violating: list[int]) -> None:
    with refused("violating turns are answered turns"):
        store(factories.attacked_dialogue(), violating=violating, **VIOLATION)


def test_only_a_red_team_dialogue_that_has_ended_has_a_report() -> None:
    going_on = factories.answered(factories.attack()).dialogue
    compared = factories.dialogue_turns(factories.campaign(max_turns=2), ["Why?", "And?"], by=factories.user())
    for dialogue in (going_on, compared[0].dialogue):
        with refused("is no red-team dialogue that has ended"):
            store(dialogue)


def test_a_dialogue_has_one_report_which_never_changes() -> None:
    made = factories.reported()
    with refused("dialogue_id"):
        store(made.dialogue)
    for act in (lambda rows: rows.update(degree=5), lambda rows: rows._raw_delete("default")):
        with pytest.raises(InternalError, match="Cannot update or delete"), transaction.atomic():
            act(RedTeamReport.objects.filter(pk=made.pk))
    assert RiskCategory.UNQUALIFIED_ADVICE not in made.risk_categories
