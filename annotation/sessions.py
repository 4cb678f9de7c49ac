"""Work sessions: how long a person was at work, from one sign of life to the next, by the server's clock alone.

Signs of life are heartbeats, claims and answers. A page that nobody looks at sends no heartbeat, so that of the time
between two signs no more counts than a heartbeat may be late: the rest was a pause. What was counted belongs to the
item at hand, whichever window that is in, and to the person's one running session.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from django.db.models import BigIntegerField, DateTimeField, F, FloatField, Subquery
from django.db.models.functions import JSONObject
from django.utils import timezone

from annotation.models import Assignment, WorkSession
from preferences.models import Campaign
from preferences.prepared import Given, KeptUpdate

if TYPE_CHECKING:
    from webapp.accounts.models import User

SHORTEST_BEAT, LONGEST_BEAT = 5, 30  # seconds between two heartbeats of a page at work
LONGEST_GAP = timedelta(minutes=15)  # a longer one ends the session


def beat_seconds(campaign: Campaign) -> int:
    return max(SHORTEST_BEAT, min(LONGEST_BEAT, campaign.lease_seconds // 4))


def move(*, by: User, campaign: Campaign, seen: WorkSession | None = None) -> float:
    """A sign of life: returns the seconds since the last one that were work, which the session now has.

    Call while holding the person's row (annotation/claimants.py, annotation/leases.py), so that the windows of one
    person take turns. `seen` is their running session as an earlier query read it; where it has moved meanwhile it is
    read anew.
    """
    now = timezone.now()
    if seen is not None and (seconds := _go_on(seen, campaign, now)) is not None:
        return seconds
    running = WorkSession.objects.filter(annotator=by, is_running=True).first()
    if running is not None and (seconds := _go_on(running, campaign, now)) is not None:
        return seconds
    return _begin(by, campaign, now, after=running)


def running_of(by: User) -> Subquery:
    """The person's running session as a column of another query."""
    running = WorkSession.objects.filter(annotator=by, is_running=True)
    return Subquery(running.values(facts=JSONObject(id=F("pk"), campaign=F("campaign_id"), beat=F("last_beat_at"))))


def seen_in(column: dict[str, Any] | None) -> WorkSession | None:
    """The session that `running_of` read."""
    if column is None:
        return None
    beat = datetime.fromisoformat(column["beat"])
    return WorkSession(pk=column["id"], campaign_id=column["campaign"], last_beat_at=beat)


def worked(assignment: Assignment, by: User) -> float:
    """Moves the person's session to now; returns the seconds that go to this item, which `leases.locked` has read."""
    return move(by=by, campaign=assignment.comparison.campaign, seen=seen_in(assignment.session))


def count_work(assignment: Assignment, by: User) -> None:
    """Adds the time since the person's last sign of life to the item."""
    assignment.active_seconds += worked(assignment, by)
    assignment.beaten_at = timezone.now()
    assignment.save(update_fields=["active_seconds", "beaten_at"])


def _go_on(session: WorkSession, campaign: Campaign, now: datetime) -> float | None:
    """Prolongs the session as it was read; None where it is over, of another campaign, or has moved since."""
    gap = now - session.last_beat_at
    if session.campaign_id != campaign.pk or not timedelta(0) <= gap <= LONGEST_GAP:
        return None
    seconds = _credited(gap, campaign)
    moved = _prolong().run({"pk": session.pk, "read_at": session.last_beat_at, "seconds": seconds, "now": now})
    return seconds if moved else None


@cache
def _prolong() -> KeptUpdate:
    as_read = WorkSession.objects.filter(
        pk=Given("pk", BigIntegerField()), last_beat_at=Given("read_at", DateTimeField()), is_running=True
    )
    longer = F("active_seconds") + Given("seconds", FloatField())
    return KeptUpdate(as_read, active_seconds=longer, last_beat_at=Given("now", DateTimeField()))


def _begin(by: User, campaign: Campaign, now: datetime, *, after: WorkSession | None) -> float:
    """Ends the running session and begins another, or takes up that of two windows used in turn."""
    seconds = 0.0
    if after is not None:
        WorkSession.objects.filter(pk=after.pk).update(is_running=False)
        if timedelta(0) <= now - after.last_beat_at <= LONGEST_GAP:
            seconds = _credited(now - after.last_beat_at, campaign)
    # A clock that went back leaves sessions of the future behind; they stay as they are.
    before = WorkSession.objects.filter(annotator=by, campaign=campaign, last_beat_at__range=(now - LONGEST_GAP, now))
    if (earlier := before.order_by("-last_beat_at").first()) is None:
        started_at = now - timedelta(seconds=seconds)
        WorkSession.objects.create(
            annotator=by, campaign=campaign, started_at=started_at, last_beat_at=now, active_seconds=seconds
        )
    else:
        before.filter(pk=earlier.pk).update(
            is_running=True, last_beat_at=now, active_seconds=F("active_seconds") + seconds
        )
    return seconds


def _credited(gap: timedelta, campaign: Campaign) -> float:
    """How much of the time between two signs of life counts: a page at work sends its heartbeats on time."""
    return min(gap.total_seconds(), 1.5 * beat_seconds(campaign))
