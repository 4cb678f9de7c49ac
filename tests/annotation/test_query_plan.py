"""PostgreSQL finds the next comparison along an index, however many are open."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotation import claimants, leases, ordering
from annotation.models import Assignment
from bench import crowded
from preferences.choices import AssignmentStatus
from preferences.models import Campaign, Slot
from tests import factories
from tests.annotation.helpers import new_annotator, new_user, open_campaign
from webapp.accounts.models import User

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


def plan_of(slots: QuerySet[Slot] | QuerySet[User]) -> list[dict[str, Any]]:
    (explained,) = json.loads(slots[:1].explain(format="json"))
    return list(nodes(explained["Plan"]))


@pytest.mark.parametrize("limit", [8, 1], ids=["as a page begins", "after the lock of a submit"])
def test_each_look_reads_a_window_of_the_index_and_no_table_from_end_to_end(campaign: Campaign, limit: int) -> None:
    claimant = claimants.at_work(new_annotator(campaign), campaign)
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL join_collapse_limit = {limit}")
    begun_first, unbegun, everything = (
        ordering.candidates(look, values) for look, values in ordering.looks(campaign, claimant)
    )

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


@pytest.mark.parametrize("part", ordering.Part)
def test_no_look_goes_through_the_queue_for_each_pair_of_it(campaign: Campaign, part: ordering.Part) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # so that PostgreSQL knows that nothing tells these prompts and authors apart
    claimant = claimants.at_work(new_annotator(campaign), campaign)
    (asked,) = [(look, values) for look, values in ordering.looks(campaign, claimant) if look.part is part]

    with CaptureQueriesContext(connection) as captured:
        assert leases.prepared_look.__wrapped__(asked[0]).first(asked[1]) is not None
    (sent,) = captured.captured_queries
    last = sent["sql"].rpartition("; ")[2]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {last}")
        plan = list(nodes(cursor.fetchone()[0][0]["Plan"]))

    assert max(node["Actual Loops"] for node in plan) <= 2 * OPEN


@pytest.mark.django_db
def test_what_somebody_had_before_is_found_however_much_others_did_since() -> None:
    campaign = open_campaign()
    away, others = new_annotator(campaign), [new_user() for _ in range(20)]
    first = factories.submitted_assignment(campaign, away)
    given_back = {"slot": first.slot, "comparison": first.comparison, "shown_left": "a"}
    times = {"created_at": first.created_at, "beaten_at": first.beaten_at, "leased_until": first.leased_until}
    status = AssignmentStatus.RELEASED
    Assignment.objects.bulk_create(
        Assignment(annotator=other, status=status, **given_back, **times) for other in others for _ in range(OPEN // 20)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE annotation_assignment")

    facts = claimants.facts(campaign, away, timezone.now())
    plan = plan_of(User.objects.filter(pk=away.pk).annotate(before=facts["before"]))

    read = {node["Index Name"] for node in plan if node.get("Relation Name") == "annotation_assignment"}
    assert read == {"assignment_latest"}
