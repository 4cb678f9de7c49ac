"""Plans and sweeps at once: each in a thread with its own connection."""

from __future__ import annotations

from functools import partial

import pytest
from django.db import transaction

from preferences.models import Campaign
from tests import factories
from tests.concurrency import Beside, at_once
from tests.factories.temperatures import found_at, planned_campaign, requested_sweep
from tests.workers.temperature.helpers import taken
from workers import plans, rounds
from workers.temperature import holding

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_temperature_that_is_chosen_while_a_round_opens_reaches_the_new_plan() -> None:
    campaign = planned_campaign(prompts=1)
    old = campaign.sampling_plan.get()
    sweep = requested_sweep(campaign)
    holder = taken(sweep)
    for temperature in sweep.grid:
        assert holding.record(sweep=sweep, holder=holder, found=found_at(sweep, temperature))
    with transaction.atomic():
        rounds.open_round(campaign=campaign, new=factories.variant(), against={old.first: 1.0}, by=None, anyway=True)
        finishing = Beside(partial(holding.finish, sweep=sweep, holder=holder))
    assert finishing.outcome() is True
    line = campaign.sampling_plan.get()
    assert (line.second, line.second_temperature) == (old.first, 0.8)


def test_a_new_variants_lines_are_added_once_however_often_it_is_clicked() -> None:
    campaign: Campaign = factories.campaign()
    old, new = (factories.variant(name, iteration=name) for name in ("v1", "v2"))
    at_once([partial(plans.add_new, campaign=campaign, new=new, by=None, anyway=True)] * 4)
    assert [(line.first, line.second) for line in campaign.sampling_plan.all()] == [(new, old)]
