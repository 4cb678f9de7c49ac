"""How a campaign's work is handed out: priority, limits, gold and repeats, and what is kept for certain people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import CharField, Count, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from annotation import pools
from annotation.models import Membership, Role
from preferences.actions import campaigns
from preferences.actions import pools as kept
from preferences.choices import Category, Purpose, RiskCategory, SlotStatus
from preferences.errors import DomainError, InvalidInput
from preferences.models import Campaign, Pool
from webapp.accounts.models import User
from webapp.errors import status_of
from webapp.pages.acting import acted
from webapp.pages.requests import managed_or_404, number, text_of
from workers import prefetch

SETTINGS = ("priority", "most_per_person", "most_per_day", "gold_share", "gold_bar", "repeat_share")


@require_GET
@login_required
def queue(request: HttpRequest, slug: str) -> HttpResponse:
    return _page(request, managed_or_404(request, slug))


@require_POST
@login_required
def arrange(request: HttpRequest, slug: str) -> HttpResponse:
    def act(campaign: Campaign, by: User) -> None:
        campaigns.arrange_queue(
            campaign=campaign,
            priority=_whole(request, "priority", signed=True) or 0,
            most_per_person=_whole(request, "most_per_person"),
            most_per_day=_whole(request, "most_per_day"),
            gold_share=_percent(request, "gold_share"),
            gold_bar=_percent(request, "gold_bar"),
            repeat_share=_percent(request, "repeat_share"),
            by=by,
        )

    return _done(request, slug, act, "arrange")


@require_POST
@login_required
def keep_ready(request: HttpRequest, slug: str) -> HttpResponse:
    def act(campaign: Campaign, by: User) -> None:
        campaigns.keep_ready(campaign=campaign, comparisons=_whole(request, "ready_ahead"), by=by)

    return _done(request, slug, act, "ahead")


@require_POST
@login_required
def add_pool(request: HttpRequest, slug: str) -> HttpResponse:
    name = text_of(request, "name")
    return _done(request, slug, lambda campaign, by: kept.create(campaign=campaign, name=name, by=by), "pools")


@require_POST
@login_required
def keep(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    count, category = number(request, "count"), request.POST.get("category", "")
    return _on_pool(request, slug, pk, lambda pool, by: kept.keep(pool=pool, count=count, category=category, by=by))


@require_POST
@login_required
def give_back(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    return _on_pool(request, slug, pk, lambda pool, by: kept.give_back(pool=pool, by=by))


@require_POST
@login_required
def add_member(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    def add(pool: Pool, by: User) -> None:
        pseudonym = request.POST.get("person", "").replace("\x00", "")
        who = User.objects.filter(pseudonym=pseudonym, memberships__campaign=pool.campaign).distinct().first()
        if who is None:
            raise InvalidInput(_("Choose one of the campaign's annotators."), field="person")
        pools.add(pool=pool, annotator=who, by=by)

    return _on_pool(request, slug, pk, add)


@require_POST
@login_required
def remove_member(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    def remove(pool: Pool, by: User) -> None:
        who = get_object_or_404(User, pseudonym=request.POST.get("person", "").replace("\x00", ""))
        pools.remove(pool=pool, annotator=who, by=by)

    return _on_pool(request, slug, pk, remove)


def _on_pool(request: HttpRequest, slug: str, pk: int, act: Callable[[Pool, User], object]) -> HttpResponse:
    pool = get_object_or_404(Pool.objects.select_related("campaign"), pk=pk, campaign__slug=slug)
    return _done(request, slug, lambda _campaign, by: act(pool, by), f"pool-{pk}")


def _done(request: HttpRequest, slug: str, act: Callable[[Campaign, User], object], place: str) -> HttpResponse:
    campaign = managed_or_404(request, slug)
    return acted(request, campaign, act, page=_page, name="queue", place=place)


def _page(
    request: HttpRequest,
    campaign: Campaign,
    *,
    typed: Mapping[str, Any] | None = None,
    error: DomainError | None = None,
    place: str = "",
) -> HttpResponse:
    arranged = typed if typed and place == "arrange" else _as_typed(campaign)
    context = {
        "campaign": campaign,
        "arranged": arranged,
        "typed": typed or {},
        "error": error,
        "place": place,
        "pools": _pools(campaign),
        "open": _open(campaign),
        "ahead": {"ready": prefetch.ready(campaign), "waiting": prefetch.waiting(campaign).count()},
        "annotators": _annotators(campaign),
        "categories": RiskCategory.choices if campaign.is_safety else Category.choices,
        "is_manager": True,
    }
    return render(request, "queue.html", context, status=status_of(error) if error else 200)


def _as_typed(campaign: Campaign) -> dict[str, str]:
    """The settings as the form shows them: shares in percent, no limit as nothing."""
    values = {name: getattr(campaign, name) for name in SETTINGS}
    percents = {name: f"{100 * values[name]:g}" for name in ("gold_share", "gold_bar", "repeat_share")}
    return {**{name: "" if value is None else str(value) for name, value in values.items()}, **percents}


def _open(campaign: Campaign) -> dict[str, int]:
    """How many judgments are still wanted, by whom they may be given."""
    unfilled = campaign.slots.exclude(status=SlotStatus.FILLED).filter(comparison__purpose=Purpose.COLLECTION)
    is_kept = Q(pool__isnull=False)
    return unfilled.aggregate(everybodys=Count("pk", filter=~is_kept), kept=Count("pk", filter=is_kept))


def _pools(campaign: Campaign) -> list[Pool]:
    unfilled = ~Q(slots__status=SlotStatus.FILLED)
    counted = campaign.pools.annotate(
        wanted=Count("slots", filter=unfilled), place=Concat(Value("pool-"), Cast("pk", CharField()))
    )
    return list(counted.prefetch_related("members__annotator").order_by("name"))


def _annotators(campaign: Campaign) -> QuerySet[Membership]:
    return campaign.memberships.filter(role=Role.ANNOTATOR).select_related("user").order_by("user__pseudonym")


def _whole(request: HttpRequest, name: str, *, signed: bool = False) -> int | None:
    """A whole number from the form, None where the field is empty; what cannot be read is refused."""
    typed = text_of(request, name).strip()
    if not typed:
        return None
    digits = typed[1:] if signed and typed[:1] == "-" else typed
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10):
        raise InvalidInput(_("“%(typed)s” is no whole number.") % {"typed": typed[:40]}, field=name)
    return int(typed)


def _percent(request: HttpRequest, name: str) -> float:
    typed = text_of(request, name).strip().replace(",", ".") or "0"
    try:
        share = float(typed) / 100
    except ValueError:
        raise InvalidInput(_("“%(typed)s” is no percentage.") % {"typed": typed[:40]}, field=name) from None
    return share
