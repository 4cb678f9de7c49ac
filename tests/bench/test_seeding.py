"""The benchmark's rows are those that the actions would have written: every key, constraint and trigger takes them."""

from __future__ import annotations

import pytest
from django.db import connection

from annotation import queue
from annotation.models import Assignment
from bench import world
from bench.seeding import Seeding
from preferences.choices import ComparisonStatus, SlotStatus
from preferences.models import Comparison, Judgment, Slot, Turn
from tests import factories


@pytest.mark.django_db
def test_a_seeded_record_holds_what_the_database_demands_and_can_be_worked_on() -> None:
    factories.submitted_assignment(factories.campaign())
    made = world.make()
    Seeding(made, made.annotator("ahead"), 400).write()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    seeded = Comparison.objects.filter(campaign__in=made.campaigns)
    assert seeded.count() == 400
    assert seeded.filter(status=ComparisonStatus.JUDGED).count() == 240
    filled = Slot.objects.filter(status=SlotStatus.FILLED).count()
    assert Judgment.objects.count() == Assignment.objects.count() == filled > 720
    for turn in Turn.objects.filter(index__gt=0).select_related("dialogue"):
        assert [message["role"] for message in turn.messages()] == ["user", "assistant"] * turn.index + ["user"]

    person = made.annotator("late")
    for campaign in made.campaigns:
        claimed = queue.claim(campaign=campaign, by=person)
        assert claimed is not None
        left = campaign.slots.filter(status=SlotStatus.OPEN)
        assert claimed.slot.number >= max(left.values_list("number", flat=True))
