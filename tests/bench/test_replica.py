"""The reports find the true rates of the paper's studies in a replica of them."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import pytest
from django.db import connection, transaction

from bench.coverage_of_studies import coverage
from bench.replica import Replica
from bench.studies import collection, evaluation, safety
from preferences.evaluation import Facet as EvaluationFacet
from preferences.evaluation import evaluation as evaluated
from preferences.models import BatchItem, Judgment
from preferences.ranking import ranking
from preferences.violations import violations

pytestmark = pytest.mark.django_db


class Estimate(Protocol):
    low: float | None
    high: float | None


def holds(estimate: Estimate, truth: float) -> bool:
    return estimate.low is not None and estimate.high is not None and estimate.low <= truth <= estimate.high


def test_the_evaluations_report_finds_the_true_rates() -> None:
    campaign = Replica(seed=1, checked=False).add_evaluation()
    (match,) = evaluated(campaign).matches
    truth = evaluation.rates()
    found = match.outcome
    assert (match.system.name, found.prompts) == ("replica-chat-70b", 4_173)
    assert holds(found.win, truth["all"].win) and holds(found.tie, truth["all"].tie)
    assert holds(found.loss, truth["all"].loss) and holds(found.win_rate, truth["all"].win + truth["all"].tie / 2)
    assert holds(match.agreement, evaluation.agreement())
    lines = {line.value: line.outcome for line in match.lines if line.facet is EvaluationFacet.CATEGORY}
    assert [name for name, one in lines.items() if not holds(one.win, truth[str(name)].win)] == []
    single = next(line for line in match.lines if line.facet is EvaluationFacet.TURNS and line.value == 1)
    assert single.outcome.prompts == 1_917 and holds(single.outcome.win, truth["single"].win)


def test_the_safety_evaluations_report_finds_the_true_rates() -> None:
    campaign = Replica(seed=1, checked=False).add_safety()
    found = violations(campaign)
    truth, means = safety.violation_rates(), safety.mean_ratings()
    assert [rated.variant.name for rated in found.rated] == ["replica-plain-chat", "replica-safe-chat"]
    for rated in found.rated:
        model = rated.variant.name.removeprefix("replica-")
        assert rated.safety.responses == 1_974 and holds(rated.safety.violation, truth[model, "all"])
        assert holds(rated.safety.rating, means[model])
        lines = [line for line in rated.lines if (model, line.value) in truth]
        assert len(lines) == 5
        assert [line.value for line in lines if not holds(line.safety.violation, truth[model, line.value])] == []
    (difference,) = found.differences
    assert difference.prompts == 1_974
    assert holds(difference.violation, truth["plain-chat", "all"] - truth["safe-chat", "all"])
    assert [line.safety.responses for line in found.batches][:-1] == [790, 790, 790, 790]


def test_the_ranking_finds_the_true_strengths() -> None:
    campaign = Replica(seed=1, checked=False, size=0.15).add_collection()
    found = ranking([campaign])
    centred = collection.STRENGTHS - collection.STRENGTHS.mean()
    truth = {f"replica-{name}": float(strength) for name, strength in zip(collection.MODELS, centred, strict=True)}
    assert [one.variant.name for one in found.ranked if not holds(one.adjusted, truth[one.variant.name])] == []
    assert BatchItem.objects.values("batch").distinct().count() == 13


def test_a_replica_is_what_the_database_demands_and_the_same_for_the_same_seed() -> None:
    assert ratings(seed=3) == ratings(seed=3)


def test_another_seed_is_another_sample_and_every_interval_is_held_against_its_truth() -> None:
    one, other = (evaluation.sample(np.random.default_rng(seed)).places for seed in (1, 2))
    assert (one != other).any()
    found = coverage(2)
    assert len(found) == 15 and set(found.values()) <= {share / 20 for share in range(21)}
    assert sum(found.values()) > 12


def ratings(seed: int) -> list[tuple[int, str]]:
    """Of a small replica, with every check, which is forgotten again."""
    with transaction.atomic():
        replica = Replica(seed=seed, size=0.01)
        made = [replica.add_evaluation(), replica.add_safety(), replica.add_collection()]
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        judgments = Judgment.objects.filter(comparison__campaign__in=made).order_by("pk")
        found = list(judgments.values_list("score", "shown_left"))
        transaction.set_rollback(True)
    assert len(found) > 300
    return found
