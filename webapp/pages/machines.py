"""Machines: which workers there are and what they do, what waits for them, what failed and is asked for again."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from annotation import permissions
from preferences.errors import NotAllowed
from webapp.accounts.models import User
from webapp.pages.requests import number_of, person
from workers import failures, standing, tasks
from workers import machines as workers

# What a worker is doing, for who does not know the tasks by their names; any other task is told by its name.
WORDS = {
    "workers.temperature.tasks.tune": gettext_lazy("Measures temperatures"),
    "workers.tasks.check_variant": gettext_lazy("Checks a variant"),
    "exports.tasks.write": gettext_lazy("Writes an export"),
}


@require_GET
@login_required
def machines(request: HttpRequest) -> HttpResponse:
    """The page, which asks for itself every few seconds."""
    user = manager(request)
    context = {
        "workers": [(one, WORDS.get(one.worker.task)) for one in workers.seen()],
        "unserved": workers.unserved(),
        "standings": standing.standings(),
        "causes": failures.causes(permissions.managed_by(user)),
        "again": number_of(request.GET.get("again", "")),
        "is_manager": True,
    }
    return render(request, "machines.html", context)


@require_POST
@login_required
def ask_again(request: HttpRequest) -> HttpResponse:
    """All that failed by one cause, in the campaigns that the person manages."""
    user = manager(request)
    reason = request.POST.get("reason", "").replace("\x00", " ")  # PostgreSQL takes no NUL
    asked = failures.ask_again(reason=reason, campaigns=permissions.managed_by(user), by=user)
    tasks.wake_after_commit(asked.variants)
    return redirect(f"{reverse('machines')}?again={asked.prompts}")


def manager(request: HttpRequest) -> User:
    """Who asks, if they manage a campaign."""
    user = person(request)
    if not permissions.is_manager(user):
        raise NotAllowed(_("The machines are for managers."))
    return user
