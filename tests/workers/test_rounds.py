from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, InternalError, transaction
from django.utils import timezone

from preferences.actions import campaigns
from preferences.errors import Conflict, DomainError
from preferences.models import Campaign, Event, SamplingPair, Variant
from tests import factories
from tests.factories.rounds import RoundFactory
from tests.factories.temperatures import measured_sweep
from workers import rounds
from workers.models import Round, TemperatureSweep

pytestmark = pytest.mark.django_db


def test_a_campaign_has_each_round_once() -> None:
    first = RoundFactory(closed_at=timezone.now() + timedelta(days=7))
    with pytest.raises(IntegrityError, match="round_once"), transaction.atomic():
        RoundFactory(campaign=first.campaign, number=first.number)


def test_a_campaign_has_one_open_round() -> None:
    first = RoundFactory()
    with pytest.raises(IntegrityError, match="round_one_open_a_campaign"), transaction.atomic():
        RoundFactory(campaign=first.campaign)
    assert RoundFactory().campaign != first.campaign


@pytest.mark.parametrize(
    "wrong", [{"number": 0}, {"closed_at": datetime(2020, 1, 1, tzinfo=UTC)}], ids=["no number", "ends early"]
)
def test_a_round_counts_from_one_and_does_not_end_before_it_begins(wrong: dict[str, object]) -> None:
    with pytest.raises(IntegrityError, match="round_closed_after_opened"), transaction.atomic():
        RoundFactory(**wrong)


def test_what_a_round_tried_and_when_it_closed_stays() -> None:
    one = RoundFactory()
    rows = Round.objects.filter(pk=one.pk)
    for change in ({"number": 7}, {"new": factories.variant()}, {"opened_at": timezone.now() - timedelta(days=1)}):
        with pytest.raises(InternalError, match="Cannot update"), transaction.atomic():
            rows.update(**change)
    rows.update(closed_at=timezone.now())
    for act in (lambda: rows.update(closed_at=None), rows.delete):
        with pytest.raises(InternalError, match="Cannot update or delete"), transaction.atomic():
            act()


@pytest.fixture
def campaign() -> Campaign:
    return factories.campaign()


@pytest.fixture
def variants() -> list[Variant]:
    """Of three iterations, in their order, each found usable."""
    found = [factories.variant(f"chat-v{number}", iteration=f"RLHF-V{number}") for number in (1, 2, 3)]
    for variant in found:
        factories.checked(variant)
    return found


def verbs() -> list[str]:
    wanted = Event.objects.filter(verb__regex="^(round|campaign.sampling)").order_by("pk")
    return [verb.removeprefix("campaign.sampling_") for verb in wanted.values_list("verb", flat=True)]


def plan_of(campaign: Campaign) -> list[tuple[Variant, float, Variant, float, float, bool]]:
    return [
        (line.first, line.first_temperature, line.second, line.second_temperature, line.weight, line.tuned)
        for line in campaign.sampling_plan.select_related("first", "second").order_by("pk")
    ]


def test_a_round_that_opens_closes_the_one_before_and_writes_its_plan(
    campaign: Campaign, variants: list[Variant]
) -> None:
    one, two, three = variants
    person = factories.manager(campaign)
    first = rounds.open_round(campaign=campaign, new=two, against={one: 1.0}, by=person)
    assert (first.number, first.new, first.opened_by, first.closed_at) == (1, two, person, None)
    assert plan_of(campaign) == [(two, 1.0, one, 1.0, 1.0, True)]
    SamplingPair.objects.update(first_temperature=1.25)
    second = rounds.open_round(campaign=campaign, new=three, against={two: 3.0, one: 1.0}, by=person)
    first.refresh_from_db()
    assert second.number == 2 and first.closed_at == second.opened_at
    assert plan_of(campaign) == [(three, 1.0, two, 1.25, 3.0, True), (three, 1.0, one, 1.0, 1.0, True)]
    assert verbs() == ["round.opened", "planned", "round.closed", "round.opened", "removed", "planned", "planned"]
    told = Event.objects.filter(verb="round.opened").latest("pk")
    assert (told.data["new"], told.data["against"]) == ("chat-v3", ["chat-v2", "chat-v1"])


