"""PostgreSQL finds the next comparison along an index, however many are open."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet

from annotation import claimants, ordering
from bench import crowded
from preferences.models import Campaign, Slot
from tests import factories
from tests.annotation.helpers import new_annotator, open_campaign

OPEN = 4_000


@pytest.fixture
def campaign(db: None) -> Campaign:
    campaign = open_campaign(raters_per_item=2)
    factories.comparison(campaign)
    crowded.fill(campaign, OPEN)
    return campaign


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", []):
        yield from nodes(inner)


def plan_of(slots: QuerySet[Slot]) -> list[dict[str, Any]]:
    (explained,) = json.loads(slots[:1].explain(format="json"))
    return list(nodes(explained["Plan"]))


@pytest.mark.parametrize("limit", [8, 1], ids=["as a page begins", "after the lock of a submit"])
def test_each_look_reads_a_window_of_the_index_and_no_table_from_end_to_end(campaign: Campaign, limit: int) -> None:
    claimant = claimants.at_work(new_annotator(campaign), campaign)
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL join_collapse_limit = {limit}")
    begun_first, unbegun, everything = ordering.candidates(campaign, claimant)

    for look in (begun_first, unbegun):
        plan = plan_of(look)
        read_whole = {node["Relation Name"] for node in plan if node["Node Type"] == "Seq Scan"}
        assert read_whole & crowded.LARGE == set()
        windows = [node for node in plan if node.get("Index Name") == "slot_open"]
        assert windows
        limits = [node for node in plan if node["Node Type"] == "Limit" and node["Plan Rows"] == ordering.WINDOW]
        assert limits, "the window is cut off before anything is joined to it"
    (first_look,) = [node for node in plan_of(begun_first) if node.get("Index Name") == "slot_open"]
    assert "Sort" not in {node["Node Type"] for node in plan_of(ordering.first_of(campaign, None))}
    assert first_look["Node Type"] in ("Index Scan", "Index Only Scan")
    assert everything.query.order_by == ordering.ORDER
