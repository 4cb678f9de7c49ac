"""An action from a form on a campaign's page: done, or refused where it was asked for, with what was typed."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from preferences.errors import DomainError
from preferences.models import Campaign
from webapp.accounts.models import User
from webapp.pages.requests import person


def acted(
    request: HttpRequest,
    campaign: Campaign,
    act: Callable[[Campaign, User], object],
    *,
    page: Callable[..., HttpResponse],
    name: str,
    place: str,
) -> HttpResponse:
    """The way back to `place` on the page of that name; `page` shows it again where the action is refused."""
    try:
        act(campaign, person(request))
    except DomainError as error:
        campaign.refresh_from_db()
        return page(request, campaign, typed=request.POST, error=error, place=place)
    return redirect(f"{reverse(name, args=[campaign.slug])}#{place}")
