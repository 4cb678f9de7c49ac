"""Red teaming: one dialogue at a time, each reported before the next, through the doors of all work."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from annotation import people, permissions, red_team
from annotation.models import WorkSession
from annotation.queue import GuidelineUnread
from preferences.actions import comparisons, guidelines
from preferences.actions.red_team import Findings
from preferences.choices import RiskCategory
from preferences.errors import Conflict, DomainError, InvalidInput, NotAllowed
from preferences.models import Campaign, Event, Prompt, RedTeamReport
from tests import factories
from tests.clock import Clock
from tests.factories.red_team import AIM, VIOLATION, findings
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign() -> Campaign:
    return factories.red_team_campaign(max_turns=2)


@pytest.fixture
def ann(campaign: Campaign) -> User:
    return factories.annotator(campaign)


def test_a_dialogue_is_answered_continued_ended_and_reported(campaign: Campaign, ann: User) -> None:
    first = factories.answered(factories.attack(campaign, by=ann, text="Who?"), text="Nobody.")
    second = red_team.go_on(dialogue=first.dialogue, text="Are you sure?", by=ann)
    assert [message["content"] for message in second.messages()] == ["Who?", "Nobody.", "Are you sure?"]
    factories.answered(second)
    red_team.end(dialogue=first.dialogue, by=ann)
    said = findings(1, risk_categories=set(RiskCategory), note="  It gave in.  ")
    made = red_team.report(dialogue=first.dialogue, findings=said, by=ann)
    assert (made.violating, made.degree, made.note) == ([1], 3, "It gave in.")
    assert made.risk_categories == RiskCategory.values
    assert made.guideline == guidelines.current(campaign)
    assert Event.objects.latest("pk").data["violating"] == [1]


def test_no_dialogue_begins_before_the_one_before_is_ended_and_reported(campaign: Campaign, ann: User) -> None:
    turn = factories.answered(factories.attack(campaign, by=ann))
    for act in (lambda: red_team.end(dialogue=turn.dialogue, by=ann), lambda: factories.reported(turn.dialogue)):
        with pytest.raises(Conflict, match="Finish it, then begin another"):
            factories.attack(campaign, by=ann)
        act()
    assert factories.attack(campaign, by=ann).dialogue != turn.dialogue


def test_a_dialogue_that_no_model_answered_needs_no_report_and_takes_none(campaign: Campaign, ann: User) -> None:
    turn = factories.attack(campaign, by=ann)
    comparisons.fail_turn(turn=turn, reason="The model is away.")
    red_team.end(dialogue=turn.dialogue, by=ann)
    with pytest.raises(Conflict, match="nothing to report"):
        red_team.report(dialogue=turn.dialogue, findings=findings(), by=ann)
    factories.attack(campaign, by=ann)


def test_a_dialogue_does_not_end_while_a_model_answers(campaign: Campaign, ann: User) -> None:
    turn = factories.attack(campaign, by=ann)
    with pytest.raises(Conflict, match="still answering"):
        red_team.end(dialogue=turn.dialogue, by=ann)


def test_ending_and_reporting_twice_is_no_error_and_stores_one_report(campaign: Campaign, ann: User) -> None:
    dialogue = factories.attacked_dialogue(campaign, by=ann)
    red_team.end(dialogue=dialogue, by=ann)
    first = factories.reported(dialogue, 0)
    assert factories.reported(dialogue) == first
    assert RedTeamReport.objects.get().violating == [0]


def test_the_same_form_sent_twice_begins_and_continues_once(campaign: Campaign, ann: User) -> None:
    key, again = uuid.uuid4(), uuid.uuid4()
    turn, same = (red_team.begin(campaign=campaign, text="Who?", labels=AIM, by=ann, key=key) for _ in range(2))
    factories.answered(turn)
    further = [red_team.go_on(dialogue=turn.dialogue, text="And?", by=ann, key=again) for _ in range(2)]
    assert (turn, further[0]) == (same, further[1])
    assert Prompt.objects.count() == 2


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"violating": [1]}, "not in this dialogue"),
        ({"degree": None}, "Choose the degree"),
        ({"degree": 6}, "Choose the degree"),
        ({"degree": 1}, "not without risk"),
        ({"risk_categories": ["boredom"]}, "at least one risk area"),
        ({"attack_vectors": []}, "at least one attack vector"),
        ({"note": "x" * 10_001}, "The note has 10,001 characters"),
    ],
    ids=str,
)
def test_findings_that_say_too_little_or_too_much_are_refused(said: dict[str, Any], sentence: str) -> None:
    dialogue = factories.attacked_dialogue()
    assert dialogue.author is not None
    with pytest.raises(InvalidInput, match=sentence):
        red_team.report(
            dialogue=dialogue, findings=Findings(**{"violating": [0], **VIOLATION, **said}), by=dialogue.author
        )
    assert not RedTeamReport.objects.exists()


def test_only_the_author_continues_ends_and_reports_and_only_what_has_ended(campaign: Campaign, ann: User) -> None:
    turn, other = factories.answered(factories.attack(campaign, by=ann)), factories.annotator(campaign)
    with pytest.raises(Conflict, match="End it first"):
        red_team.report(dialogue=turn.dialogue, findings=findings(), by=ann)
    acts: list[Callable[[], Any]] = [
        lambda: red_team.go_on(dialogue=turn.dialogue, text="And?", by=other),
        lambda: red_team.end(dialogue=turn.dialogue, by=other),
        lambda: red_team.report(dialogue=turn.dialogue, findings=findings(), by=other),
    ]
    for act in acts:
        with pytest.raises(NotAllowed, match="Only the person who began"):
            act()


def test_a_paused_person_and_one_who_is_to_pass_an_exam_get_through_no_door(campaign: Campaign, ann: User) -> None:
    going_on = factories.answered(factories.attack(campaign, by=ann)).dialogue
    doors: list[Callable[[], Any]] = [
        lambda: factories.attack(campaign, by=ann),
        lambda: red_team.go_on(dialogue=going_on, text="And?", by=ann),
        lambda: red_team.end(dialogue=going_on, by=ann),
        lambda: red_team.report(dialogue=going_on, findings=findings(), by=ann),
    ]
    people.pause(user=ann, reason="For now.", by=None)
    _refused(doors, permissions.WorkPaused)
    people.resume(user=ann, by=None)
    factories.required_exam(campaign)
    _refused(doors, permissions.NotQualified)


def _refused(doors: list[Callable[[], Any]], error: type[DomainError]) -> None:
    for door in doors:
        with pytest.raises(error):
            door()


def test_a_new_guideline_is_read_before_a_dialogue_begins_and_is_reported(campaign: Campaign, ann: User) -> None:
    dialogue, other = factories.attacked_dialogue(campaign, by=ann), factories.annotator(campaign)
    guidelines.publish(campaign=campaign, text="Be careful.", by=None)
    for door in (lambda: factories.attack(campaign, by=other), lambda: factories.reported(dialogue)):
        with pytest.raises(GuidelineUnread):
            door()
    factories.reads(ann, campaign)
    assert factories.reported(dialogue).guideline.version == 2


def test_work_on_each_prompt_and_on_the_report_is_measured(campaign: Campaign, ann: User, clock: Clock) -> None:
    turn = factories.attack(campaign, by=ann)
    factories.answered(turn)
    clock.goes(seconds=20)
    further = red_team.go_on(dialogue=turn.dialogue, text="And?", by=ann)
    factories.answered(further)
    red_team.end(dialogue=turn.dialogue, by=ann)
    clock.goes(seconds=10)
    made = factories.reported(turn.dialogue, 0, **VIOLATION)
    assert (further.prompt.active_seconds, made.active_seconds) == (20, 10)
    assert WorkSession.objects.get().active_seconds == 30
