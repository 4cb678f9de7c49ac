"""The ledger: who worked how long on how many items, by week or by batch. Computed from the rows, never stored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.contrib.auth import get_user_model
from django.db.models import BigIntegerField, Count, Exists, F, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, TruncWeek
from django.utils import timezone

from annotation.models import Assignment, Review, WorkSession
from preferences.choices import AssignmentStatus, DemonstrationStatus, Kind, ReviewStatus
from preferences.models import Batch, BatchItem, Campaign, Comparison, DemonstrationVersion, Prompt, RedTeamReport
from preferences.planner import by_hash
from preferences.weeks import monday_of, week_of

if TYPE_CHECKING:
    from webapp.accounts.models import User


class Work(StrEnum):
    """What came of an item."""

    JUDGED = "judged"
    RETURNED = "returned"  # by a reviewer, and not sent again yet
    WRITTEN = "prompts written"
    GIVEN_BACK = "given back"
    LAPSED = "lapsed"  # its lease ran out
    APPROVED = "demonstrations approved"
    IN_REVIEW = "demonstrations in review"
    REPORTED = "red-team reports"


class Grouping(StrEnum):
    WEEK = "week"  # in the campaign's time zone
    BATCH = "batch"  # the first one that sealed the item


@dataclass(frozen=True)
class Tally:
    items: int = 0
    seconds: float = 0.0


@dataclass
class Line:
    """One person's work of one week or batch."""

    person: User
    period: str  # "" for what is in no batch yet
    work: dict[Work, Tally] = field(default_factory=dict)
    session_seconds: float = 0.0  # at work in all, also where no item came of it; by week only

    @property
    def seconds(self) -> float:
        return sum(tally.seconds for tally in self.work.values())


@by_hash()
def ledger(campaign: Campaign, grouping: Grouping) -> list[Line]:
    """What is in no batch yet, then the newest week or batch first; within it by pseudonym."""
    counted = [(work, row) for work, rows in _work(campaign) for row in _counted(rows, campaign, grouping)]
    sessions = list(_sessions(campaign)) if grouping is Grouping.WEEK else []
    rows = [*(row for _, row in counted), *sessions]
    people = get_user_model().objects.in_bulk({row["whose"] for row in rows})
    periods = _periods({row["period"] for row in rows}, campaign, grouping)
    lines: dict[tuple[int, int], Line] = {}

    def line_of(row: dict[str, Any]) -> Line:
        order, name = periods[row["period"]]
        return lines.setdefault((order, row["whose"]), Line(people[row["whose"]], name))

    for work, row in counted:
        line_of(row).work[work] = Tally(row["items"], row["seconds"] or 0.0)
    for row in sessions:
        line_of(row).session_seconds = row["seconds"]
    return [lines[key] for key in sorted(lines, key=lambda key: (key[0], people[key[1]].pseudonym))]


def seconds_this_week(user: User, campaign: Campaign) -> float:
    """The person's time at work in the campaign since its Monday; a session counts in the week in which it began."""
    mine = WorkSession.objects.filter(annotator=user, campaign=campaign)
    this_week = mine.filter(started_at__gte=monday_of(timezone.now(), campaign.time_zone))
    seconds: float | None = this_week.aggregate(seconds=Sum("active_seconds"))["seconds"]
    return seconds or 0.0


def _work(campaign: Campaign) -> Iterator[tuple[Work, QuerySet[Any]]]:
    """Rows with whose they are, when the work was done, its seconds, and the comparison that a batch may hold."""
    assignments = Assignment.objects.filter(comparison__campaign=campaign).annotate(
        whose=F("annotator"), at=Coalesce("judgment__created_at", "beaten_at"), pair=F("comparison")
    )
    judged = assignments.filter(status=AssignmentStatus.SUBMITTED)
    returned = Exists(Review.objects.filter(judgment=OuterRef("judgment"), status=ReviewStatus.RETURNED))
    yield Work.JUDGED, judged.filter(~returned)
    yield Work.RETURNED, judged.filter(returned)
    yield Work.GIVEN_BACK, assignments.filter(status=AssignmentStatus.RELEASED)
    yield Work.LAPSED, assignments.filter(status=AssignmentStatus.EXPIRED)
    if campaign.kind == Kind.DEMONSTRATION:
        yield from _demonstrations(campaign)
        return
    if campaign.is_red_team:
        reports = RedTeamReport.objects.filter(dialogue__campaign=campaign)
        yield (
            Work.REPORTED,
            reports.annotate(whose=F("dialogue__author"), at=F("created_at"), pair=Value(None, BigIntegerField())),
        )
    pair = Comparison.objects.filter(turn__prompt=OuterRef("pk")).order_by("pk").values("pk")[:1]
    prompts = Prompt.objects.filter(campaign=campaign, author__isnull=False)
    yield Work.WRITTEN, prompts.annotate(whose=F("author"), at=F("created_at"), pair=Subquery(pair))


def _demonstrations(campaign: Campaign) -> Iterator[tuple[Work, QuerySet[Any]]]:
    """By their author, with the time of all the versions that are the author's; in no batch."""
    own = DemonstrationVersion.objects.filter(demonstration=OuterRef("pk"), by=OuterRef("author")).order_by()
    spent = Subquery(own.values("demonstration").annotate(seconds=Sum("active_seconds")).values("seconds"))
    rows = campaign.demonstrations.annotate(
        whose=F("author"), at=F("sent_at"), pair=Value(None, BigIntegerField()), active_seconds=spent
    )
    became = {
        Work.APPROVED: DemonstrationStatus.APPROVED,
        Work.IN_REVIEW: DemonstrationStatus.IN_REVIEW,
        Work.RETURNED: DemonstrationStatus.RETURNED,
    }
    for work, status in became.items():
        yield work, rows.filter(status=status)


def _counted(rows: QuerySet[Any], campaign: Campaign, grouping: Grouping) -> QuerySet[Any]:
    sealed = BatchItem.objects.filter(comparison=OuterRef("pair"))
    first = sealed.order_by("batch__sealed_at", "batch__version", "batch")  # what was paid for stays where it was
    batch = Subquery(first.values("batch")[:1])
    period = batch if grouping is Grouping.BATCH else TruncWeek("at", tzinfo=ZoneInfo(campaign.time_zone))
    return _summed(rows.annotate(period=period))


def _sessions(campaign: Campaign) -> QuerySet[Any]:
    week = TruncWeek("started_at", tzinfo=ZoneInfo(campaign.time_zone))
    return _summed(WorkSession.objects.filter(campaign=campaign).annotate(whose=F("annotator"), period=week))


def _summed(rows: QuerySet[Any]) -> QuerySet[Any]:
    grouped = rows.order_by().values("whose", "period")
    summed: QuerySet[Any] = grouped.annotate(items=Count("pk"), seconds=Sum("active_seconds"))
    return summed


def _periods(found: set[Any], campaign: Campaign, grouping: Grouping) -> dict[Any, tuple[int, str]]:
    """Each period's place in the order and its name."""
    if grouping is Grouping.WEEK:
        newest_first = sorted(found, reverse=True)
        return {monday: (place, week_of(monday, campaign.time_zone)) for place, monday in enumerate(newest_first)}
    batches = Batch.objects.filter(pk__in=found - {None}).order_by("-sealed_at", "pk")
    return {None: (0, ""), **{batch.pk: (place, str(batch)) for place, batch in enumerate(batches, start=1)}}
