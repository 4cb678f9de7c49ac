"""Which part of a campaign's work is looked at: the last days, an ISO week, a batch, or all of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from preferences.choices import JudgmentRole, Purpose
from preferences.models import Batch, BatchItem, Campaign, Judgment, Prompt
from preferences.weeks import end_of

RECENT = timedelta(days=7)


@dataclass(frozen=True)
class Window:
    """What lies in it; without limits, everything."""

    since: datetime | None = None
    until: datetime | None = None
    batch: Batch | None = None

    @property
    def time(self) -> Q:
        """Empty where there is no limit."""
        found = Q()
        if self.since is not None:
            found &= Q(created_at__gte=self.since)
        if self.until is not None:
            found &= Q(created_at__lt=self.until)
        return found

    def ratings(self, campaign: Campaign, purpose: Purpose = Purpose.COLLECTION) -> QuerySet[Judgment]:
        """What people judged in it, without what reviewers said of that."""
        found = Judgment.objects.filter(self.time, comparison__campaign=campaign, role=JudgmentRole.RATING)
        found = found.filter(comparison__purpose=purpose)
        return found if self.batch is None else found.filter(self._of_batch(purpose))

    def prompts(self, campaign: Campaign) -> QuerySet[Prompt]:
        """What people wrote to the models in it."""
        found = Prompt.objects.filter(self.time, campaign=campaign, author__isnull=False)
        return found if self.batch is None else found.filter(turns__comparisons__in=self._in_batch()).distinct()

    def _of_batch(self, purpose: Purpose) -> Q:
        """A batch has none of what is mixed in: it counts where the pair that it is a copy of is in the batch."""
        where = {
            Purpose.COLLECTION: "comparison__in",
            Purpose.GOLD: "comparison__gold__original__in",
            Purpose.REPEAT: "comparison__repeat__original__in",
        }
        return Q(**{where[purpose]: self._in_batch()})

    def _in_batch(self) -> QuerySet[BatchItem, int]:
        return BatchItem.objects.filter(batch=self.batch).values_list("comparison", flat=True)


def recent() -> Window:
    """The last seven days: what is looked at daily, so that a week has seven looks."""
    return Window(since=timezone.now() - RECENT)


def week(name: str, campaign: Campaign) -> Window:
    """An ISO week in the campaign's time zone; InvalidInput for what is none."""
    until = end_of(name, campaign.time_zone)
    return Window(since=until - RECENT, until=until)
