"""What was done in a manager's campaigns, by whom, to what, from where."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from annotation import permissions
from preferences.errors import InvalidInput
from webapp import event_search
from webapp.errors import status_of
from webapp.event_words import WORDS
from webapp.pages.requests import number_of, person


@require_GET
@login_required
def events(request: HttpRequest) -> HttpResponse:
    user = person(request)
    seen = event_search.visible(user)
    typed = {name: request.GET.get(name, "") for name in event_search.FIELDS}
    context: dict[str, Any] = {
        "typed": typed,
        "is_asked": any(typed.values()),
        "campaigns": permissions.managed_by(user),
        "verbs": WORDS.items(),
        "is_manager": True,
    }
    try:
        found = event_search.find(seen, typed)
    except InvalidInput as error:
        return render(request, "events.html", context | {"error": error}, status=status_of(error))
    page = event_search.page(found, before=number_of(request.GET.get("before", "")))
    context |= {
        "lines": page.lines,
        "older": page.older,
        "is_first": "before" not in request.GET,
    }
    return render(request, "events.html", context)
