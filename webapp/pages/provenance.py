"""How the latest responses of a variant were made, without their texts: who looks here may still judge them."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from annotation import permissions
from preferences.choices import ResponseSource
from preferences.models import Response, Variant
from webapp.pages.machines import manager

SHOWN = 50


@require_GET
@login_required
def responses(request: HttpRequest, pk: int) -> HttpResponse:
    """Those of the campaigns that the reader manages."""
    user = manager(request)
    variant = get_object_or_404(Variant, pk=pk)
    made = Response.objects.filter(
        variant=variant,
        source=ResponseSource.COLLECTED,
        turn__dialogue__campaign__in=permissions.managed_by(user).order_by().values("pk"),
    )
    latest = made.select_related("turn__dialogue__campaign").order_by("-pk")[:SHOWN]
    context = {"variant": variant, "responses": latest, "shown": SHOWN, "is_manager": True}
    return render(request, "provenance.html", context)