def test_a_clock_that_was_set_back_ends_no_round_before_it_began(campaign: Campaign, variants: list[Variant]) -> None:
    one, two, three = variants
    later = timezone.now() + timedelta(hours=1)
    first = RoundFactory(campaign=campaign, new=two, opened_at=later)
    second = rounds.open_round(campaign=campaign, new=three, against={one: 1.0}, by=None)
    first.refresh_from_db()
    assert first.closed_at == second.opened_at == later


def test_a_variant_that_comes_back_into_the_plan_is_sampled_at_its_best_temperature(
    campaign: Campaign, variants: list[Variant]
) -> None:
    one, two, three = variants
    factories.turn(campaign)
    rounds.open_round(campaign=campaign, new=two, against={one: 1.0}, by=None)
    measured = measured_sweep(campaign, variant=one, prompts=1)
    rounds.open_round(campaign=campaign, new=three, against={two: 1.0}, by=None)
    rounds.open_round(campaign=campaign, new=two, against={one: 1.0}, by=None)
    assert plan_of(campaign) == [(two, 1.0, one, measured.temperature, 1.0, True)]


def test_a_round_that_cannot_open_leaves_everything_as_it_was(campaign: Campaign, variants: list[Variant]) -> None:
    one, two, three = variants
    rounds.open_round(campaign=campaign, new=two, against={one: 1.0}, by=None)
    plan, unchecked = plan_of(campaign), factories.variant("unchecked")
    for new, against, sentence in (
        (two, {one: 1.0}, "Round 1, which is open, tries “chat-v2” already"),
        (three, {}, "Choose at least one variant"),
        (three, {three: 1.0}, "two different variants"),
        (three, {two: 0.0}, "A weight is a number above 0"),
        (unchecked, {two: 1.0}, "Nobody has checked yet that “unchecked” answers"),
    ):
        with pytest.raises(DomainError, match=sentence):
            rounds.open_round(campaign=campaign, new=new, against=against, by=None)
    assert plan_of(campaign) == plan and Round.objects.get().closed_at is None
    rounds.open_round(campaign=campaign, new=unchecked, against={two: 1.0}, by=None, anyway=True)
    campaigns.close(campaign=campaign, by=None)
    with pytest.raises(Conflict, match="is closed: no further round opens"):
        rounds.open_round(campaign=campaign, new=three, against={two: 1.0}, by=None)


def test_a_round_asks_for_sweeps_of_its_plan_where_a_reward_model_is_trained(
    campaign: Campaign, variants: list[Variant]
) -> None:
    one, two, three = variants
    factories.turn(campaign)
    rounds.open_round(campaign=campaign, new=two, against={one: 1.0}, by=None)
    assert not TemperatureSweep.objects.exists()
    factories.trained_reward_model(campaign.track)
    opened = rounds.open_round(campaign=campaign, new=three, against={two: 1.0}, by=None)
    sweeps = TemperatureSweep.objects.order_by("pk")
    assert [(sweep.variant, sweep.round) for sweep in sweeps] == [(two, opened), (three, opened)]


def opened(campaign: Campaign, *arguments: str) -> list[str]:
    out = StringIO()
    call_command("open_round", "--campaign", campaign.slug, *arguments, stdout=out)
    return out.getvalue().splitlines()


def test_the_command_opens_a_round_against_the_iteration_before_or_those_it_is_told(
    campaign: Campaign, variants: list[Variant]
) -> None:
    assert opened(campaign, "--new", "chat-v2") == [
        f"Round 1 of “{campaign.slug}” is open and tries “chat-v2”.",
        "100.0%  chat-v2 at 1 against chat-v1 at 1 (top-p 1, tuned)",
    ]
    said = opened(campaign, "--new", "chat-v3", "--against", "chat-v2=3", "chat-v1")
    assert [line.split("%")[0].strip() for line in said[1:]] == ["75.0", "25.0"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--new", "nobody"), "There is no variant “nobody”"),
        (("--new", "chat-v1"), "Choose at least one variant"),
        (("--new", "chat-v2", "--against", "chat-v1=much"), "“much” is no weight"),
    ],
    ids=["unknown", "nothing before", "weight"],
)
def test_the_command_says_why_no_round_opens(
    campaign: Campaign, variants: list[Variant], arguments: tuple[str, ...], sentence: str
) -> None:
    with pytest.raises(CommandError, match=sentence):
        opened(campaign, *arguments)
