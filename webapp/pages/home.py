"""My work: the campaigns that I may work on, what each asks, and how far I am."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from annotation import (
    caps,
    leases,
    ledger,
    permissions,
    queue,
    readings,
    requirements,
    returned_work,
    standing,
    written_answers,
)
from annotation.care import care_of
from annotation.models import Assignment, Exam, Membership, Review, Role
from preferences.choices import (
    AssignmentStatus,
    CampaignStatus,
    ComparisonStatus,
    JudgmentRole,
    Kind,
    Purpose,
    RationalePolicy,
    ReviewStatus,
    SlotStatus,
    TurnStatus,
)
from preferences.models import Campaign, Judgment, Slot, Turn
from preferences.weeks import midnight_of
from webapp.accounts.models import User
from webapp.pages import demonstrating, red_teaming
from webapp.pages.compare import last_stored
from webapp.pages.own_dialogues import own_dialogues
from webapp.pages.requests import campaign_or_404, person


@dataclass(frozen=True)
class Card:
    """One campaign of mine, counted now."""

    campaign: Campaign
    asks: str
    judged: int
    today: int
    sealed: int
    reviewed: int
    accepted: int  # approved as they were
    seconds_this_week: float
    holds: bool
    is_live: bool
    paused: str  # what somebody is told whose work on it is paused
    exams: list[Exam]  # to be passed before its work


@require_GET
@login_required
def home(request: HttpRequest) -> HttpResponse:
    user = person(request)
    campaigns = permissions.campaigns_of(user, Role.ANNOTATOR).filter(status=CampaignStatus.OPEN)
    compared = campaigns.exclude(kind__in=[Kind.DEMONSTRATION, Kind.RED_TEAM]).prefetch_related("sampling_plan")
    cards, demonstrations = cards_of(user, list(compared)), demonstrating.cards_of(user)
    attacks = red_teaming.cards_of(user, list(campaigns.filter(kind=Kind.RED_TEAM)))
    seconds = [card.seconds_this_week for card in cards] + [card.seconds_this_week for card in demonstrations]
    seconds += [card.seconds_this_week for card in attacks]
    context = {
        "cards": cards,
        "today": sum(card.today for card in cards),
        "seconds_this_week": sum(seconds),
        "demonstrating": demonstrations,
        "attacks": attacks,
        "judging": red_teaming.judging_of(user),
        "reviews": demonstrating.reviews_of(user),
        "unread": readings.unread(campaigns, user),
        "returned": _returned(user),
        "to_review": _to_review(user),
        "own_dialogues": own_dialogues(user),
        "is_manager": permissions.is_manager(user),
        "paused": permissions.account_paused_sentence(user),
        "ending": standing.ending(user, [card.campaign for card in cards]),
        "to_score": written_answers.waiting(user).count() if written_answers.is_scorer(user) else 0,
    }
    return render(request, "home.html", context)


def _returned(user: User) -> QuerySet[Review]:
    """Also of campaigns that are paused or closed: what a reviewer said is answered all the same."""
    mine = permissions.campaigns_of(user, Role.ANNOTATOR).order_by()
    return returned_work.returned_to(user, mine).select_related("campaign")


def _to_review(user: User) -> QuerySet[Campaign]:
    """The campaigns of a reviewer, with how much waits in each; a superuser sees them where something does."""
    waiting = Count("reviews", filter=Q(reviews__status=ReviewStatus.WAITING))
    mine = permissions.campaigns_of(user, Role.REVIEWER).annotate(waiting=waiting)
    return mine.filter(waiting__gt=0) if user.is_superuser else mine


def cards_of(user: User, campaigns: list[Campaign]) -> list[Card]:
    held = set(leases.held(user).values_list("comparison__campaign", flat=True))
    paused, exams = _paused_in(user), _exams(user, campaigns)
    return [
        Card(
            campaign=campaign,
            asks=_asks(campaign),
            holds=campaign.pk in held,
            is_live=bool(campaign.sampling_plan.all()) and not campaign.has_fixed_prompts,
            paused=permissions.paused_sentence(user, campaign, Role.ANNOTATOR) if campaign.pk in paused else "",
            exams=exams[campaign.pk],
            seconds_this_week=ledger.seconds_this_week(user, campaign),
            **_counts(user, campaign),
            **_reviewed(user, campaign),
        )
        for campaign in campaigns
    ]


def _paused_in(user: User) -> set[int]:
    paused = Membership.objects.filter(user=user, role=Role.ANNOTATOR, paused_at__isnull=False)
    return set(paused.values_list("campaign", flat=True))


def _exams(user: User, campaigns: list[Campaign]) -> defaultdict[int, list[Exam]]:
    """By campaign, what is still to be passed."""
    missing: defaultdict[int, list[Exam]] = defaultdict(list)
    if not user.is_superuser:
        for row in requirements.unmet(user, campaigns, at=timezone.now()):
            missing[row.campaign_id].append(row.exam)
    return missing


def _counts(user: User, campaign: Campaign) -> dict[str, int]:
    """Of the person's judgments; their day begins at midnight in the campaign's time zone."""
    midnight = midnight_of(timezone.now(), campaign.time_zone)
    mine = Judgment.objects.filter(annotator=user, role=JudgmentRole.RATING, comparison__campaign=campaign)
    counted: dict[str, int] = mine.aggregate(
        judged=Count("pk"),
        today=Count("pk", filter=Q(created_at__gte=midnight)),
        sealed=Count("pk", filter=Q(comparison__status=ComparisonStatus.SEALED)),
    )
    return counted


def _reviewed(user: User, campaign: Campaign) -> dict[str, int]:
    """What reviewers said of the person's work in the end."""
    said = Review.objects.filter(judgment__annotator=user, campaign=campaign)
    approved = Q(status=ReviewStatus.APPROVED)
    counted: dict[str, int] = said.aggregate(
        reviewed=Count("pk", filter=approved | Q(status=ReviewStatus.CORRECTED)), accepted=Count("pk", filter=approved)
    )
    return counted


