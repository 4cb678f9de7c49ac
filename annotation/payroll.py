"""The ledger as a file for whoever pays: comma-separated, with names, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.db import transaction

from annotation import permissions
from annotation.ledger import Grouping, Line, Tally, Work, ledger
from preferences.actions import events
from preferences.models import Campaign
from preferences.spreadsheets import BOM, defused

if TYPE_CHECKING:
    from webapp.accounts.models import User


@transaction.atomic
def export(*, campaign: Campaign, grouping: Grouping, by: User) -> str:
    """The file's text. Who took it is an event, since it holds names."""
    permissions.check_can_manage(by, campaign)
    lines = ledger(campaign, grouping)
    events.record("ledger.exported", campaign, by=by, campaign=campaign, grouping=str(grouping), lines=len(lines))
    out = io.StringIO()
    csv.writer(out).writerows(_rows(campaign, grouping, lines))
    return BOM + out.getvalue()


def name_of(person: User) -> str:
    return person.get_full_name() or person.username


def _rows(campaign: Campaign, grouping: Grouping, lines: list[Line]) -> Iterator[list[str | int]]:
    work = [f"{kind} {unit}" for kind in Work for unit in ("items", "hours")]
    yield [str(grouping), "campaign", "pseudonym", "name", "vendor", *work, "hours on items", "hours at work"]
    for line in lines:
        tallies = [line.work.get(kind, Tally()) for kind in Work]
        yield [
            *(defused(text) for text in _about(line, campaign)),
            *(cell for tally in tallies for cell in (tally.items, _hours(tally.seconds))),
            _hours(line.seconds),
            _hours(line.session_seconds) if grouping is Grouping.WEEK else "",
        ]


def _about(line: Line, campaign: Campaign) -> list[str]:
    person = line.person
    return [line.period, campaign.slug, person.pseudonym, name_of(person), person.vendor]


def _hours(seconds: float) -> str:
    return f"{seconds / 3600:.4f}"
