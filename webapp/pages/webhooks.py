"""Webhooks: who is told of a campaign's batches and exports, or of all, and what was sent to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from annotation import permissions
from exports.webhooks import actions, content, overview
from exports.webhooks.models import CHOSEN, Delivery, Webhook
from preferences.choices import DeliveryStatus
from preferences.errors import DomainError, NotAllowed
from preferences.models import Campaign
from webapp.accounts.models import User
from webapp.errors import status_of
from webapp.pages.requests import campaign_or_404, person, text_of

ON_A_PAGE = 30


@require_http_methods(["GET", "POST"])
@login_required
def of_campaign(request: HttpRequest, slug: str) -> HttpResponse:
    return _list(request, campaign_or_404(slug))


@require_http_methods(["GET", "POST"])
@login_required
def of_all(request: HttpRequest) -> HttpResponse:
    return _list(request, None)


def _list(request: HttpRequest, campaign: Campaign | None) -> HttpResponse:
    """What is registered, and the form; after registering, the secret, which is shown this once."""
    user = person(request)
    check_may(user, campaign)
    error: DomainError | None = None
    shown: dict[str, Any] = {"typed": text_of(request, "url"), "chosen": request.POST.getlist("kind")}
    if request.method == "POST":
        site = request.build_absolute_uri("/").removesuffix("/")
        try:
            made, secret = actions.register(
                campaign=campaign, url=shown["typed"], kinds=shown["chosen"], site=site, by=user
            )
        except DomainError as refused:
            error = refused
        else:
            shown = {"made": made, "secret": secret}
    context = {
        "campaign": campaign,
        "webhooks": overview.webhooks_of(campaign),
        "kinds": [(kind.value, kind.label) for kind in CHOSEN],
        "chosen": [kind.value for kind in CHOSEN],
        "error": error,
        **shown,
    }
    if request.method == "GET":
        context["chosen"] = [kind.value for kind in CHOSEN]
    return render(request, "webhooks.html", context, status=status_of(error) if error else 200)


@require_GET
@login_required
def webhook(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, webhook_or_404(request, pk))


@require_POST
@login_required
def rotate(request: HttpRequest, pk: int) -> HttpResponse:
    """The page with the new secret, which is shown this once."""
    found = webhook_or_404(request, pk)
    return _page(request, found, secret=actions.rotate(webhook=found, by=person(request)))


@require_POST
@login_required
def ping(request: HttpRequest, pk: int) -> HttpResponse:
    return _done(request, pk, actions.ping)


@require_POST
@login_required
def turn_on(request: HttpRequest, pk: int) -> HttpResponse:
    return _done(request, pk, actions.turn_on)


@require_POST
@login_required
def turn_off(request: HttpRequest, pk: int) -> HttpResponse:
    return _done(request, pk, actions.turn_off)


@require_GET
@login_required
def delivery(request: HttpRequest, pk: int) -> HttpResponse:
    found = delivery_or_404(request, pk)
    body = orjson.loads(content.body(found.message, found.webhook))
    context = {
        "campaign": found.webhook.campaign,
        "webhook": found.webhook,
        "host": overview.host_of(found.webhook),
        "one": overview.sent(found),
        "name": f"msg_{found.message_id.hex}",
        "body": orjson.dumps(body, option=orjson.OPT_INDENT_2).decode(),
        "is_live": found.status == DeliveryStatus.WAITING,
    }
    return render(request, "webhook_delivery.html", context)


@require_POST
@login_required
def send_again(request: HttpRequest, pk: int) -> HttpResponse:
    actions.send_again(delivery=delivery_or_404(request, pk), by=person(request))
    return redirect("delivery", pk)


def check_may(user: User, campaign: Campaign | None) -> None:
    """A campaign's webhooks are for its managers; those of all campaigns for administrators."""
    if campaign is not None:
        permissions.check_can_manage(user, campaign)
    elif not user.is_superuser or user.paused_at is not None:
        raise NotAllowed(_("Webhooks of all campaigns are for administrators."))


def webhook_or_404(request: HttpRequest, pk: int) -> Webhook:
    found = get_object_or_404(Webhook.objects.select_related("campaign"), pk=pk)
    check_may(person(request), found.campaign)
    return found


def delivery_or_404(request: HttpRequest, pk: int) -> Delivery:
    rows = Delivery.objects.select_related("webhook__campaign", "message__event")
    found = get_object_or_404(rows, pk=pk)
    check_may(person(request), found.webhook.campaign)
    return found


def _done(request: HttpRequest, pk: int, act: Callable[..., None]) -> HttpResponse:
    act(webhook=webhook_or_404(request, pk), by=person(request))
    return redirect("webhook", pk)


def _page(request: HttpRequest, found: Webhook, *, secret: str = "") -> HttpResponse:
    found.refresh_from_db()
    page = Paginator(overview.log_of(found), ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "campaign": found.campaign,
        "webhook": found,
        "host": overview.host_of(found),
        "kinds": [kind.label for kind in CHOSEN if kind in found.kinds],
        "page": page,
        "log": [overview.sent(one) for one in page.object_list],
        "secret": secret,
    }
    return render(request, "webhook.html", context)
