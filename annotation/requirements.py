"""Which exams a campaign's work asks for, and who has passed them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q, QuerySet

from annotation.models import Attempt, CampaignExam
from preferences.choices import AttemptStatus
from preferences.models import Campaign

if TYPE_CHECKING:
    from webapp.accounts.models import User


def passes(user: User, *, at: datetime) -> QuerySet[Attempt]:
    """The exams that the user had passed at this moment, and whose pass had not ended."""
    ends_later = Q(valid_until__isnull=True) | Q(valid_until__gt=at)
    return Attempt.objects.filter(ends_later, person=user, status=AttemptStatus.PASSED, finished_at__lte=at)


def unmet_of(required: QuerySet[CampaignExam], user: User, *, at: datetime) -> QuerySet[CampaignExam]:
    """Those of the required exams that the user had not passed at this moment."""
    counting = passes(user, at=at).filter(
        exam__slug=OuterRef("exam__slug"), exam__version__gte=OuterRef("least_version")
    )
    return required.filter(~Exists(counting))


def unmet(user: User, campaigns: Iterable[Campaign], *, at: datetime) -> QuerySet[CampaignExam]:
    """What the campaigns ask of the user before their work, in the order in which it was required."""
    required = CampaignExam.objects.filter(campaign__in=campaigns)
    return unmet_of(required, user, at=at).select_related("exam", "campaign").order_by("campaign", "id")
