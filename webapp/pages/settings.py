"""Settings: care, appearance, language."""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings as django_settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from annotation import care as care_actions
from annotation import permissions
from annotation.models import Care
from preferences.choices import RiskCategory
from preferences.errors import DomainError
from webapp.errors import status_of
from webapp.pages.requests import number, person

THEMES = [
    ("", gettext_lazy("As the system")),
    ("light", gettext_lazy("Light")),
    ("dark", gettext_lazy("Dark")),
]
YEAR = 365 * 24 * 3600


def theme(request: HttpRequest) -> dict[str, str]:
    """The appearance that this browser's person chose, for every page."""
    return {"theme": _chosen_theme(request.COOKIES)}


def _chosen_theme(words: Mapping[str, str]) -> str:
    chosen = words.get("theme", "")
    return chosen if chosen in {"light", "dark"} else ""


@require_http_methods(["GET", "POST"])
@login_required
def settings(request: HttpRequest) -> HttpResponse:
    user = person(request)
    care, error = care_actions.care_of(user), None
    if request.method == "POST":
        out, veil, minutes = request.POST.getlist("opted_out"), "veil" in request.POST, number(request, "break_minutes")
        try:
            care = care_actions.choose(user=user, opted_out=out, veil=veil, break_minutes=minutes, by=user)
        except DomainError as refused:
            error, care = refused, Care(annotator=user, opted_out=out, veil=veil)
    chosen = _chosen_theme(request.POST) if request.method == "POST" else theme(request)["theme"]
    context = {
        "care": care,
        "typed_minutes": request.POST.get("break_minutes", care.break_minutes),
        "risk_categories": RiskCategory.choices,
        "themes": THEMES,
        "theme": chosen,
        "error": error,
        "saved": request.method == "POST" and error is None,
        "is_manager": permissions.is_manager(user),
    }
    response = render(request, "settings.html", context, status=status_of(error) if error else 200)
    if request.method == "POST":
        secure = django_settings.SESSION_COOKIE_SECURE
        response.set_cookie("theme", chosen, max_age=YEAR, samesite="Lax", secure=secure, httponly=True)
    return response
