"""The people of a manager's campaigns: the only pages that show who somebody is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Greatest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from annotation import memberships, permissions
from annotation import people as actions
from annotation.models import Assignment, Membership, Role
from preferences import text as texts
from preferences.errors import DomainError, InvalidInput, NotAllowed
from webapp import erasing
from webapp.accounts.models import User
from webapp.errors import status_of
from webapp.pages.requests import campaign_or_404, person, text_of

ON_A_PAGE = 50


@require_GET
@login_required
def people(request: HttpRequest) -> HttpResponse:
    user = manager(request)
    words = texts.storable(request.GET.get("q", "").strip())[:150]
    found = shown(user).filter(matches(words)) if words else shown(user)
    page = Paginator(found, ON_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "people.html", {"page": page, "words": words, "is_manager": True})


@require_GET
@login_required
def one(request: HttpRequest, pseudonym: str) -> HttpResponse:
    return _page(request, _theirs(request, pseudonym))


@require_POST
@login_required
def describe(request: HttpRequest, pseudonym: str) -> HttpResponse:
    vendor, locale = text_of(request, "vendor"), text_of(request, "locale")
    return _done(
        request, pseudonym, lambda who, by: actions.describe(user=who, vendor=vendor, locale=locale, by=by), "describe"
    )


@require_POST
@login_required
def pause(request: HttpRequest, pseudonym: str) -> HttpResponse:
    reason = text_of(request, "reason")
    return _done(request, pseudonym, lambda who, by: actions.pause(user=who, reason=reason, by=by), "pause")


@require_POST
@login_required
def resume(request: HttpRequest, pseudonym: str) -> HttpResponse:
    return _done(request, pseudonym, lambda who, by: actions.resume(user=who, by=by), "pause")


@require_POST
@login_required
def erase(request: HttpRequest, pseudonym: str) -> HttpResponse:
    """Afterwards they have no role and another pseudonym, so that there is no page of theirs to return to."""
    by, who = manager(request), _theirs(request, pseudonym)
    try:
        if request.POST.get("confirm", "").strip() != who.pseudonym:
            raise InvalidInput(
                _("To confirm, write %(pseudonym)s. Nothing was erased.") % {"pseudonym": who.pseudonym},
                field="confirm",
            )
        erasing.erase_person(person=who, reason=text_of(request, "reason"), by=by)
    except DomainError as error:
        return _page(request, who, error=error, place="erase")
    messages.success(request, _("Everything that this person wrote is erased."))
    return redirect("people")


@require_POST
@login_required
def add_role(request: HttpRequest, pseudonym: str) -> HttpResponse:
    word = request.POST.get("role", "")

    def add(who: User, by: User) -> None:
        campaign = campaign_or_404(request.POST.get("campaign", ""))
        permissions.check_can_manage(by, campaign)
        if word not in Role.values:
            raise InvalidInput(_("Choose one of the roles."), field="role")
        memberships.add(user=who, campaign=campaign, role=Role(word), by=by)

    return _done(request, pseudonym, add, "roles")


@require_POST
@login_required
def remove_role(request: HttpRequest, pseudonym: str, pk: int) -> HttpResponse:
    return _done(request, pseudonym, lambda who, by: memberships.remove(membership=role_of(who, by, pk), by=by), pk)


@require_POST
@login_required
def pause_role(request: HttpRequest, pseudonym: str, pk: int) -> HttpResponse:
    reason = text_of(request, "reason")
    return _done(
        request,
        pseudonym,
        lambda who, by: memberships.pause(membership=role_of(who, by, pk), reason=reason, by=by),
        pk,
    )


@require_POST
@login_required
def resume_role(request: HttpRequest, pseudonym: str, pk: int) -> HttpResponse:
    return _done(request, pseudonym, lambda who, by: memberships.resume(membership=role_of(who, by, pk), by=by), pk)


def manager(request: HttpRequest) -> User:
    """The person who asks, where they manage something and nobody has paused them."""
    user = person(request)
    if not permissions.is_manager(user):
        raise NotAllowed(_("The pages about people are for managers."))
    if sentence := permissions.account_paused_sentence(user):
        raise permissions.WorkPaused(sentence)
    return user


def _done(request: HttpRequest, pseudonym: str, act: Callable[[User, User], None], place: str | int) -> HttpResponse:
    """Acts on one of the manager's people; a refusal stands where it was asked for, with what was typed."""
    by, who = manager(request), _theirs(request, pseudonym)
    try:
        act(who, by)
    except DomainError as error:
        return _page(request, who, error=error, place=place)
    # Somebody who left the last of the manager's campaigns is not to be seen any more.
    return redirect("person", pseudonym) if _people(by).filter(pk=who.pk).exists() else redirect("people")


def _page(request: HttpRequest, who: User, error: DomainError | None = None, place: str | int = "") -> HttpResponse:
    by = person(request)
    context: dict[str, Any] = {
        "who": who,
        "roles": _roles(by).filter(user=who).select_related("campaign"),
        "campaigns": permissions.managed_by(by),
        "all_roles": Role.choices,
        "may_stop": actions.can_stop(who, by),
        "is_oneself": who.pk == by.pk,
        "typed": {"vendor": who.vendor, "locale": who.locale, **(request.POST.dict() if error else {})},
        "error": error,
        "place": place,
        "is_manager": True,
    }
    return render(request, "person.html", context, status=status_of(error) if error else 200)


def _theirs(request: HttpRequest, pseudonym: str) -> User:
    return get_object_or_404(shown(manager(request)), pseudonym=pseudonym)


def role_of(who: User, by: User, pk: int) -> Membership:
    return get_object_or_404(_roles(by).select_related("campaign", "user"), pk=pk, user=who)


def _people(by: User) -> QuerySet[User]:
    found: QuerySet[User] = actions.managed_by(by)
    return found


def _roles(by: User) -> QuerySet[Membership]:
    """Of the campaigns that the manager manages: what somebody does elsewhere is not theirs to see."""
    theirs = permissions.managed_by(by).order_by().values("pk")
    return Membership.objects.filter(campaign__in=theirs).order_by("campaign__name", "role")


def shown(by: User) -> QuerySet[User]:
    """With the roles, and when each was last at work or signed in."""
    last = Assignment.objects.filter(annotator=OuterRef("pk")).order_by("-pk").values("beaten_at")[:1]
    mine = Prefetch("memberships", _roles(by).select_related("campaign"), to_attr="roles")
    return _people(by).prefetch_related(mine).annotate(last_seen=Greatest("last_login", Subquery(last)))


def matches(words: str) -> Q:
    fields = ("pseudonym", "username", "first_name", "last_name", "email", "vendor", "locale")
    wanted = Q()
    for word in words.split()[:5]:
        one_field = Q()
        for field in fields:
            one_field |= Q(**{f"{field}__icontains": word})
        wanted &= one_field
    return wanted
