"""Violating prompts replayed to a new variant: asked for once, judged once, by others and blindly."""

from __future__ import annotations

from typing import Any

import pytest

from annotation import care, people, permissions, replays
from annotation.queue import GuidelineUnread
from preferences.actions import guidelines, variants
from preferences.actions import replays as record
from preferences.choices import RiskCategory
from preferences.errors import Conflict, InvalidInput, NotAllowed
from preferences.mitigation import mitigation
from preferences.models import Campaign, Event, Replay, Turn, Variant
from preferences.stats import wilson
from tests import factories
from tests.clock import Clock
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign() -> Campaign:
    return factories.red_team_campaign()


@pytest.fixture
def candidate() -> Variant:
    return factories.variant("candidate", iteration="RLHF-V5")


def violation(campaign: Campaign, *, by: User | None = None, turns: int = 1, **said: Any) -> Turn:
    """The last turn of a reported dialogue, which its author called a violation."""
    dialogue = factories.attacked_dialogue(campaign, by=by, turns=turns)
    factories.reported(dialogue, turns - 1, **said)
    return dialogue.turns.latest("index")


def replayed(campaign: Campaign, candidate: Variant) -> list[Replay]:
    """All that is new, sampled again and answered."""
    made = record.open_all(campaign=campaign, variant=candidate, by=None)
    for replay in made:
        factories.answered(replay.turn, variant=candidate)
    return made


def test_each_violating_prompt_is_opened_again_after_the_dialogue_as_it_was(
    campaign: Campaign, candidate: Variant
) -> None:
    attempt = violation(campaign, turns=3)
    factories.reported(factories.attacked_dialogue(campaign))
    (made,) = record.open_all(campaign=campaign, variant=candidate, by=None)
    assert made.turn.messages() == attempt.messages()
    assert [message["role"] for message in made.turn.messages()] == ["user", "assistant"] * 2 + ["user"]
    assert (made.attempt, made.turn.prompt, made.turn.dialogue.author) == (attempt, attempt.prompt, None)
    assert made.turn.dialogue.family == attempt.dialogue.family
    assert Event.objects.latest("pk").data == {"variant": "candidate", "replays": 1}


def test_asking_again_adds_only_what_is_new_and_never_the_variants_own(campaign: Campaign, candidate: Variant) -> None:
    violation(campaign)
    assert len(replayed(campaign, candidate)) == 1
    assert record.open_all(campaign=campaign, variant=candidate, by=None) == []
    own = factories.attacked_dialogue(campaign, variant=candidate)
    factories.reported(own, 0)
    violation(campaign)
    assert len(replayed(campaign, candidate)) == 1
    assert len(replayed(campaign, factories.variant())) == 3
    variants.retire(variant=candidate, by=None)
    with pytest.raises(Conflict, match="retired"):
        record.open_all(campaign=campaign, variant=candidate, by=None)


def test_an_answer_is_judged_once_and_its_work_is_measured(
    campaign: Campaign, candidate: Variant, clock: Clock
) -> None:
    violation(campaign)
    (replay,) = replayed(campaign, candidate)
    ann, other = factories.annotator(campaign), factories.annotator(campaign)
    replays.writing.beat(about=replay, campaign=campaign, fields={}, by=ann)
    clock.goes(seconds=9)
    made = replays.judge(replay=replay, safety=2, by=ann)
    assert (made.safety, made.judged_by, made.active_seconds, made.is_mitigated) == (2, ann, 9, False)
    assert replays.judge(replay=replay, safety=5, by=ann).safety == 2
    with pytest.raises(Conflict, match="Somebody else has judged this answer"):
        replays.judge(replay=replay, safety=5, by=other)
    assert not replays.to_judge(campaign, other).exists()


@pytest.mark.parametrize("safety", [None, 0, 6])
def test_a_score_is_from_1_to_5(campaign: Campaign, candidate: Variant, safety: int | None) -> None:
    violation(campaign)
    (replay,) = replayed(campaign, candidate)
    with pytest.raises(InvalidInput, match="from 1 to 5"):
        replays.judge(replay=replay, safety=safety, by=factories.annotator(campaign))


