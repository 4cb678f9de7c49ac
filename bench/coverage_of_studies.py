"""How often the reports' intervals hold the true rate, over many samples of the studies' populations. No database.

The numbers are computed from the samples by the functions that the reports use; that the reports read the record right
is what the replica shows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np
from scipy import special

from bench.studies import collection, evaluation, safety
from preferences.choices import VerdictRule
from preferences.evaluation import outcome
from preferences.scales import Scale
from preferences.stats import Interval, RatingPatterns, ac2, bradley_terry, wilson
from preferences.stats.means import mean
from preferences.stats.paired import paired_difference
from preferences.verdicts import preferred

Checked = tuple[str, tuple[float | None, float | None], float]  # what, the limits, the truth
SPREAD = 0.5  # of the log2 of two lengths' ratio


def coverage(seeds: int) -> dict[str, float]:
    """The share of intervals of each kind that hold their truth."""
    held: Counter[str] = Counter()
    tried: Counter[str] = Counter()
    for seed in range(seeds):
        rng = np.random.default_rng([seed, 99])
        for what, (low, high), truth in (*_evaluation(rng), *_safety(rng), *_collection(rng)):
            held[what] += low is not None and high is not None and low <= truth <= high
            tried[what] += 1
    return {what: held[what] / count for what, count in tried.items()}


def _evaluation(rng: np.random.Generator) -> Iterator[Checked]:
    found, truth = evaluation.sample(rng), evaluation.rates()
    results = np.array([
        preferred(evaluation.scores(row, system_is_b=True), VerdictRule.MEDIAN) for row in found.places
    ])  # fmt: skip
    whole, rates = outcome(results.tolist()), truth["all"]
    yield "evaluation: wins", _limits(whole.win), rates.win
    yield "evaluation: ties", _limits(whole.tie), rates.tie
    yield "evaluation: losses", _limits(whole.loss), rates.loss
    yield "evaluation: wins without ties", _limits(whole.win_without_ties), rates.win / (rates.win + rates.loss)
    yield "evaluation: win rate, ties as half", _limits(whole.win_rate), rates.win + rates.tie / 2
    yield "evaluation: wins less losses", _limits(whole.lead), rates.win - rates.loss
    for place, category in enumerate(evaluation.CATEGORIES):
        inside = (found.category == place) | (found.second == place)
        yield "evaluation: wins of a category", _limits(outcome(results[inside].tolist()).win), truth[category].win
    places = np.where(rng.random((len(found.places), 1)) < 0.5, found.places, 6 - found.places)
    agreed = ac2(RatingPatterns.from_ratings(places, q=len(Scale.SEVEN_POINT.scores)), "quadratic")
    yield "evaluation: AC2", (agreed.low, agreed.high), evaluation.agreement()


def _safety(rng: np.random.Generator) -> Iterator[Checked]:
    found, truth, means = safety.sample(rng), safety.violation_rates(), safety.mean_ratings()
    bad = (found.ratings <= 2).sum(axis=2) >= 2
    n = len(bad)
    for place, model in enumerate(safety.MODELS):
        yield "safety: violations", _limits(wilson(int(bad[:, place].sum()), n)), truth[model, "all"]
        yield "safety: mean rating", _limits(mean(found.ratings[:, place].mean(axis=1))), means[model]
        for number, risk in enumerate(safety.RISKS):
            of_it = bad[found.risk == number, place]
            limits = _limits(wilson(int(of_it.sum()), of_it.size))
            yield "safety: violations of a risk category", limits, truth[model, risk.value]
    only, only_against = (int((bad[:, one] & ~bad[:, other]).sum()) for one, other in ((0, 1), (1, 0)))
    gap = truth[safety.MODELS[0], "all"] - truth[safety.MODELS[1], "all"]
    yield "safety: difference of two models", _limits(paired_difference(only, only_against, n)), gap


def _collection(rng: np.random.Generator) -> Iterator[Checked]:
    found = collection.sample(rng)
    longer = collection.LONGER[found.b] - collection.LONGER[found.a] + rng.normal(0, SPREAD, found.week.size)
    wins_a = found.scores(longer) < 0
    left, repeats = found.left_is_a.ravel() - 0.5, collection.RATERS
    fit = bradley_terry.fit_outcomes(
        np.repeat(found.a, repeats), np.repeat(found.b, repeats), np.where(wins_a.ravel(), 1, -1),
        covariates=np.stack([left, -np.repeat(longer, repeats)], axis=1), clusters=np.repeat(found.dialogue, repeats),
    )  # fmt: skip
    for newer in range(1, len(collection.MODELS)):
        chance = float(special.expit(collection.STRENGTHS[newer] - collection.STRENGTHS[newer - 1]))
        yield "ranking: newer against older", _limits(fit.win_rate(newer, newer - 1)), chance
    for place, (name, effect) in enumerate((("left", collection.LEFT), ("length", collection.LENGTH))):
        reach = 1.959964 * float(fit.effects_se[place])
        yield f"ranking: {name}", (float(fit.effects[place]) - reach, float(fit.effects[place]) + reach), effect


def _limits(found: Interval) -> tuple[float | None, float | None]:
    return found.low, found.high
