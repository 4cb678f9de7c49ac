"""What a manager's program may act on. What is not for its person is not there."""

from __future__ import annotations

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from rest_framework.request import Request

from annotation import permissions
from annotation.models import Role
from preferences.models import Campaign
from webapp.accounts.models import User
from webapp.api.authentication import person


def campaigns(request: Request) -> QuerySet[Campaign]:
    """The campaigns that the person manages now; NotAllowed where there are none."""
    return permissions.check_at_work_in(person(request), Role.MANAGER, otherwise=_("This is for managers."))


def campaign(request: Request, slug: str) -> Campaign:
    """One of them, else 404."""
    return get_object_or_404(campaigns(request), slug=slug)


def manager(request: Request) -> User:
    """The person who asks, where they manage something and nobody has paused them."""
    campaigns(request)
    return person(request)
