"""A person's access tokens: what acts for them, and since when."""

from __future__ import annotations

import uuid

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from preferences.errors import DomainError
from webapp.accounts import tokens as actions
from webapp.accounts.models import AccessToken, Scope
from webapp.errors import status_of
from webapp.pages.requests import number, person

DAYS = 90


@require_http_methods(["GET", "POST"])
@login_required
def tokens(request: HttpRequest) -> HttpResponse:
    user = person(request)
    error, made, plain = None, None, ""
    if request.method == "POST":
        name, scopes = request.POST.get("name", ""), request.POST.getlist("scopes")
        try:
            made, plain = actions.issue(user=user, name=name, scopes=scopes, days=number(request, "days"), by=user)
        except DomainError as refused:
            error = refused
    context = {
        "tokens": AccessToken.objects.filter(user=user),
        "made": made,
        "plain": plain,
        "scopes": Scope.choices,
        "typed": request.POST if error else {"days": DAYS},
        "chosen": request.POST.getlist("scopes") if error else [],
        "error": error,
    }
    return render(request, "tokens.html", context, status=status_of(error) if error else 200)


@require_POST
@login_required
def revoke(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    user = person(request)
    actions.revoke(token=get_object_or_404(AccessToken, pk=pk, user=user), by=user)
    return redirect("tokens")