def test_nobody_judges_what_came_of_their_own_attack_and_nothing_before_it_is_answered(
    campaign: Campaign, candidate: Variant
) -> None:
    author = factories.annotator(campaign)
    violation(campaign, by=author)
    (replay,) = record.open_all(campaign=campaign, variant=candidate, by=None)
    other = factories.annotator(campaign)
    assert not replays.to_judge(campaign, other).exists()
    with pytest.raises(Conflict, match="no answer to judge yet"):
        replays.judge(replay=replay, safety=4, by=other)
    factories.answered(replay.turn, variant=candidate)
    assert replays.to_judge(campaign, other).get() == replay
    assert not replays.to_judge(campaign, author).exists()
    with pytest.raises(NotAllowed, match="an attack of your own"):
        replays.judge(replay=replay, safety=4, by=author)


def test_a_risk_category_that_somebody_opted_out_of_never_comes_to_them(campaign: Campaign, candidate: Variant) -> None:
    hateful = [RiskCategory.HATEFUL_AND_HARMFUL, RiskCategory.ILLICIT_AND_CRIMINAL]
    violation(campaign, risk_categories=hateful)
    (replay,) = replayed(campaign, candidate)
    for unwanted in (hateful[0], RiskCategory.UNQUALIFIED_ADVICE):  # reported; what the attack aimed at
        ann = factories.annotator(campaign)
        assert replays.to_judge(campaign, ann).get() == replay
        care.choose(user=ann, opted_out=[unwanted], veil=True, break_minutes=0, by=ann)
        assert not replays.to_judge(campaign, ann).exists()


def test_the_doors_of_all_work_hold_and_a_reviewer_needs_no_exam(campaign: Campaign, candidate: Variant) -> None:
    for _ in range(2):
        violation(campaign)
    one, two = replayed(campaign, candidate)
    ann, reviewer = factories.annotator(campaign), factories.reviewer(campaign)
    guidelines.publish(campaign=campaign, text="Newer.", by=None)
    with pytest.raises(GuidelineUnread):
        replays.judge(replay=one, safety=4, by=ann)
    factories.reads(ann, campaign)
    factories.required_exam(campaign)
    with pytest.raises(permissions.NotQualified):
        replays.judge(replay=one, safety=4, by=ann)
    replays.judge(replay=one, safety=4, by=reviewer)
    people.pause(user=reviewer, reason="For now.", by=None)
    with pytest.raises(NotAllowed):
        replays.judge(replay=two, safety=4, by=reviewer)
    with pytest.raises(NotAllowed):
        replays.judge(replay=two, safety=4, by=factories.user())


def test_the_share_mitigated_is_of_the_judged_by_variant_and_by_each_risk_area(
    campaign: Campaign, candidate: Variant
) -> None:
    both = [RiskCategory.HATEFUL_AND_HARMFUL, RiskCategory.UNQUALIFIED_ADVICE]
    for areas in (both, both[1:], both[1:], both[:1]):
        violation(campaign, risk_categories=areas)
    made, ann = replayed(campaign, candidate), factories.annotator(campaign)
    for replay, safety in zip(made, (3, 2, 5), strict=False):
        replays.judge(replay=replay, safety=safety, by=ann)
    record.open_all(campaign=campaign, variant=factories.variant("later", iteration="RLHF-V6"), by=None)
    whole, areas = mitigation(campaign)["RLHF-V5", "candidate"]
    assert (whole.replayed, whole.answered, whole.judged, whole.mitigated) == (4, 4, 3, 2)
    assert whole.share == wilson(2, 3)
    assert {area: (one.replayed, one.judged, one.mitigated) for area, one in areas.items()} == {
        both[0]: (2, 1, 1),
        both[1]: (3, 3, 2),
    }
    later, _areas = mitigation(campaign)["RLHF-V6", "later"]
    assert (later.replayed, later.answered, later.judged, later.share.value) == (4, 0, 0, None)
