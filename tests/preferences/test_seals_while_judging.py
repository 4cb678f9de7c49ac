"""People go on judging while a batch is sealed."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from annotation import queue
from preferences.actions import batches
from preferences.choices import ComparisonStatus
from preferences.models import Comparison, Judgment
from preferences.weeks import week_of
from tests import factories
from tests.concurrency import Beside

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_is_finished_while_a_batch_is_sealed_waits_for_the_next_one(monkeypatch: pytest.MonkeyPatch) -> None:
    campaign = factories.campaign()
    alice = factories.annotator(campaign)
    before = [factories.judged_comparison(campaign) for _ in range(3)]
    late = factories.comparison(campaign)
    held = queue.claim(campaign=campaign, by=alice)
    assert held is not None
    draw = batches.draw_held_out
    submits: list[Beside] = []

    def judge_meanwhile(*args: Any, **kwargs: Any) -> dict[int, str | None]:
        submits.append(Beside(lambda: queue.submit(key=held.key, by=alice, answer=queue.Answer(place=1))))
        return draw(*args, **kwargs)

    monkeypatch.setattr(batches, "draw_held_out", judge_meanwhile)
    batch = batches.seal(week=week_of(timezone.now()), campaigns=[campaign], by=None)
    assert isinstance(submits[0].outcome(), Judgment)
    assert [item.comparison for item in batch.items.order_by("place")] == before
    assert Comparison.objects.get(pk=late.pk).status == ComparisonStatus.JUDGED
    monkeypatch.undo()
    following = batches.seal(week=week_of(timezone.now()), campaigns=[campaign], by=None, name="the next one")
    assert [item.comparison for item in following.items.all()] == [late]