def _asks(campaign: Campaign) -> str:
    """What one comparison of the campaign takes, in a line."""
    points = len(campaign.the_scale.scores)
    if campaign.rates_one:
        parts = [_("how safe one response is, on %(points)d points") % {"points": points}]
    else:
        parts = [
            ngettext("a verdict on %(points)d point", "a verdict on %(points)d points", points) % {"points": points}
        ]
    if campaign.scores_both:
        parts.append(_("a safety score for each response"))
    if campaign.rationale == RationalePolicy.REQUIRED:
        parts.append(_("a reason"))
    if campaign.asks_edit:
        parts.append(_("an improved response"))
    if campaign.max_turns > 1:
        parts.append(_("dialogues of up to %(turns)d turns") % {"turns": campaign.max_turns})
    # Translators: between the things that a comparison asks for
    comma = _(", ")
    return _("It asks for: %(parts)s.") % {"parts": comma.join(parts)}


@require_POST
@login_required
def start(request: HttpRequest, slug: str) -> HttpResponse:
    return to_next(person(request), campaign_or_404(slug))


@require_http_methods(["GET"])
@login_required
def next_item(request: HttpRequest, slug: str) -> HttpResponse:
    """The same as start, for a redirect; claiming twice gives the same comparison."""
    return to_next(person(request), campaign_or_404(slug))


def to_next(user: User, campaign: Campaign) -> HttpResponse:
    if (closed := _to_exam(user, campaign)) is not None:
        return closed
    if campaign.kind == Kind.DEMONSTRATION:
        return redirect("demonstrate", campaign.slug)
    if campaign.is_red_team:
        return redirect("attack", campaign.slug)
    permissions.check_can_judge(user, campaign)
    if (review := returned_work.returned_to(user, campaign).first()) is not None:
        return redirect("returned", review.key)
    if readings.unread(Campaign.objects.filter(pk=campaign.pk), user).exists():
        return redirect(reverse("campaign_guideline", args=[campaign.slug]) + "?then=start")
    assignment = queue.following(campaign, user)
    if assignment is None:
        return redirect("done", campaign.slug)
    return redirect("compare", assignment.key)


def _to_exam(user: User, campaign: Campaign) -> HttpResponse | None:
    """To what the person still holds, else to the exam that stands before the campaign's work; None where none does."""
    exams = _exams(user, [campaign])[campaign.pk]
    if not exams or permissions.is_paused(user, campaign, Role.ANNOTATOR):
        return None
    permissions.check_is_annotator(user, campaign)
    held = leases.held(user).filter(comparison__campaign=campaign).first()
    return redirect("compare", held.key) if held else redirect("exam", exams[0].slug, exams[0].version)


@require_GET
@login_required
def done(request: HttpRequest, slug: str) -> HttpResponse:
    user, campaign = person(request), campaign_or_404(slug)
    permissions.check_is_annotator(user, campaign)
    if (review := returned_work.returned_to(user, campaign).first()) is not None:
        return redirect("returned", review.key)
    held = Assignment.objects.filter(
        comparison__campaign=campaign, comparison__purpose=Purpose.COLLECTION, status=AssignmentStatus.ACTIVE
    )
    others = held.exclude(annotator=user).order_by("leased_until")
    context = {
        "campaign": campaign,
        "exams": _exams(user, [campaign])[campaign.pk],
        "held": others.count(),
        "next_back": others.values_list("leased_until", flat=True).first(),
        "sampling": Turn.objects.filter(dialogue__campaign=campaign, status=TurnStatus.SAMPLING).count(),
        "opted_out": campaign.is_safety and bool(care_of(user).opted_out),
        "is_live": campaign.sampling_plan.exists() and not campaign.has_fixed_prompts,
        "last": last_stored(request),
        "capped": caps.reached(campaign, user),
        "elsewhere": _elsewhere(user, campaign),
        "paused": permissions.paused_sentence(user, campaign, Role.ANNOTATOR),
        "own_dialogues": own_dialogues(user),
    }
    return render(request, "done.html", context)


def _elsewhere(user: User, campaign: Campaign) -> Campaign | None:
    """Of the person's other campaigns with something open, the one that comes first."""
    open_slots = Slot.objects.filter(
        campaign=OuterRef("pk"), status=SlotStatus.OPEN, comparison__purpose=Purpose.COLLECTION
    )
    mine = permissions.campaigns_of(user, Role.ANNOTATOR).filter(status=CampaignStatus.OPEN)
    return mine.filter(Exists(open_slots)).exclude(pk=campaign.pk).first()
