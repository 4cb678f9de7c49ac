"""The manager's overview: how far each campaign is and how well its annotators agree."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from annotation import permissions, reviews
from annotation.models import Assignment, Role
from preferences.agreement import WEIGHTS
from preferences.choices import ComparisonStatus, JudgmentRole, Kind, Purpose, ResponseSource, SlotStatus, TurnStatus
from preferences.errors import NotAllowed
from preferences.models import Campaign, Flag, Judgment, Response
from preferences.planner import by_hash
from preferences.red_teaming import attempts, gamma
from preferences.stats.agreement import Agreement
from preferences.stats.gwet import ac2
from webapp.counted import SECONDS
from webapp.pages.agreement_counts import Counts
from webapp.pages.demonstrating import progress_of
from webapp.pages.figures import translated
from webapp.pages.requests import person


@dataclass(frozen=True)
class Progress:
    campaign: Campaign
    comparisons: int
    finished: int
    wanted: int
    judged: int
    annotators: int
    sampling: int
    failed: int
    leaks: int  # sampled responses that say who wrote them
    responses: int
    flags: int
    to_review: int
    skips: int
    agreement: Agreement
    at: datetime  # since when the agreement was not counted anew

    @property
    def percent(self) -> int:
        return round(100 * self.judged / self.wanted) if self.wanted else 0

    @property
    def leak_percent(self) -> float:
        return 100 * self.leaks / self.responses if self.responses else 0.0


@require_GET
@login_required
def overview(request: HttpRequest) -> HttpResponse:
    user = person(request)
    if not permissions.is_manager(user):
        raise NotAllowed(_("The overview is for managers."))
    campaigns = permissions.campaigns_of(user, Role.MANAGER)
    context = {
        "campaigns": [
            progress(campaign) for campaign in campaigns.exclude(kind__in=[Kind.DEMONSTRATION, Kind.RED_TEAM])
        ],
        "demonstrations": [progress_of(campaign) for campaign in campaigns.filter(kind=Kind.DEMONSTRATION)],
        "attacked": [(one, gamma(attempts(one))) for one in campaigns.filter(kind=Kind.RED_TEAM)],
        "minutes": SECONDS // 60,
        "is_manager": True,
    }
    return render(request, "overview.html", context)


def progress(campaign: Campaign) -> Progress:
    """Counted now, from the rows, but for the agreement, which is kept for a while."""
    judgments = Judgment.objects.filter(comparison__campaign=campaign, role=JudgmentRole.RATING)
    turns = campaign.dialogues.values_list("turns__status", flat=True)
    responses = Response.objects.filter(turn__dialogue__campaign=campaign, source=ResponseSource.COLLECTED)
    collected = campaign.comparisons.filter(purpose=Purpose.COLLECTION)
    slots = campaign.slots.filter(comparison__purpose=Purpose.COLLECTION)
    finished = [ComparisonStatus.JUDGED, ComparisonStatus.SEALED]
    ratings = Counts(campaign).whole()
    with by_hash():
        return Progress(
            campaign=campaign,
            comparisons=collected.count(),
            finished=collected.filter(status__in=finished).count(),
            wanted=slots.count(),
            judged=slots.filter(status=SlotStatus.FILLED).count(),
            annotators=judgments.values("annotator").distinct().count(),
            sampling=turns.filter(turns__status=TurnStatus.SAMPLING).count(),
            failed=turns.filter(turns__status=TurnStatus.FAILED).count(),
            leaks=responses.exclude(identity_leak="").count(),
            responses=responses.count(),
            flags=Flag.objects.filter(comparison__campaign=campaign).count(),
            to_review=reviews.waiting(campaign).count(),
            skips=Assignment.objects.filter(comparison__campaign=campaign).exclude(skip_reason="").count(),
            agreement=translated(ac2(ratings.value, WEIGHTS)),
            at=ratings.at,
        )
