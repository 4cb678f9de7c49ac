"""Comparisons: bring one in, bring in many, read what became of them. For managers of their campaign."""

from __future__ import annotations

import uuid
from functools import cache, partial
from typing import Any

import orjson
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotation import permissions
from preferences.actions import imports
from preferences.choices import ComparisonStatus, Purpose
from preferences.errors import DomainError, InvalidInput
from preferences.importing import ImportedComparison, parse
from preferences.lines import ID_LIMIT
from preferences.models import Campaign, Comparison
from webapp.accounts.actions import imported_annotator
from webapp.accounts.models import Scope, User
from webapp.api import managing, paging, reading
from webapp.api.authentication import person
from webapp.api.loading import NDJSON, REQUEST, Loaded, check_lines, load
from webapp.api.operations import Operation
from webapp.api.v1 import pairs
from webapp.api.v1.pairs import ComparisonInput, ComparisonOutput, WholeOutput
from webapp.pages.requests import campaign_or_404

CHUNK = 500
_SHOWN = ("campaign", "turn__dialogue", "turn__prompt", "response_a__variant", "response_b__variant")
_EARLIER = ("turn__dialogue__turns__prompt", "turn__dialogue__turns__chosen_response")


class Comparisons(Operation):
    scopes = {"GET": Scope.MANAGE, "POST": Scope.MANAGE}

    class Query(serializers.Serializer[Any]):
        campaign = serializers.SlugField(required=False, help_text="Only those of this campaign.")
        status = serializers.ChoiceField(choices=ComparisonStatus.choices, required=False)
        external_id = serializers.CharField(max_length=ID_LIMIT, required=False, help_text="Its `id` when it came.")

    Page = paging.pages_of(ComparisonOutput)

    @extend_schema(
        operation_id="comparisons_list",
        parameters=[Query, *paging.PARAMETERS],
        responses={200: Page},
        examples=[paging.example(pairs.EXAMPLE)],
    )
    def get(self, request: Request) -> Response:
        """The comparisons of the campaigns that the person manages, the newest first."""
        asked = reading.query(request, self.Query, paged=True)
        found = _managed(request).select_related("campaign")
        if "campaign" in asked:
            found = found.filter(campaign__slug=asked.pop("campaign"))
        return paging.page(request, found.filter(**asked), ComparisonOutput, order=("-id",))

    @extend_schema(
        operation_id="comparisons_create",
        request=ComparisonInput,
        responses={200: ComparisonOutput, 201: ComparisonOutput},
        examples=[
            OpenApiExample("a pair", pairs.INPUT, request_only=True),
            OpenApiExample("stored", pairs.EXAMPLE, response_only=True),
        ],
    )
    def post(self, request: Request) -> Response:
        """Brings in one pair, or one response where the campaign rates them, to be judged here or with its votes.

        An `id` that the campaign has already stores nothing: the answer is 200 and what is there.
        """
        slug = reading.body(request, ComparisonInput)["campaign"]
        campaign, by = _to_fill(slug, person(request)), person(request)
        line = {name: value for name, value in dict(request.data).items() if name != "campaign"}
        try:
            item = _parser(campaign)(orjson.dumps(line))
        except DomainError as error:
            raise InvalidInput(_("Nothing was stored: %(reason)s.") % {"reason": error}) from None
        made = _store(campaign, [item], by)
        found = campaign.comparisons.select_related("campaign").get(external_id=item.external_id)
        return Response(ComparisonOutput(found).data, status=201 if made.stored else 200)


class ManyComparisons(Operation):
    scopes = {"POST": Scope.MANAGE}
    in_one_transaction = False  # an id that is there already is passed by
    reads_a_stream = True

    @extend_schema(
        operation_id="comparisons_create_many",
        request=REQUEST,
        responses={200: Loaded},
        examples=[
            OpenApiExample(
                "two lines",
                "\n".join(orjson.dumps({**pairs.LINE, "id": name}).decode() for name in ("p-1", "p-2")),
                request_only=True,
                media_type=NDJSON,
            ),
            OpenApiExample(
                "one of them stored",
                {
                    "stored": 1,
                    "skipped": 0,
                    "failed": 1,
                    "lines": [{"line": 2, "reason": "“prompt” is missing"}],
                    "stopped_after": None,
                },
                response_only=True,
            ),
        ],
    )
    def post(self, request: Request, slug: str) -> Response:
        """Brings in one comparison a line, as it comes: the body may be as long as 256 MiB, a line as 5 MiB.

        A line that cannot be used is told with its number and the rest goes on, until ten thousand failed. A line
        counts as 64 bytes at least. What was cut off can be sent again as a whole: an `id` that the campaign has
        already is skipped.
        """
        check_lines(request)
        campaign, by = _to_fill(slug, person(request)), person(request)

        def store(chunk: list[ImportedComparison]) -> dict[str, int]:
            made = _store(campaign, chunk, by)
            return {"stored": len(made.stored), "skipped": len(made.skipped)}

        return Response(load(self.body_of(request), parse=_parser(campaign), store=store, at_once=CHUNK))


class OneComparison(Operation):
    scopes = {"GET": Scope.MANAGE}

    @extend_schema(
        operation_id="comparisons_read",
        responses={200: WholeOutput},
        examples=[OpenApiExample("judged", pairs.WHOLE, response_only=True)],
    )
    def get(self, request: Request, key: uuid.UUID) -> Response:
        """One comparison; its texts and judgments once it is finished: who reads them before could still judge it."""
        rows = _managed(request).select_related(*_SHOWN).prefetch_related(*_EARLIER)
        return Response(pairs.whole(get_object_or_404(rows, key=key)))


def _managed(request: Request) -> QuerySet[Comparison]:
    """Gold and repeats are hidden among the work, and here."""
    campaigns = managing.campaigns(request).order_by().values("pk")
    return Comparison.objects.filter(campaign__in=campaigns, purpose=Purpose.COLLECTION)


def _to_fill(slug: str, user: User) -> Campaign:
    campaign = campaign_or_404(slug)
    permissions.check_can_manage(user, campaign)
    return campaign


def _parser(campaign: Campaign) -> partial[ImportedComparison]:
    return partial(parse, scale=campaign.the_scale, most_votes=campaign.raters_per_item)


def _store(campaign: Campaign, items: list[ImportedComparison], by: User) -> imports.Imported:
    annotator_of = cache(partial(imported_annotator, campaign))
    return imports.add_chunk(campaign=campaign, items=items, annotator_of=annotator_of, by=by)
