"""The files of a sweep: what its charts show, nothing rounded, and every reward."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from django.http import StreamingHttpResponse

from preferences.stats import Interval
from webapp.pages.files import Cell, csv_file
from workers.models import TemperatureSweep
from workers.temperature import curves, results

LIMITS = ("", "_low", "_high")


def best(sweep: TemperatureSweep) -> StreamingHttpResponse:
    """The best of each number of answers at each temperature."""
    found = results.measured(sweep)
    chosen = results.best(sweep, found)
    heads = [
        "temperature",
        "best_of",
        *(f"reward{end}" for end in LIMITS),
        "smoothed",
        "best_in_share",
        "alike_to_best",
    ]

    def rows() -> Iterator[list[Cell]]:
        for n, curve in curves.best_by_temperature(sweep, found, range(1, sweep.answers + 1)).items():
            decides = n == sweep.best_of
            for place, (temperature, mean) in enumerate(zip(curve.x, curve.means, strict=True)):
                fit: list[Cell] = [
                    float(chosen.fitted[place]),
                    float(chosen.shares[place]),
                    "yes" if chosen.alike[place] else "no",
                ]
                yield [temperature, n, *_limits(mean), *(fit if decides else [None, None, None])]

    return _file(sweep, "best", heads, rows())


def answers(sweep: TemperatureSweep) -> StreamingHttpResponse:
    found = results.measured(sweep)
    names = ("best", "median", "gain")
    drawn = curves.by_answers(sweep, found, results.best(sweep, found).place)
    heads = ["answers", *(f"{name}{end}" for name in names for end in LIMITS)]
    rows = (
        [n, *(limit for curve in drawn for limit in _limits(curve.means[place]))] for place, n in enumerate(drawn[0].x)
    )
    return _file(sweep, "answers", heads, rows)


def self_bleu(sweep: TemperatureSweep) -> StreamingHttpResponse:
    heads = ["questions", "temperature", *(f"self_bleu{end}" for end in LIMITS)]
    rows: Iterator[list[Cell]] = (
        [kind, temperature, *_limits(mean)]
        for kind, curve in curves.self_bleu_by_temperature(sweep).items()
        for temperature, mean in zip(curve.x, curve.means, strict=True)
    )
    return _file(sweep, "self-bleu", heads, rows)


def rewards(sweep: TemperatureSweep) -> StreamingHttpResponse:
    """Every answer of every prompt that has all of them at a temperature."""

    def rows() -> Iterator[list[Cell]]:
        for one in sweep.swept.all():
            for prompt, (of_prompt, lengths) in enumerate(zip(one.rewards, one.lengths, strict=True), start=1):
                for number, (reward, tokens) in enumerate(zip(of_prompt or (), lengths or (), strict=False), start=1):
                    yield [one.temperature, prompt, number, reward, tokens]

    return _file(sweep, "rewards", ["temperature", "prompt", "answer", "reward", "tokens"], rows())


FILES: Mapping[str, Callable[[TemperatureSweep], StreamingHttpResponse]] = {
    "best": best,
    "answers": answers,
    "self-bleu": self_bleu,
    "rewards": rewards,
}


def _file(sweep: TemperatureSweep, name: str, heads: list[str], rows: Iterator[list[Cell]]) -> StreamingHttpResponse:
    return csv_file(f"temperatures-{sweep.pk}-{name}", heads, rows)


def _limits(mean: Interval) -> list[Cell]:
    return [mean.value, mean.low, mean.high]
