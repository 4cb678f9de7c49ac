"""Which time a quality page looks at: a word in its address, and the choices of the campaign."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Min
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from annotation.quality import windows
from annotation.quality.windows import RECENT, Window
from preferences.batch_versions import newest
from preferences.errors import InvalidInput
from preferences.models import Batch, Campaign
from preferences.planner import by_hash
from preferences.weeks import week_of

MOST_WEEKS = 12
DEFAULT, EVERYTHING = "recent", "all"


@dataclass(frozen=True)
class Looked:
    """The window, the word that stands for it, and all words with their labels."""

    window: Window
    word: str
    choices: list[tuple[str, str]]


def looked_at(request: HttpRequest, campaign: Campaign) -> Looked:
    """The window that the address asks for; an unknown word is the last seven days."""
    word = request.GET.get("when", DEFAULT)
    found = _window(word, campaign)
    if found is None:
        word, found = DEFAULT, windows.recent()
    return Looked(found, word, _choices(campaign))


def _window(word: str, campaign: Campaign) -> Window | None:
    if word == EVERYTHING:
        return Window()
    try:
        batch = _batches(campaign).get(uuid.UUID(word))
        return Window(batch=batch) if batch else None
    except ValueError:
        pass
    try:
        return windows.week(word, campaign)
    except InvalidInput:
        return None


def _choices(campaign: Campaign) -> list[tuple[str, str]]:
    with by_hash():
        first = Window().ratings(campaign).aggregate(first=Min("created_at"))["first"]
    weeks: list[str] = []
    now = timezone.now()
    while first and len(weeks) < MOST_WEEKS and now - len(weeks) * RECENT > first - timedelta(days=7):
        weeks.append(week_of(now - len(weeks) * RECENT, campaign.time_zone))
    return [
        (DEFAULT, _("The last seven days")),
        *((name, _("Week %(week)s") % {"week": name}) for name in weeks),
        *((str(pk), _("Batch %(batch)s") % {"batch": batch}) for pk, batch in _batches(campaign).items()),
        (EVERYTHING, _("All of it")),
    ]


def _batches(campaign: Campaign) -> dict[uuid.UUID, Batch]:
    found = newest().filter(items__comparison__campaign=campaign).distinct()
    return {batch.pk: batch for batch in found}
