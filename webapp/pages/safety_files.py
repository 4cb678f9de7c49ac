"""The files of a safety evaluation."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import StreamingHttpResponse

from preferences.models import Campaign
from preferences.verdicts import violating
from preferences.violations import violations
from webapp.pages.files import Cell, csv_file


def violations_by(campaign: Campaign) -> StreamingHttpResponse:
    """Every line of every variant, and the batches of all of them, with all limits."""
    found = violations(campaign)
    names = ("violation", "mean_rating", "ac2_quadratic", "ac2_ordinal", "ac1_violation")
    heads = [
        "variant", "by", "value", "responses", "violating", "even_splits",
        *(f"{name}{end}" for name in names for end in ("", "_low", "_high")), "confidence",
    ]  # fmt: skip

    def rows() -> Iterator[list[Cell]]:
        lines = [(one.variant.name, "all", "", one.safety) for one in found.rated]
        lines += [
            (one.variant.name, line.facet.value, line.value, line.safety) for one in found.rated for line in one.lines
        ]
        lines += [("", line.facet.value, line.value, line.safety) for line in found.batches]
        for variant, facet, value, safety in lines:
            agreements = safety.agreements
            estimates = (
                safety.violation, safety.rating, agreements.quadratic, agreements.ordinal, agreements.binary
            )  # fmt: skip
            yield [
                variant, facet, value, safety.responses, safety.violating, safety.even,
                *(limit for one in estimates for limit in (one.value, one.low, one.high)), safety.violation.confidence,
            ]  # fmt: skip

    return csv_file(f"{campaign.slug}-violations", heads, rows())


def differences(campaign: Campaign) -> StreamingHttpResponse:
    heads = [
        "variant", "against", "prompts", "both", "variant_only", "against_only", "difference", "difference_low",
        "difference_high", "confidence",
    ]  # fmt: skip
    rows: Iterator[list[Cell]] = (
        [
            one.variant.name, one.against.name, one.prompts, one.both, one.only, one.only_against,
            one.violation.value, one.violation.low, one.violation.high, one.violation.confidence,
        ]
        for one in violations(campaign).differences
    )  # fmt: skip
    return csv_file(f"{campaign.slug}-differences", heads, rows)


def responses(campaign: Campaign) -> StreamingHttpResponse:
    """Every response with its ratings as they were given, and whether it is violating."""
    found = violations(campaign)
    most = max((len(item.votes.ratings) for rated in found.rated for item in rated.items), default=0)
    heads = [
        "item", "variant", "violating", *(f"rating_{number}" for number in range(1, most + 1)),
        "risk_category", "attack_vector", "messages", "batch", "finished_at",
    ]  # fmt: skip

    def rows() -> Iterator[list[Cell]]:
        for rated in found.rated:
            for item in rated.items:
                given = item.votes.ratings
                yield [
                    str(item.key), rated.variant.name, int(violating(item.votes.decisive())),
                    *given, *[None] * (most - len(given)), item.risk_category, item.attack_vector, item.turns,
                    item.batch, item.finished_at.isoformat(),
                ]  # fmt: skip

    return csv_file(f"{campaign.slug}-responses", heads, rows())
