"""Who may: check_* raises a sentence, can_* answers yes or no.

When anyone may is the queue's and the kernel's business.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from annotation import requirements
from annotation.models import CampaignExam, Membership, Role
from preferences.errors import NotAllowed
from preferences.models import Campaign

if TYPE_CHECKING:
    from webapp.accounts.models import User


class WorkPaused(NotAllowed):
    """The person is paused, everywhere or in the campaign."""

    code = "work_paused"


class NotQualified(NotAllowed):
    """The campaign requires an exam that the person has not passed, or whose pass has ended."""

    code = "not_qualified"


def at_work(user: User, campaign: Campaign | OuterRef, *roles: Role) -> QuerySet[Membership]:
    """The memberships by which the user may act in the campaign now: those that nobody has paused."""
    working = Q(paused_at__isnull=True, user__paused_at__isnull=True)
    return Membership.objects.filter(working, user=user, campaign=campaign, role__in=roles)


def judging(user: User, campaign: Campaign | OuterRef, *, at: datetime | None = None) -> QuerySet[Membership]:
    """The membership by which the user may judge in the campaign now; the one place that says what that takes.

    The exams count as they stood at the moment `at`, now unless told: who holds work that they claimed while qualified
    may send it when their pass has ended or another exam is required meanwhile.
    """
    moment = at or timezone.now()
    required = CampaignExam.objects.filter(campaign=OuterRef("campaign"), required_at__lte=moment)
    unmet = requirements.unmet_of(required, user, at=moment)
    return at_work(user, campaign, Role.ANNOTATOR).filter(~Exists(unmet))


def belongs(user: User, campaign: Campaign, *roles: Role) -> bool:
    """Whether the user has one of the roles, paused or not."""
    return user.is_superuser or Membership.objects.filter(user=user, campaign=campaign, role__in=roles).exists()


def has_role(user: User, campaign: Campaign, *roles: Role) -> bool:
    if at_work(user, campaign, *roles).exists():
        return True
    return user.is_superuser and not is_paused(user, campaign, *roles)


def can_judge(user: User, campaign: Campaign, *, at: datetime | None = None) -> bool:
    if judging(user, campaign, at=at).exists():
        return True
    return user.is_superuser and not is_paused(user, campaign, Role.ANNOTATOR)


def is_paused(user: User, campaign: Campaign, *roles: Role) -> bool:
    """Whether a pause stands between the user and the roles; superusers need no role, and are paused all the same."""
    if user.paused_at is not None:
        return True
    paused = Membership.objects.filter(user=user, campaign=campaign, role__in=roles, paused_at__isnull=False)
    return paused.exists() and not at_work(user, campaign, *roles).exists()


def paused_sentence(user: User, campaign: Campaign, *roles: Role) -> str:
    """What a paused person is told, whichever door they come to; nothing where no pause is in their way."""
    if not is_paused(user, campaign, *roles):
        return ""
    return account_paused_sentence(user) or work_paused_sentence(campaign)


def work_paused_sentence(campaign: Campaign) -> str:
    return _(
        "Your work on “%(campaign)s” is paused: you take up none and send none for now. Nothing of yours "
        "is lost, and what you write is kept as a draft. Ask a manager of the campaign when it goes on."
    ) % {"campaign": campaign}


def account_paused_sentence(user: User) -> str:
    if user.paused_at is None:
        return ""
    return _(
        "A manager has paused your account: you take up no work and send none for now. Nothing of yours is lost, "
        "and what you write is kept as a draft. Ask a manager of your campaigns when it goes on."
    )


def check_is_annotator(user: User, campaign: Campaign) -> None:
    """For what only shows: who is paused still reads, and who is to pass an exam."""
    if not belongs(user, campaign, Role.ANNOTATOR):
        raise NotAllowed(
            _("You are not an annotator of “%(campaign)s”. Ask its manager to add you.") % {"campaign": campaign}
        )


def check_can_judge(user: User, campaign: Campaign) -> None:
    if can_judge(user, campaign):
        return
    check_is_annotator(user, campaign)
    if paused := paused_sentence(user, campaign, Role.ANNOTATOR):
        raise WorkPaused(paused)
    missing = requirements.unmet(user, [campaign], at=timezone.now()).first()
    raise NotQualified(unqualified_sentence(campaign, missing))


def unqualified_sentence(campaign: Campaign, missing: CampaignExam | None) -> str:
    """`missing`: the first of the exams that the person has not passed."""
    return _(
        "“%(campaign)s” is for those who passed the exam “%(exam)s”. "
        "You find it under My work; then its comparisons come to you. Nothing of yours was lost."
    ) % {"campaign": campaign, "exam": missing.exam if missing else ""}


def can_review(user: User, campaign: Campaign) -> bool:
    return has_role(user, campaign, Role.REVIEWER, Role.MANAGER)


def check_can_review(user: User, campaign: Campaign) -> None:
    if can_review(user, campaign):
        return
    if belongs(user, campaign, Role.REVIEWER, Role.MANAGER):
        raise WorkPaused(paused_sentence(user, campaign, Role.REVIEWER, Role.MANAGER))
    raise NotAllowed(
        _("You are not a reviewer of “%(campaign)s”. Ask its manager to make you one.") % {"campaign": campaign}
    )


def check_can_manage(user: User, campaign: Campaign) -> None:
    if has_role(user, campaign, Role.MANAGER):
        return
    if belongs(user, campaign, Role.MANAGER):
        raise WorkPaused(paused_sentence(user, campaign, Role.MANAGER))
    raise NotAllowed(_("Only a manager of “%(campaign)s” may do this.") % {"campaign": campaign})


def campaigns_of(user: User, *roles: Role) -> QuerySet[Campaign]:
    """The campaigns in which the user has one of the roles."""
    if user.is_superuser:
        return Campaign.objects.order_by("-priority", "name")
    mine = Membership.objects.filter(user=user, role__in=roles).values("campaign")
    return Campaign.objects.filter(pk__in=mine).order_by("-priority", "name")


def managed_by(user: User) -> QuerySet[Campaign]:
    """The campaigns that the user manages now: no pause is in the way."""
    return at_work_in(user, Role.MANAGER)


def at_work_in(user: User, *roles: Role) -> QuerySet[Campaign]:
    """The campaigns in which the user has one of the roles now: no pause is in the way."""
    if user.paused_at is not None:
        return Campaign.objects.none()
    if user.is_superuser:
        return Campaign.objects.order_by("-priority", "name")
    mine = Membership.objects.filter(user=user, role__in=roles, paused_at__isnull=True)
    return Campaign.objects.filter(pk__in=mine.values("campaign")).order_by("-priority", "name")


def check_at_work_in(user: User, *roles: Role, otherwise: str) -> QuerySet[Campaign]:
    """What at_work_in finds; where that is none, WorkPaused for who is paused, and NotAllowed with `otherwise`."""
    found = at_work_in(user, *roles)
    if found.exists() or (user.is_superuser and user.paused_at is None):
        return found
    if paused := next((one for one in campaigns_of(user, *roles) if is_paused(user, one, *roles)), None):
        raise WorkPaused(paused_sentence(user, paused, *roles))
    raise NotAllowed(account_paused_sentence(user) or otherwise)


def is_manager(user: User) -> bool:
    return user.is_superuser or Membership.objects.filter(user=user, role=Role.MANAGER).exists()
