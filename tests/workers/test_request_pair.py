from __future__ import annotations

from collections import Counter

import pytest

from preferences.actions import sampling_plans, variants
from preferences.actions.sampling_plans import Terms
from preferences.errors import Conflict
from preferences.models import Event, Turn, Variant
from tests.annotation.helpers import new_turn, open_campaign
from tests.workers.helpers import planned_campaign, sampled_turn
from workers import actions
from workers.models import SamplingRun

pytestmark = pytest.mark.django_db


def test_it_draws_two_different_variants_each_at_its_own_temperature() -> None:
    turn, run_a, run_b = sampled_turn(planned_campaign())

    assert [run_a.position, run_b.position] == ["a", "b"]
    assert {(run.variant.name, run.temperature, run.top_p) for run in (run_a, run_b)} == {
        ("early", 0.4, 0.9),
        ("late", 0.8, 0.9),
    }
    assert run_a.seed != run_b.seed
    assert {run.status for run in SamplingRun.objects.filter(turn=turn)} == {"pending"}
    assert Event.objects.filter(verb="sampling.requested").count() == 1


def test_it_does_not_tie_the_position_to_the_variant() -> None:
    campaign = planned_campaign()

    first = Counter(sampled_turn(campaign)[1].variant.name for _ in range(100))

    assert 20 <= first["early"] <= 80  # outside of this once in a hundred million runs
    assert first["early"] + first["late"] == 100


def test_it_draws_the_lines_of_the_plan_by_their_weight() -> None:
    campaign = open_campaign()
    for pair, weight in (("common", 9.0), ("rare", 1.0)):
        first, second = (variants.register(name=f"{pair}-{n}", engine="scripted", by=None) for n in (1, 2))
        sampling_plans.add(
            campaign=campaign,
            first=first,
            second=second,
            terms=Terms(first_temperature=0.1, second_temperature=0.1, weight=weight),
            by=None,
        )

    drawn = Counter(sampled_turn(campaign)[1].variant.name.split("-")[0] for _ in range(200))

    assert drawn["common"] > 140
    assert drawn["rare"] > 1
    for turn in Turn.objects.all():
        names = {run.variant.name for run in turn.sampling_runs.all()}
        assert names in ({"common-1", "common-2"}, {"rare-1", "rare-2"})


def test_it_refuses_a_campaign_without_a_plan_with_a_sentence() -> None:
    turn = new_turn(open_campaign())

    with pytest.raises(
        Conflict, match=r"has no sampling plan with active variants: no model would answer\. Ask its manager\."
    ):
        actions.request_pair(turn=turn, by=None)
    assert not SamplingRun.objects.exists()


def test_it_never_asks_two_pairs_for_one_turn() -> None:
    turn, *_ = sampled_turn(planned_campaign())

    with pytest.raises(Exception, match="sampling_run_once"):
        actions.request_pair(turn=turn, by=None)


def test_it_draws_no_variant_that_is_retired() -> None:
    campaign = planned_campaign()
    variants.retire(variant=Variant.objects.get(name="early"), by=None)
    with pytest.raises(Conflict, match="no sampling plan with active variants"):
        sampled_turn(campaign)


@pytest.mark.parametrize(
    ("spread", "ends"), [(0.1, {"early": (0.3, 0.5), "late": (0.7, 0.9)}), (0.6, {"early": (0.0, 1.0)})]
)
def test_it_draws_each_temperature_within_the_spread_around_the_plan_and_never_below_0(
    spread: float, ends: dict[str, tuple[float, float]]
) -> None:
    campaign = planned_campaign(temperature_spread=spread)
    runs = [run for _ in range(25) for run in sampled_turn(campaign)[1:]]
    for name, (low, high) in ends.items():
        drawn = [run.temperature for run in runs if run.variant.name == name]
        middle = (low + high) / 2  # on one side of which 25 draws lie once in ten million runs
        assert low <= min(drawn) < middle < max(drawn) <= high + 1e-12
        assert len(set(drawn)) > 8


def test_one_response_is_sampled_within_the_spread_too_and_its_dialogue_at_one_temperature() -> None:
    campaign = planned_campaign(temperature_spread=0.05)
    run = actions.request_one(turn=new_turn(campaign), by=None)
    assert 0.35 <= run.temperature <= 0.85 and run.temperature not in (0.4, 0.8)
