"""Weeks that a worker seals: ordered once, carried out once, or refused with the sentence of why."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from annotation import memberships, sealing, sealing_orders, tasks
from annotation.models import SealingOrder, SealingRule
from preferences import progress
from preferences.actions import batches
from preferences.errors import Conflict, InvalidInput, NotAllowed
from preferences.models import Batch, Campaign, Event
from preferences.weeks import week_of
from tests import factories
from tests.concurrency import at_once
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign() -> Campaign:
    made = factories.campaign()
    factories.judged_comparison(made)
    return made


@pytest.fixture
def boss(campaign: Campaign) -> User:
    return factories.manager(campaign)


def this_week() -> str:
    return week_of(timezone.now())


def ordered(campaign: Campaign, by: User, **fields: Any) -> SealingOrder:
    return sealing_orders.order(campaign=campaign, week=this_week(), by=by, **fields)


def test_what_is_small_is_sealed_at_once_and_the_rest_is_ordered(
    campaign: Campaign, boss: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing_orders, "AT_ONCE", 0)
    order = sealing_orders.seal(campaign=campaign, week=this_week(), by=boss)
    assert isinstance(order, SealingOrder) and not Batch.objects.exists()

    monkeypatch.setattr(sealing_orders, "AT_ONCE", 1)
    assert isinstance(sealing_orders.seal(campaign=campaign, week=this_week(), by=boss), Batch)


def test_a_worker_carries_it_out_once_however_often_it_is_called(campaign: Campaign, boss: User) -> None:
    order = ordered(campaign, boss)
    assert sealing_orders.unfinished() == [order.pk]

    for _ in range(2):
        tasks.seal_ordered(str(order.pk))

    order.refresh_from_db()
    assert (order.batch, order.refused) == (Batch.objects.get(), "")
    assert order.batch.sealed_by == boss
    assert sealing_orders.unfinished() == []
    verbs = Event.objects.filter(subject=f"sealingorder:{order.pk}").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["sealing.ordered", "sealing.carried_out"]


@pytest.mark.django_db(transaction=True)
def test_two_workers_and_two_clicks_at_once_make_one_batch(campaign: Campaign, boss: User) -> None:
    at_once([partial(ordered, campaign, boss)] * 2)
    order = SealingOrder.objects.get()

    got = at_once([partial(tasks.seal_ordered, str(order.pk))] * 3)

    assert got == [None] * 3
    order.refresh_from_db()
    assert order.batch == Batch.objects.get()
    assert order.refused == ""


def test_why_it_was_not_sealed_is_kept_in_the_language_of_whoever_ordered_it(campaign: Campaign, boss: User) -> None:
    User.objects.filter(pk=boss.pk).update(language="zh-hans")
    order = ordered(campaign, boss)
    batches.seal(week=this_week(), campaigns=[campaign], by=None)  # somebody was faster

    tasks.seal_ordered(str(order.pk))

    order.refresh_from_db()
    assert order.batch is None
    assert "没有" in order.refused
    assert Event.objects.filter(verb="sealing.refused", actor=boss).exists()
    assert ordered(campaign, boss) != order  # ordered anew, as nothing is open


def test_what_speaks_against_it_is_said_when_it_is_ordered(campaign: Campaign, boss: User) -> None:
    with pytest.raises(NotAllowed):
        ordered(campaign, factories.user())
    with pytest.raises(InvalidInput):
        sealing_orders.seal(campaign=campaign, week="2026-W99", by=boss)
    SealingRule.objects.create(campaign=campaign, least=9)
    with pytest.raises(Conflict, match=r"the rule wants 9\. Nothing was sealed"):
        ordered(campaign, boss)
    assert not SealingOrder.objects.exists()

    order = ordered(campaign, boss, anyway="The last week.")
    tasks.seal_ordered(str(order.pk))
    assert Event.objects.get(verb="batch.sealed_anyway").data["reason"] == "The last week."


def test_a_role_that_was_taken_back_meanwhile_refuses_it(campaign: Campaign, boss: User) -> None:
    order = ordered(campaign, boss)
    factories.manager(campaign)  # a campaign keeps one
    memberships.remove(membership=boss.memberships.get(), by=factories.user(is_superuser=True))

    tasks.seal_ordered(str(order.pk))

    order.refresh_from_db()
    assert order.refused and not Batch.objects.exists()


def test_a_worker_that_dies_leaves_the_order_open_and_nothing_sealed(
    campaign: Campaign, boss: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = ordered(campaign, boss)
    seal = sealing.seal

    def dies(**asked: Any) -> Batch:
        seal(**asked)
        raise SystemExit

    monkeypatch.setattr(sealing, "seal", dies)
    with pytest.raises(SystemExit):
        tasks.seal_ordered(str(order.pk))
    assert sealing_orders.unfinished() == [order.pk] and not Batch.objects.exists()

    monkeypatch.undo()
    tasks.seal_ordered(str(order.pk))
    assert Batch.objects.get() == SealingOrder.objects.get().batch


def test_sealing_tells_how_far_it_is(campaign: Campaign, boss: User) -> None:
    order = ordered(campaign, boss)
    campaigns = Campaign.objects.filter(pk=campaign.pk)
    (before,) = sealing_orders.shown(campaigns)
    assert before.is_open and before.standing is None

    tasks.seal_ordered(str(order.pk))

    told = progress.standing(batches.progress_of(this_week(), [campaign]))
    assert told is not None and told.expected == 1
    (after,) = sealing_orders.shown(campaigns)
    assert not after.is_open


def test_an_order_is_open_once_and_has_one_outcome(campaign: Campaign, boss: User) -> None:
    order = ordered(campaign, boss)
    with pytest.raises(IntegrityError, match="sealing_order_open_once"), transaction.atomic():
        SealingOrder.objects.create(campaign=campaign, week=this_week(), ordered_by=boss)
    tasks.seal_ordered(str(order.pk))
    with pytest.raises(IntegrityError, match="sealing_order_has_one_outcome"), transaction.atomic():
        SealingOrder.objects.update(refused="No.")
