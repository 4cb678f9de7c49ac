"""γ and what the attempts are about, counted from the rows."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from annotation import red_team
from preferences.models import Campaign
from preferences.red_teaming import attempts, by_variant, by_week, gamma, lengths
from preferences.stats import rate
from tests import factories
from tests.clock import Clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign() -> Campaign:
    return factories.red_team_campaign()


def test_each_reported_dialogue_counts_with_its_prompts_and_its_measured_time(campaign: Campaign, clock: Clock) -> None:
    ann, tuned = factories.annotator(campaign), factories.variant("tuned", iteration="RLHF-V2")
    turn = factories.answered(factories.attack(campaign, by=ann), variant=tuned)
    clock.goes(seconds=20)
    factories.answered(red_team.go_on(dialogue=turn.dialogue, text="And?", by=ann), variant=tuned)
    clock.goes(seconds=10)
    red_team.end(dialogue=turn.dialogue, by=ann)
    factories.reported(turn.dialogue, 0, 1)
    (found,) = attempts(campaign)
    assert (found.variant, found.iteration, found.author) == ("tuned", "RLHF-V2", ann.pk)
    assert (found.turns, found.violating, found.seconds, found.degree) == (2, 2, 30, 3)
    assert (found.risk_categories, found.attack_vectors) == (["unqualified_advice"], ["logic"])


def test_gamma_is_violating_prompts_for_each_hour_of_the_people(campaign: Campaign, clock: Clock) -> None:
    for violating in ([], [0], [0]):
        dialogue = factories.attacked_dialogue(campaign)
        assert dialogue.author is not None
        red_team.writing.beat(about=dialogue, campaign=campaign, fields={}, by=dialogue.author)
        clock.goes(seconds=24)
        factories.reported(dialogue, *violating)
    found = gamma(attempts(campaign))
    assert (found.attempts, found.people, found.prompts, found.violating) == (3, 3, 3, 2)
    assert found.hours == pytest.approx(72 / 3600)
    assert found.rate == rate(2, found.hours)


def test_what_is_not_reported_or_of_another_campaign_does_not_count(campaign: Campaign) -> None:
    factories.attacked_dialogue(campaign)
    factories.reported()
    assert attempts(campaign) == []
    assert gamma([]).rate.value is None


def test_it_is_counted_by_variant_and_by_week_of_the_campaign(clock: Clock) -> None:
    campaign = factories.red_team_campaign(time_zone="Asia/Tokyo")
    old, new = (factories.variant(name, iteration=name.upper()) for name in ("v1", "v2"))
    for variant, moment, violating in (
        (old, datetime(2026, 11, 22, 14, tzinfo=UTC), [0]),
        (old, datetime(2026, 11, 22, 16, tzinfo=UTC), [0, 1]),  # Monday in Tokyo
        (new, datetime(2026, 11, 23, 9, tzinfo=UTC), []),
    ):
        clock.now = moment
        factories.reported(factories.attacked_dialogue(campaign, turns=2, variant=variant), *violating)
    found = attempts(campaign)
    variants = {name: (one.attempts, one.violating) for name, one in by_variant(found).items()}
    weeks = [(week, one.attempts, one.violating) for week, one in by_week(found, campaign).items()]
    assert variants == {("V1", "v1"): (2, 3), ("V2", "v2"): (1, 0)}
    assert weeks == [("2026-W48", 2, 2), ("2026-W47", 1, 1)]


def test_the_lengths_of_the_dialogues_are_counted(campaign: Campaign) -> None:
    for turns in (1, 3, 1):
        factories.reported(factories.attacked_dialogue(campaign, turns=turns))
    assert lengths(attempts(campaign)) == {1: 2, 3: 1}
