from __future__ import annotations

from functools import cache
from typing import Any

import orjson

from preferences.actions import imports
from preferences.importing import ImportedComparison, parse
from preferences.models import Campaign
from tests.factories.numbers import number
from webapp.accounts.actions import imported_annotator
from webapp.accounts.models import User


def vote(annotator: str = "ann", chosen: str = "a", degree: str | None = "better", **fields: Any) -> dict[str, Any]:
    """A vote of an import line; degree=None leaves the degree out."""
    return {"annotator": annotator, "chosen": chosen, **({"degree": degree} if degree else {}), **fields}


def line(**fields: Any) -> dict[str, Any]:
    """One good line of an import file, as a dictionary, with `fields` put over it."""
    unique = number()
    return {
        "id": f"line-{unique}",
        "prompt": [{"role": "user", "content": f"Question {unique}?"}],
        "response_a": f"First answer {unique}.",
        "response_b": f"Second answer {unique}.",
        **fields,
    }


def parsed(campaign: Campaign, **fields: Any) -> ImportedComparison:
    """A line as the importer reads it for the campaign, not stored."""
    row = fields if campaign.rates_one else line(**fields)
    return parse(orjson.dumps(row), campaign.the_scale, most_votes=campaign.raters_per_item)


def import_lines(campaign: Campaign, lines: list[dict[str, Any]]) -> imports.Imported:
    """Imports the lines as one chunk."""

    @cache
    def annotator_of(name: str) -> User:
        return imported_annotator(campaign, name)

    return imports.add_chunk(
        campaign=campaign,
        items=[parsed(campaign, **row) for row in lines],
        annotator_of=annotator_of,
        by=None,
    )
