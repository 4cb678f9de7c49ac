from __future__ import annotations

import itertools

import pytest
from django.db import transaction
from django.db.models import Q, TextChoices

from preferences import choices, lifecycle
from preferences.choices import CampaignStatus, SlotStatus
from preferences.errors import InvalidTransition
from preferences.lifecycle import TRANSITIONS
from preferences.models import Campaign, Slot
from tests import factories
from tests.preferences.refusals import our_models

STATUSES = [
    value
    for name, value in vars(choices).items()
    if name.endswith("Status") and isinstance(value, type) and issubclass(value, TextChoices)
]
MODEL_OF = {
    frozenset(model._meta.get_field("status").choices or ()): model
    for model in our_models()
    if any(field.name == "status" for field in model._meta.fields)
}
NOT_AN_EDGE = [
    pytest.param(statuses, before, to, id=f"{statuses.__name__}-{before}-{to}")
    for statuses in TRANSITIONS
    for before, to in itertools.product(statuses, repeat=2)
    if to not in TRANSITIONS[statuses][before]
]


def test_every_status_of_the_platform_has_its_transitions() -> None:
    assert len(STATUSES) >= 9
    assert set(TRANSITIONS) == set(STATUSES)


@pytest.mark.parametrize("statuses", STATUSES)
def test_every_value_of_a_status_says_what_it_may_become(statuses) -> None:
    assert set(TRANSITIONS[statuses]) == set(statuses)
    assert all(isinstance(to, statuses) for targets in TRANSITIONS[statuses].values() for to in targets)


@pytest.mark.parametrize("statuses", STATUSES)
def test_every_value_of_a_status_can_be_reached_from_the_default(statuses) -> None:
    start = statuses(MODEL_OF[frozenset(statuses.choices)]._meta.get_field("status").get_default())
    reached, waiting = {start}, [start]
    while waiting:
        for to in TRANSITIONS[statuses][waiting.pop()]:
            if to not in reached:
                reached.add(to)
                waiting.append(to)
    assert reached == set(statuses)


@pytest.mark.parametrize(("statuses", "before", "to"), NOT_AN_EDGE)
def test_advance_refuses_what_is_not_an_edge_with_a_sentence(statuses, before, to) -> None:
    row = MODEL_OF[frozenset(statuses.choices)](status=before)
    with pytest.raises(InvalidTransition, match="cannot become") as refusal:
        lifecycle.advance(row, to)
    assert str(before.label) in str(refusal.value) and str(to.label) in str(refusal.value)
    assert row.status == before


@pytest.mark.django_db
def test_advance_moves_the_row_and_its_other_fields_together() -> None:
    campaign = factories.campaign()
    lifecycle.advance(campaign, CampaignStatus.PAUSED, name="Resting")
    stored = Campaign.objects.get(pk=campaign.pk)
    assert (stored.status, stored.name) == (CampaignStatus.PAUSED, "Resting")
    assert (campaign.status, campaign.name) == (CampaignStatus.PAUSED, "Resting")


@pytest.mark.django_db
def test_a_stale_object_loses() -> None:
    first = factories.campaign()
    stale = Campaign.objects.get(pk=first.pk)
    lifecycle.advance(first, CampaignStatus.PAUSED)
    with pytest.raises(InvalidTransition, match="something else moved it first"):
        lifecycle.advance(stale, CampaignStatus.CLOSED, name="Too late")
    stored = Campaign.objects.get(pk=first.pk)
    assert (stored.status, stored.name) == (CampaignStatus.PAUSED, first.name)
    assert (stale.status, stale.name) == (CampaignStatus.OPEN, first.name)


@pytest.mark.django_db
def test_a_stale_object_loses_also_when_it_asks_for_the_same() -> None:
    first = factories.campaign()
    stale = Campaign.objects.get(pk=first.pk)
    lifecycle.advance(first, CampaignStatus.PAUSED)
    with pytest.raises(InvalidTransition):
        lifecycle.advance(stale, CampaignStatus.PAUSED)


@pytest.mark.django_db
def test_advance_many_moves_only_the_rows_that_stand_at_before() -> None:
    comparison = factories.comparison(factories.campaign(raters_per_item=3))
    factories.leased_slot(comparison)
    assert lifecycle.advance_many(Slot.objects.all(), SlotStatus.WAITING, SlotStatus.OPEN) == 1
    assert lifecycle.advance_many(Slot.objects.all(), SlotStatus.WAITING, SlotStatus.OPEN) == 0
    assert list(Slot.objects.order_by("number").values_list("status", flat=True)) == ["leased", "open", "open"]


@pytest.mark.django_db
def test_advance_held_moves_the_row_and_what_stands_beside_it_at_once() -> None:
    comparison = factories.comparison(factories.campaign(raters_per_item=3))
    first, second, third = comparison.slots.order_by("number")
    edge = (SlotStatus.WAITING, SlotStatus.OPEN)
    lifecycle.advance_held(first, SlotStatus.LEASED, beside=Q(number=1), along=edge)
    assert list(comparison.slots.order_by("number").values_list("status", flat=True)) == ["leased", "open", "waiting"]
    lifecycle.advance_held(second := Slot.objects.get(pk=second.pk), SlotStatus.LEASED, beside=Q(number=0), along=edge)
    assert list(comparison.slots.order_by("number").values_list("status", flat=True)) == ["leased", "leased", "waiting"]
    with pytest.raises(InvalidTransition):
        lifecycle.advance_held(third, SlotStatus.FILLED, beside=Q(number=1), along=edge)
    stale = Slot.objects.get(pk=second.pk)
    lifecycle.advance(second, SlotStatus.OPEN)
    with pytest.raises(InvalidTransition, match="something else moved it first"):
        lifecycle.advance_held(stale, SlotStatus.FILLED, beside=Q(number=0), along=edge)


@pytest.mark.django_db
def test_advance_all_moves_every_row_with_changes_of_its_own() -> None:
    rows = [factories.campaign() for _ in range(2)]
    lifecycle.advance_all(rows, CampaignStatus.PAUSED, own={"name": ["One", "Two"]}, priority=3)
    for row, name in zip(rows, ("One", "Two"), strict=True):
        stored = Campaign.objects.get(pk=row.pk)
        assert (stored.status, stored.name, stored.priority) == (CampaignStatus.PAUSED, name, 3)
        assert (row.status, row.name, row.priority) == (CampaignStatus.PAUSED, name, 3)


@pytest.mark.django_db
def test_advance_all_refuses_what_is_not_an_edge_and_what_moved_meanwhile() -> None:
    rows = [factories.campaign() for _ in range(2)]
    with pytest.raises(InvalidTransition, match="cannot become"):
        lifecycle.advance_all(rows, CampaignStatus.DRAFT)
    lifecycle.advance(Campaign.objects.get(pk=rows[1].pk), CampaignStatus.CLOSED)
    with pytest.raises(InvalidTransition, match="something else moved it first"), transaction.atomic():
        lifecycle.advance_all(rows, CampaignStatus.PAUSED)
    assert Campaign.objects.get(pk=rows[0].pk).status == CampaignStatus.OPEN
    assert [row.status for row in rows] == [CampaignStatus.OPEN, CampaignStatus.OPEN]


@pytest.mark.django_db
def test_advance_many_refuses_what_is_not_an_edge() -> None:
    factories.comparison()
    with pytest.raises(InvalidTransition):
        lifecycle.advance_many(Slot.objects.all(), SlotStatus.OPEN, SlotStatus.FILLED)
    assert Slot.objects.get().status == SlotStatus.OPEN
