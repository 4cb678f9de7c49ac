"""What pages share: a request by somebody who is signed in, and numbers read from forms."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, cast

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from annotation import permissions
from annotation.answers import Answer
from preferences.errors import InvalidInput
from preferences.models import Campaign

if TYPE_CHECKING:
    from webapp.accounts.models import User


def person(request: HttpRequest) -> User:
    """The user of a page behind login_required."""
    return cast("User", request.user)


def campaign_or_404(slug: str) -> Campaign:
    return get_object_or_404(Campaign, slug=slug.replace("\x00", " "))  # no slug has either; PostgreSQL takes no NUL


def managed_or_404(request: HttpRequest, slug: str) -> Campaign:
    """A campaign for whoever manages it; NotAllowed for others."""
    campaign = campaign_or_404(slug)
    permissions.check_can_manage(person(request), campaign)
    return campaign


def number(request: HttpRequest, name: str) -> int | None:
    """A whole number from the form; None where there is none to be read."""
    return number_of(request.POST.get(name, ""))


def number_of(value: str) -> int | None:
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else None


def pasted(request: HttpRequest) -> int | None:
    """How many characters the form says were pasted (pasted.js); None where the form does not count."""
    return (number(request, "pasted") or 0) if "pasted" in request.POST else None


def text_of(request: HttpRequest, name: str) -> str:
    """A text from the form as it was typed: browsers send each end of line as two characters."""
    return request.POST.get(name, "").replace("\r\n", "\n")


def draft_of(request: HttpRequest) -> dict[str, str]:
    return {name: text_of(request, name) for name in request.POST}


def answer(request: HttpRequest) -> Answer:
    """A verdict from the form, in terms of left and right."""
    place = number(request, "verdict")
    if place is None and request.POST.get("verdict") != "neither":
        raise InvalidInput(_("Choose one of the verdicts in the row."), field="verdict")
    return Answer(
        place=place,
        safety_left=number(request, "safety_left"),
        safety_right=number(request, "safety_right"),
        rationale=text_of(request, "rationale"),
        pasted=pasted(request),
    )


def is_htmx(request: HttpRequest) -> bool:
    return bool(getattr(request, "htmx", False))


def form_key(request: HttpRequest) -> uuid.UUID:
    """The form's own key: the same one however often it is sent; a new one for a new form, or for no key at all."""
    try:
        return uuid.UUID(request.POST.get("key", ""))
    except ValueError:
        return uuid.uuid4()
