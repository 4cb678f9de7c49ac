"""A manager keeps comparisons for certain people while others take them."""

from __future__ import annotations

import pytest
from django.db import transaction

from annotation import ordering
from preferences.actions import pools, slots
from preferences.models import Slot
from tests.annotation.helpers import claimed, new_annotator, new_comparison, open_campaign
from tests.concurrency import Beside

pytestmark = pytest.mark.django_db(transaction=True)


def test_who_is_leasing_and_who_keeps_do_not_wait_for_each_other() -> None:
    campaign = open_campaign(raters_per_item=3)
    new_comparison(campaign)
    # Once the second slot is open it lies behind the third, which waits: a bare UPDATE meets them in that order.
    claimed(campaign, new_annotator(campaign))
    pool = pools.create(campaign=campaign, name="Doctors", by=None)

    with transaction.atomic():
        slot = ordering.lockable(campaign).get()
        keeping = Beside(lambda: pools.keep(pool=pool, count=1, by=None))
        slots.lease(slot)

    assert keeping.outcome() == 1
    assert set(Slot.objects.values_list("number", "pool")) == {(number, pool.pk) for number in range(3)}
