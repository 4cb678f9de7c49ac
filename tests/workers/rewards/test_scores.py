"""Orders of scores: taken by one worker at a time, over with scores or a reason, and then without words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from django.db import IntegrityError, InternalError, transaction
from django.utils import timezone

from preferences.errors import Conflict, InvalidInput
from preferences.models import Event
from tests import factories
from tests.clock import Clock
from workers.models import RewardModel, ScoringOrder
from workers.rewards import running, scores, tasks, work
from workers.rewards.errors import RewardError

pytestmark = pytest.mark.django_db
ITEMS = [{"messages": [{"role": "user", "content": "Why?"}], "response": answer} for answer in ("So.", "Because.")]


@pytest.fixture
def model() -> RewardModel:
    return factories.trained_reward_model()


@pytest.fixture
def order(model: RewardModel) -> ScoringOrder:
    return scores.request(model=model, items=ITEMS, by=None)


def now(order: ScoringOrder) -> ScoringOrder:
    return ScoringOrder.objects.get(pk=order.pk)


def test_a_worker_scores_them_in_their_order_and_their_words_go(
    order: ScoringOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    def score(module: str, folder: str, source: str, out: str) -> str:
        lines = [orjson.loads(line) for line in Path(source).read_bytes().splitlines()]
        asked.append((module, folder, lines))
        scored = [{**line, "score": len(line["response"])} for line in lines]
        Path(out).write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in scored))
        return ""

    monkeypatch.setattr(running, "call", score)
    assert work.score(order) and not work.score(order)
    assert asked == [("workers.rewards.scoring", order.model.location, ITEMS)]
    over = now(order)
    assert (over.scores, over.items, over.problem, over.holder) == ([3.0, 8.0], None, "", None)
    verbs = Event.objects.filter(subject=f"scoringorder:{order.pk}").values_list("verb", flat=True)
    assert list(verbs) == ["scoring_order.requested", "scoring_order.finished"]
    assert "Because" not in str(list(Event.objects.values_list("data", flat=True)))


def test_what_cannot_be_scored_says_why(order: ScoringOrder, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: str) -> str:
        raise RewardError("The folder holds no weights.")

    monkeypatch.setattr(running, "call", refuse)
    assert work.score(order)
    assert (now(order).scores, now(order).items, now(order).problem) == (None, None, "The folder holds no weights.")


def test_what_a_dead_worker_held_is_taken_up_and_its_late_scores_are_refused(order: ScoringOrder, clock: Clock) -> None:
    first = scores.take(order=order)
    assert first is not None and scores.take(order=order) is None
    assert scores.renew(order=order, holder=first)
    clock.goes(seconds=31)
    second = scores.take(order=order)
    assert second is not None and second != first and not scores.renew(order=order, holder=first)
    assert not scores.finish(order=order, holder=first, scores=[1.0, 2.0])
    assert scores.finish(order=order, holder=second, scores=[3.0, 4.0]) and now(order).scores == [3.0, 4.0]


def test_what_kills_its_workers_ends_and_so_does_what_nobody_scores(model: RewardModel, clock: Clock) -> None:
    deadly, left = (scores.request(model=model, items=ITEMS, by=None) for _ in range(2))
    for _ in range(scores.MOST_ATTEMPTS):
        assert scores.take(order=deadly) is not None
        clock.goes(minutes=1)
    assert scores.take(order=deadly) is None and now(deadly).problem == scores.SILENT
    clock.goes(hours=23)
    assert scores.expire() == 0
    clock.goes(hours=1)
    assert scores.expire() == 1 and (now(left).problem, now(left).items) == (scores.LEFT, None)


def test_the_sweep_calls_a_worker_for_what_waits(order: ScoringOrder, monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[Any] = []
    monkeypatch.setattr(tasks.score, "apply_async", lambda arguments, **_options: called.append(arguments))
    tasks.sweep()
    assert called == [(str(order.pk),)]


def test_only_a_trained_model_scores_and_not_more_than_it_can_at_once(model: RewardModel) -> None:
    with pytest.raises(Conflict):
        scores.request(model=factories.reward_model(), items=ITEMS, by=None)
    long = [{"messages": [], "response": "x" * scores.MOST_CHARACTERS}, *ITEMS]
    for items in ([], ITEMS * scores.MOST_ITEMS, long):
        with pytest.raises(InvalidInput) as refusal:
            scores.request(model=model, items=items, by=None)
        assert refusal.value.field == "items"


def test_the_database_refuses_an_order_that_contradicts_itself(order: ScoringOrder) -> None:
    rows = ScoringOrder.objects.filter(pk=order.pk)
    at = timezone.now()
    for changed, name in (
        ({"leased_until": at}, "scoring_order_leased_while_held"),
        ({"finished_at": at}, "scoring_order_over_with_scores_or_a_problem"),
        ({"finished_at": at, "items": None}, "scoring_order_over_with_scores_or_a_problem"),
        ({"finished_at": at, "scores": [1.0], "problem": "x"}, "scoring_order_over_with_scores_or_a_problem"),
        ({"scores": [1.0]}, "scoring_order_over_with_scores_or_a_problem"),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            rows.update(**changed)
    rows.update(finished_at=at, items=None, scores=[1.0, 2.0])
    with pytest.raises(InternalError, match="Cannot update or delete"), transaction.atomic():
        rows.update(scores=[2.0, 1.0])
