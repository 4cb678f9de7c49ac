from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from tests.factories.rounds import RoundFactory

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
