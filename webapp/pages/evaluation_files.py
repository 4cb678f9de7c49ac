"""The files of a helpfulness evaluation."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import StreamingHttpResponse

from preferences.evaluation import Line, evaluation
from preferences.models import Campaign
from webapp.pages.files import Cell, csv_file


def outcomes(campaign: Campaign) -> StreamingHttpResponse:
    """Every line of every pair, with all limits."""
    found = evaluation(campaign)
    intervals = ("win", "tie", "loss", "win_without_ties", "win_rate", "lead")
    heads = [
        "system", "against", "by", "value", "prompts", "wins", "ties", "losses",
        *(f"{name}{end}" for name in (*intervals, "ac2") for end in ("", "_low", "_high")),
        "confidence", "verdict_rule",
    ]  # fmt: skip

    def rows() -> Iterator[list[Cell]]:
        for match in found.matches:
            lines = [("all", "", match.outcome, match.agreement)]
            lines += [(line.facet.value, _plain(line), line.outcome, line.agreement) for line in match.lines]
            for cut, value, outcome, agreement in lines:
                estimates = [*(getattr(outcome, name) for name in intervals), agreement]
                yield [
                    match.system.name, match.against.name, cut, value,
                    outcome.prompts, outcome.wins, outcome.ties, outcome.losses,
                    *(limit for one in estimates for limit in (one.value, one.low, one.high)),
                    agreement.confidence, found.rule.value,
                ]  # fmt: skip

    return csv_file(f"{campaign.slug}-outcomes", heads, rows())


def verdicts(campaign: Campaign) -> StreamingHttpResponse:
    """Every prompt with its ratings, turned so that a number above zero is for `system`."""
    found = evaluation(campaign)
    most = max((len(item.votes.ratings) for match in found.matches for item, _ in match.verdicts), default=0)
    heads = [
        "comparison", "system", "against", "verdict", *(f"rating_{number}" for number in range(1, most + 1)),
        "category", "second_category", "messages", "prompt_words", "response_words", "finished_at",
    ]  # fmt: skip

    def rows() -> Iterator[list[Cell]]:
        for match in found.matches:
            for item, result in match.verdicts:
                turned = 1 if item.variant_b == match.system.pk else -1
                scores: list[Cell] = ["neither" if one is None else turned * one for one in item.votes.ratings]
                yield [
                    str(item.key), match.system.name, match.against.name, {1: "win", 0: "tie", -1: "loss"}[result],
                    *scores, *[None] * (most - len(scores)), item.category, item.second_category, item.turns,
                    item.prompt_words, item.response_words, item.finished_at.isoformat(),
                ]  # fmt: skip

    return csv_file(f"{campaign.slug}-verdicts", heads, rows())


def _plain(line: Line) -> str:
    return "-".join(map(str, line.value)) if isinstance(line.value, tuple) else str(line.value)
