"""Variants: the models that are sampled, what is known of them, and whether they answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from annotation import permissions
from preferences.actions import variants as actions
from preferences.actions.variants import IMPORTED, LIMITS
from preferences.choices import ResponseSource
from preferences.errors import DomainError, NotAllowed
from preferences.models import Campaign, Response, SamplingPair, Variant
from webapp.accounts.models import User
from webapp.errors import status_of
from webapp.pages import temperatures
from webapp.pages.requests import person, text_of
from webapp.pages.variant_fields import IDENTITY, empty, identity_fields, limit_fields, limits_of, settings_of
from workers import health, machines, plans, registration, tasks
from workers.models import HealthCheck

EARLIER = 10  # checks that are listed beside the last


@dataclass(frozen=True)
class Sampled:
    """Where a variant is sampled: the campaigns that the reader manages, and how many others."""

    campaigns: list[Campaign]
    others: int


@dataclass(frozen=True)
class Listed:
    variant: Variant
    sampled: Sampled
    answers: int
    check: HealthCheck | None  # the last one that is finished
    is_checked_now: bool


@require_GET
@login_required
def variants(request: HttpRequest) -> HttpResponse:
    user = _manager(request)
    found = Variant.objects.exclude(engine=IMPORTED).order_by("status", "-pk")
    context = {"listed": _listed(found, user), "is_manager": True}
    return render(request, "variants.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def new(request: HttpRequest) -> HttpResponse:
    user, typed, error = _manager(request), empty(), None
    if request.method == "POST":
        typed = {name: text_of(request, name) for name in typed}
        try:
            with transaction.atomic():
                made = registration.register(**settings_of(typed), by=user)
                tasks.check_after_commit(health.request(variant=made, by=user))
            return redirect("variant", made.pk)
        except DomainError as refused:
            error = refused
    context = {
        "identity": identity_fields(typed, error),
        "limits": limit_fields(typed, error),
        "error": None if error and error.field in {*IDENTITY, *LIMITS} else error,
        "is_manager": True,
    }
    return render(request, "variant_new.html", context, status=status_of(error) if error else 200)


@require_GET
@login_required
def variant(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _manager(request), _found(pk))


@require_POST
@login_required
def check(request: HttpRequest, pk: int) -> HttpResponse:
    def act(variant: Variant, by: User) -> None:
        with transaction.atomic():
            tasks.check_after_commit(health.request(variant=variant, by=by))

    return _done(request, pk, act, "health")


@require_POST
@login_required
def adopt(request: HttpRequest, pk: int) -> HttpResponse:
    def act(variant: Variant, by: User) -> None:
        if (found := health.latest(variant)) is not None:
            health.adopt(check=found, by=by)

    return _done(request, pk, act, "health")


@require_POST
@login_required
def limit(request: HttpRequest, pk: int) -> HttpResponse:
    typed = {name: text_of(request, name) for name in LIMITS}

    def act(variant: Variant, by: User) -> None:
        actions.change_limits(variant=variant, by=by, **settings_of(typed))

    return _done(request, pk, act, "limits", typed)


@require_POST
@login_required
def retire(request: HttpRequest, pk: int) -> HttpResponse:
    return _done(request, pk, lambda variant, by: actions.retire(variant=variant, by=by), "retire")


def _manager(request: HttpRequest) -> User:
    user = person(request)
    if not permissions.is_manager(user):
        raise NotAllowed(_("The models are for managers."))
    return user


def _found(pk: int) -> Variant:
    return get_object_or_404(Variant, pk=pk)


def _done(
    request: HttpRequest,
    pk: int,
    act: Callable[[Variant, User], None],
    place: str,
    typed: dict[str, str] | None = None,
) -> HttpResponse:
    user, found = _manager(request), _found(pk)
    try:
        act(found, user)
    except DomainError as error:
        return _page(request, user, _found(pk), typed=typed, error=error, place=place)
    return redirect(f"{reverse('variant', args=[pk])}#{place}")


def _page(
    request: HttpRequest,
    user: User,
    variant: Variant,
    *,
    typed: dict[str, str] | None = None,
    error: DomainError | None = None,
    place: str = "",
) -> HttpResponse:
    checks = list(variant.health_checks.select_related("requested_by")[: EARLIER + 1])
    running = checks[0] if checks and checks[0].finished_at is None else None
    finished = [one for one in checks if one.finished_at is not None]
    queue = machines.Unserved(machines.celery_queue(variant.queue), waiting=1)
    in_field = error is not None and error.field in LIMITS
    context = {
        "variant": variant,
        "listed": _listed([variant], user)[0],
        "lines": _lines(variant, user),
        **temperatures.summary(user, variant),
        "running": running,
        "queue": queue,
        "is_served": queue.queue in machines.served_queues(timezone.now()),
        "check": finished[0] if finished else None,
        "earlier": finished[1:],
        "to_adopt": _to_adopt(variant, finished[0]) if finished else [],
        "limits": limit_fields(typed or limits_of(variant), error),
        "error": None if in_field else error,
        "place": place,
        "is_imported": variant.engine == IMPORTED,
        "is_manager": True,
    }
    return render(request, "variant.html", context, status=status_of(error) if error else 200)


def _to_adopt(variant: Variant, check: HealthCheck) -> list[tuple[str, str]]:
    """What a usable check found that the variant says nothing of."""
    if not check.usable:
        return []
    found = [
        (_("Weights, SHA-256"), check.weights_hash, variant.weights_hash),
        (_("Revision"), check.revision, variant.revision),
        (_("Context, tokens"), check.context_tokens, variant.context_tokens),
    ]
    return [(label, str(value)) for label, value, known in found if value and not known]


def _lines(variant: Variant, user: User) -> list[tuple[Campaign, plans.Line]]:
    """The lines with the variant in the plans of the campaigns that the reader manages."""
    return [
        (campaign, line)
        for campaign in _sampled([variant.pk], user)[variant.pk].campaigns
        for line in plans.lines(campaign)
        if variant in (line.pair.first, line.pair.second)
    ]


def _listed(found: Iterable[Variant], user: User) -> list[Listed]:
    shown = list(found)
    keys = [one.pk for one in shown]
    collected = Response.objects.filter(variant__in=keys, source=ResponseSource.COLLECTED).order_by()
    answers = dict(collected.values_list("variant").annotate(Count("pk")))
    last = health.latest_of(shown)
    unfinished = HealthCheck.objects.filter(variant__in=keys, finished_at__isnull=True)
    running = set(unfinished.values_list("variant", flat=True))
    sampled = _sampled(keys, user)
    return [Listed(one, sampled[one.pk], answers.get(one.pk, 0), last.get(one.pk), one.pk in running) for one in shown]


def _sampled(keys: list[int], user: User) -> dict[int, Sampled]:
    mine = {campaign.pk: campaign for campaign in permissions.managed_by(user)}
    where: dict[int, set[int]] = {key: set() for key in keys}
    for side in ("first", "second"):
        lines = SamplingPair.objects.filter(**{f"{side}__in": keys}).values_list(side, "campaign")
        for key, campaign in lines:
            where[key].add(campaign)
    return {
        key: Sampled([mine[pk] for pk in mine if pk in there], len(there - mine.keys())) for key, there in where.items()
    }
