"""Plans as people change them, by the command too: what is sampled is known to answer, and the shares add up."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from preferences.actions import sampling_plans, variants
from preferences.actions.sampling_plans import Terms
from preferences.errors import Conflict
from preferences.models import Campaign, SamplingPair
from tests import factories
from tests.annotation.helpers import new_turn
from workers import actions, plans

pytestmark = pytest.mark.django_db

TERMS = Terms(first_temperature=1.0, second_temperature=0.8)


def planned(campaign: Campaign, *arguments: str) -> list[str]:
    out = StringIO()
    call_command("sampling_plan", "--campaign", campaign.slug, *arguments, stdout=out)
    return out.getvalue().splitlines()


def test_a_line_needs_variants_that_were_found_usable_unless_they_are_wanted_anyway() -> None:
    campaign, good, unchecked = factories.campaign(), factories.variant("good"), factories.variant("unchecked")
    factories.checked(good)
    line: dict[str, Any] = {"campaign": campaign, "first": good, "second": unchecked, "terms": TERMS, "by": None}
    with pytest.raises(Conflict, match="Nobody has checked yet that “unchecked” answers"):
        plans.add(**line)
    assert not SamplingPair.objects.exists()
    plans.add(**line, anyway=True)
    factories.checked(unchecked)
    plans.add(**line)
    assert campaign.sampling_plan.count() == 2


def test_what_rests_is_not_drawn_and_the_others_share_what_is_left() -> None:
    campaign = factories.campaign()
    one, two, three, four = (factories.variant(name) for name in ("one", "two", "three", "four"))
    factories.sampling_plan(campaign, first=one, second=two, weight=3.0)
    factories.sampling_plan(campaign, first=one, second=three, weight=1.0)
    resting = factories.sampling_plan(campaign, first=two, second=three, weight=4.0)
    factories.sampling_plan(campaign, first=one, second=four, weight=2.0)
    sampling_plans.pause(pair=resting, by=None)
    variants.retire(variant=four, by=None)
    assert [(line.share, line.rests) for line in plans.lines(campaign)] == [
        (0.75, False),
        (0.25, False),
        (0.0, True),
        (0.0, True),
    ]
    assert plans.shares(campaign) == [(one, 0.5), (two, 0.375), (three, 0.125)]
    drawn = {run.variant for _ in range(30) for run in actions.request_pair(turn=new_turn(campaign), by=None)}
    assert drawn == {one, two, three}


def test_a_plan_whose_lines_all_rest_says_that_no_model_would_answer() -> None:
    campaign = factories.campaign()
    sampling_plans.pause(pair=factories.sampling_plan(campaign), by=None)
    with pytest.raises(Conflict, match="has no sampling plan with active variants"):
        actions.request_pair(turn=new_turn(campaign), by=None)
    assert plans.shares(campaign) == []


def test_where_one_model_answers_a_retired_ones_companion_is_left() -> None:
    campaign = factories.red_team_campaign()
    (pair,) = campaign.sampling_plan.all()
    variants.retire(variant=pair.second, by=None)
    whole = factories.sampling_plan(campaign, first=pair.first, second=factories.variant())
    assert [(line.share, line.rests) for line in plans.lines(campaign)] == [(1 / 3, False), (2 / 3, False)]
    assert plans.shares(campaign) == [(pair.first, pytest.approx(2 / 3)), (whole.second, pytest.approx(1 / 3))]


def test_a_new_variant_is_compared_with_those_of_the_iteration_before_its_own() -> None:
    first = factories.variant("v1", iteration="RLHF-V1")
    small, large = (factories.variant(name, iteration="RLHF-V2") for name in ("v2-7b", "v2-70b"))
    retired = factories.variant("v2-13b", iteration="RLHF-V2")
    variants.retire(variant=retired, by=None)
    factories.variant("foreign", engine=variants.IMPORTED)
    beside, new = (factories.variant(name, iteration="RLHF-V3") for name in ("v3-7b", "v3-70b"))
    nameless, other = factories.variant("nameless"), factories.variant("other")
    assert plans.before(first) == []
    assert plans.before(new) == plans.before(beside) == [large, small]
    assert plans.before(nameless) == [new, beside]
    assert plans.before(other) == [nameless]


def test_the_command_adds_a_line_and_prints_the_plan() -> None:
    campaign = factories.campaign()
    for name in ("late:2", "early"):
        factories.checked(factories.variant(name))
    assert planned(campaign) == []
    said = planned(campaign, "--pair", "late:2:1.2", "early:0.8", "--weight", "2", "--top-p", "0.9", "--tuned")
    assert said == ["100.0%  late:2 at 1.2 against early at 0.8 (top-p 0.9, tuned)"]
    assert SamplingPair.objects.get().weight == 2.0


@pytest.mark.parametrize(
    ("pair", "sentence"),
    [
        (("late:1", "nobody:1"), "There is no variant “nobody”"),
        (("late", "early:1"), "“late” is no variant with its temperature"),
        (("late:1", "early:1"), "Nobody has checked yet"),
        (("late:1", "late:2"), "Nobody has checked yet"),
    ],
    ids=["unknown", "no temperature", "unchecked", "itself"],
)
def test_the_command_refuses_with_a_sentence(pair: tuple[str, str], sentence: str) -> None:
    campaign = factories.campaign()
    for name in ("late", "early"):
        factories.variant(name)
    with pytest.raises(CommandError, match=sentence):
        planned(campaign, "--pair", *pair)
    with pytest.raises(CommandError, match="There is no campaign “nowhere”"):
        call_command("sampling_plan", "--campaign", "nowhere")
