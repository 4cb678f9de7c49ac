"""Who may: check_* raises a sentence, can_* answers yes or no.

When anyone may is the queue's and the kernel's business.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import OuterRef, QuerySet
from django.utils.translation import gettext as _

from annotation.models import Membership, Role
from preferences.errors import NotAllowed
from preferences.models import Campaign

if TYPE_CHECKING:
    from webapp.accounts.models import User


def has_role(user: User, campaign: Campaign, *roles: Role) -> bool:
    return user.is_superuser or Membership.objects.filter(user=user, campaign=campaign, role__in=roles).exists()


def judging(user: User, campaign: Campaign | OuterRef) -> QuerySet[Membership]:
    """The membership by which the user may judge in the campaign now; the one place that says what that takes."""
    return Membership.objects.filter(user=user, campaign=campaign, role=Role.ANNOTATOR)


def can_judge(user: User, campaign: Campaign) -> bool:
    return user.is_superuser or judging(user, campaign).exists()


def check_can_judge(user: User, campaign: Campaign) -> None:
    if not can_judge(user, campaign):
        raise NotAllowed(
            _("You are not an annotator of “%(campaign)s”. Ask its manager to add you.") % {"campaign": campaign}
        )


def check_can_manage(user: User, campaign: Campaign) -> None:
    if not has_role(user, campaign, Role.MANAGER):
        raise NotAllowed(_("Only a manager of “%(campaign)s” may do this.") % {"campaign": campaign})


def campaigns_of(user: User, *roles: Role) -> QuerySet[Campaign]:
    """The campaigns in which the user has one of the roles."""
    if user.is_superuser:
        return Campaign.objects.order_by("name")
    mine = Membership.objects.filter(user=user, role__in=roles).values("campaign")
    return Campaign.objects.filter(pk__in=mine).order_by("name")


def is_manager(user: User) -> bool:
    return user.is_superuser or Membership.objects.filter(user=user, role=Role.MANAGER).exists()
