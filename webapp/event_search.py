"""Looking for events: what a manager may see, by whom, of what, from where and when; newest first, page by page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import orjson
from django.db.models import Q, QuerySet, TextField
from django.utils.translation import gettext as _

from annotation import permissions
from annotation.models import Membership
from preferences import text as texts
from preferences.errors import InvalidInput, NotAllowed
from preferences.models import Event
from preferences.planner import any_of
from webapp.accounts.models import User
from webapp.event_words import WORDS

ON_A_PAGE = 50
WHOLE_DAY = timedelta(days=1) - timedelta.resolution  # the last day that can be written has no midnight after it
FIELDS = ("person", "verb", "subject", "campaign", "request", "since", "until")


@dataclass(frozen=True)
class Change:
    """A value of an event's data; where `is_changed`, `before` is what it was."""

    name: str
    after: Any
    before: Any = None
    is_changed: bool = False

    @property
    def now(self) -> str:
        return _told(self.after)

    @property
    def was(self) -> str:
        return _told(self.before)


@dataclass(frozen=True)
class Line:
    """An event as a page shows it: what was done `in_words`, and to `whom`, by pseudonym; each may be empty."""

    event: Event
    in_words: str
    changes: list[Change]
    whom: str


@dataclass(frozen=True)
class Page:
    """Events of a page; `older` is the number after which the next page begins, None where there is none."""

    lines: list[Line]
    older: int | None


def visible(user: User) -> QuerySet[Event]:
    """What a manager may see; a superuser sees all.

    That is what was done in the campaigns that they manage; and of no campaign, what was done to the account of
    somebody who has a role in one (a password changed, a device signed out), and what they did themselves.
    """
    if user.is_superuser and user.paused_at is None:
        return Event.objects.all()
    managed = list(permissions.managed_by(user).values_list("pk", flat=True))
    if not managed:
        raise NotAllowed(_("Only managers see what was done."))
    people = Membership.objects.filter(campaign__in=managed).values_list("user", flat=True).distinct()
    # As values, not as queries within this one, so that each part may be looked up in an index of its own.
    accounts = Q(any_of("subject", [f"user:{pk}" for pk in people], of=TextField))
    return Event.objects.filter(Q(campaign__in=managed) | Q(campaign=None) & (accounts | Q(actor=user)))


def find(events: QuerySet[Event], asked: Mapping[str, str]) -> QuerySet[Event]:
    """By the FIELDS that are given; InvalidInput with a sentence where one cannot be read.

    `verb` may be a noun alone: “batch” finds batch.sealed and batch.renewed. Days are whole ones, in UTC.
    """
    words = {name: texts.storable(asked.get(name, "").strip())[:100] for name in FIELDS}
    found = Q()
    for name, column in {
        "person": "actor__pseudonym",
        "subject": "subject",
        "campaign": "campaign__slug",
        "request": "request_id",
    }.items():
        if words[name]:
            found &= Q(**{column: words[name]})
    if words["verb"]:
        found &= Q(verb=words["verb"]) if "." in words["verb"] else Q(verb__startswith=f"{words['verb']}.")
    if words["since"]:
        found &= Q(at__gte=_midnight(words["since"], "since"))
    if words["until"]:
        found &= Q(at__lte=_midnight(words["until"], "until") + WHOLE_DAY)
    return events.filter(found)


def page(events: QuerySet[Event], *, before: int | None) -> Page:
    """By the number where the page before ended: what is written meanwhile moves nothing."""
    if before is not None:
        events = events.filter(pk__lt=before)
    rows = list(events.select_related("actor", "campaign").order_by("-pk")[: ON_A_PAGE + 1])
    shown = rows[:ON_A_PAGE]
    met = {event.pk: _person_met(event) for event in shown}
    people = dict(User.objects.filter(pk__in={pk for pk in met.values() if pk}).values_list("pk", "pseudonym"))
    lines = [
        Line(event, str(WORDS.get(event.verb, "")), changes(event), people.get(met[event.pk] or 0, ""))
        for event in shown
    ]
    return Page(lines, shown[-1].pk if len(rows) > ON_A_PAGE else None)


def changes(event: Event) -> list[Change]:
    """What an event says, value by value; of what was before and after, only what differs."""
    data = dict(event.data)
    before, after = data.get("before"), data.get("after")
    if isinstance(before, dict) and isinstance(after, dict):
        del data["before"], data["after"]
        names = sorted({*before, *after})
        changed = [
            Change(name, after.get(name), before.get(name), is_changed=True)
            for name in names
            if before.get(name) != after.get(name)
        ]
    elif "before" in data and "after" in data:
        changed = [Change("", data.pop("after"), data.pop("before"), is_changed=True)]
    else:
        changed = []
    return [*changed, *(Change(name, value) for name, value in sorted(data.items()))]


def _person_met(event: Event) -> int | None:
    """The number of the person it was done to: the subject, or who its data names."""
    kind, _colon, number = event.subject.partition(":")
    named = number if kind == "user" else event.data.get("user", event.data.get("person"))
    return int(named) if str(named).isdecimal() else None


def _told(value: Any) -> str:
    """A text as it is, anything else as the API has it: JSON."""
    if value is None or value == "":
        return "–"
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _midnight(words: str, field: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(words), time(), tzinfo=UTC)
    except ValueError:
        raise InvalidInput(_("Write the day as 2026-11-20."), field=field) from None
