"""Agreement of a campaign: Gwet's AC2 with its interval, of the whole and of its parts."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from preferences.agreement import WEIGHTS, pairs_of
from preferences.cuts import Cut
from preferences.stats.agreement import Agreement
from webapp.accounts.models import Scope
from webapp.api import reading
from webapp.api.operations import Operation
from webapp.api.v1.campaigns import judged
from webapp.counted import SECONDS
from webapp.pages.agreement_counts import Counts
from webapp.pages.figures import translated

PARTS = [cut.value for cut in Cut if cut not in (Cut.CAMPAIGN, Cut.TRACK)]
OF_THE_WHOLE = {
    "value": 0.52,
    "low": 0.49,
    "high": 0.55,
    "se": 0.0153,
    "percent_agreement": 0.81,
    "chance_agreement": 0.604,
    "comparisons": 840,
    "pairs": 790,
    "ratings": 2391,
    "note": None,
}


class FiguresOutput(serializers.Serializer[Any]):
    value = serializers.FloatField(allow_null=True, help_text="AC2; null where the ratings cannot tell.")
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    se = serializers.FloatField(allow_null=True)
    percent_agreement = serializers.FloatField(allow_null=True, help_text="Observed, weighted, from 0 to 1.")
    chance_agreement = serializers.FloatField(allow_null=True)
    comparisons = serializers.IntegerField(help_text="With at least one rating.")
    pairs = serializers.IntegerField(help_text="With at least two: those that say something of agreement.")
    ratings = serializers.IntegerField()
    note = serializers.CharField(allow_null=True, help_text="Why a number is missing or easy to misread.")


class HeldOutput(serializers.Serializer[Any]):
    """By dialogues, whose turns are not independent; of few comparisons the one that few are known to need."""

    value = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)


class PartOutput(FiguresOutput):
    key = serializers.CharField(help_text="Empty for what is in no part.")
    label = serializers.CharField()  # type: ignore[assignment]  # a field is no attribute of its serializer


class CampaignAgreement(Operation):
    scopes = {"GET": Scope.MANAGE}

    class Query(serializers.Serializer[Any]):
        by = serializers.ChoiceField(choices=PARTS, required=False, help_text="The parts that are told apart.")

    class Output(serializers.Serializer[Any]):
        campaign = serializers.CharField()
        coefficient = serializers.CharField(help_text="AC2.")
        weights = serializers.CharField()
        confidence = serializers.FloatField(help_text="Of the intervals.")
        gate = serializers.FloatField(allow_null=True, help_text="The AC2 that the campaign is to reach.")
        raters = serializers.IntegerField(help_text="People who rated.")
        counted_at = serializers.DateTimeField(help_text=f"What is told is at most {SECONDS} seconds old.")
        whole = FiguresOutput()
        held = HeldOutput(help_text="The interval that is held against the gate.")
        parts = PartOutput(many=True, help_text="Empty unless asked for.")

    @extend_schema(
        operation_id="campaigns_agreement",
        parameters=[Query],
        responses={200: Output},
        examples=[
            OpenApiExample(
                "by week",
                {
                    "campaign": "helpful",
                    "coefficient": "AC2",
                    "weights": WEIGHTS,
                    "confidence": 0.95,
                    "gate": 0.4,
                    "raters": 31,
                    "counted_at": "2026-11-23T00:15:02Z",
                    "whole": OF_THE_WHOLE,
                    "held": {"value": 0.52, "low": 0.485, "high": 0.555},
                    "parts": [{"key": "2026-11-16", "label": "2026-W47", **OF_THE_WHOLE}],
                },
                response_only=True,
            )
        ],
    )
    def get(self, request: Request, slug: str) -> Response:
        """How well the campaign's annotators agree, as its page of agreement says; 404 where nobody is compared."""
        campaign, by = judged(request, slug), reading.query(request, self.Query).get("by")
        counts = Counts(campaign)
        precision, raters = counts.precision(), counts.raters()
        known, parts = precision.value, counts.parts(Cut(by)) if by else None
        told = {
            "campaign": campaign.slug,
            "coefficient": known.plain.coefficient,
            "weights": WEIGHTS,
            "confidence": known.plain.confidence,
            "gate": campaign.agreement_gate,
            "raters": raters.value,
            "counted_at": min(one.at for one in (precision, raters, parts) if one),
            "whole": _figures(known.plain, pairs_of(known.patterns)),
            "held": known.held,
            "parts": [
                {"key": line.key, "label": line.label, **_figures(line.agreement, line.pairs)}
                for line in (counts.lines(Cut(by)) if by else [])
            ],
        }
        return Response(self.Output(told).data)


def _figures(agreement: Agreement, pairs: int) -> dict[str, Any]:
    said = translated(agreement)
    names = ("value", "low", "high", "se", "percent_agreement", "chance_agreement", "ratings", "note")
    return {**{name: getattr(said, name) for name in names}, "comparisons": said.units, "pairs": pairs}
