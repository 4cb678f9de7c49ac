"""The pages of a pair cost a fixed, small number of queries, however much there is in the campaign."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotation.ordering import RESERVED_FOR_AUTHOR
from preferences.choices import Track
from preferences.models import Campaign, Comparison, Judgment
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)

MOST = 12
FEW, MANY = 3, 9


def pairs(campaign: Campaign, count: int, *, turns: int) -> None:
    """`count` pairs that wait; the oldest three end dialogues of so many turns, others have none before them."""
    for number in range(count):
        if number >= FEW or turns == 1:
            factories.comparison(campaign)
            continue
        author = factories.annotator(campaign)
        said = factories.dialogue_turns(campaign, [f"Message {number}.{turn}" for turn in range(turns)], by=author)
        factories.comparison(of=said[-1])
    made = campaign.comparisons.first()
    assert made is not None
    Comparison.objects.filter(campaign=campaign).update(created_at=made.created_at - 2 * RESERVED_FOR_AUTHOR)


def queries_of(call: Callable[[], Any]) -> list[str]:
    """What the call asked of the database. Where a transaction begins and ends is no question."""
    with CaptureQueriesContext(connection) as captured:
        assert call().status_code == 200
    return [query["sql"] for query in captured.captured_queries if query["sql"] not in ("BEGIN", "COMMIT")]


def work(track: str, count: int, *, turns: int) -> tuple[list[str], list[str]]:
    """The queries of a look at the first pair, and of the answer that brings the second."""
    campaign = factories.campaign(track=track, max_turns=turns, raters_per_item=3 if turns == 1 else 1)
    pairs(campaign, count, turns=turns)
    client = Client()
    client.force_login(factories.annotator(campaign))
    address = client.get(f"/campaigns/{campaign.slug}/next/").headers["Location"]
    safety = {"safety_left": "4", "safety_right": "4"} if campaign.is_safety else {}
    already = Judgment.objects.count()
    pages = []

    def submit() -> Any:
        response = client.post(address, {"verdict": "3", **safety}, headers={"HX-Request": "true"})
        pages.append(response.content.decode())
        return response

    looked, sent = queries_of(lambda: client.get(address)), queries_of(submit)
    assert Judgment.objects.count() == already + 1
    form = re.search(r'action="(/compare/[^"]+)" id="compare"', pages[0])
    assert form and form[1] != address, "The answer brings the next pair, with no further request."
    assert pages[0].count('class="message') == 2 * turns - 1
    return looked, sent


def listed(queries: list[str]) -> str:
    return "\n\n".join(f"{number}. {sql}" for number, sql in enumerate(queries, 1))


@pytest.mark.parametrize("turns", [1, 4])
@pytest.mark.parametrize("track", list(Track))
def test_a_pair_costs_the_same_few_queries_in_a_small_campaign_and_in_a_large_one(track: Track, turns: int) -> None:
    for few, many in zip(work(track, FEW, turns=turns), work(track, MANY, turns=turns), strict=True):
        assert len(many) <= MOST, listed(many)
        assert len(few) == len(many), f"few:\n{listed(few)}\n\nmany:\n{listed(many)}"


def test_a_dialogue_of_four_turns_costs_as_many_queries_as_one_of_one_turn() -> None:
    alone, after_three = (work(Track.HELPFULNESS, FEW, turns=turns) for turns in (1, 4))
    for short, long in zip(alone, after_three, strict=True):
        assert len(short) == len(long), f"one turn:\n{listed(short)}\n\nfour turns:\n{listed(long)}"
