"""The plan by which a campaign's work goes to reviewers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from annotation import permissions
from annotation.models import ReviewPlan
from preferences.actions import events
from preferences.errors import InvalidInput
from preferences.models import Campaign

if TYPE_CHECKING:
    from webapp.accounts.models import User

MOST_NEWCOMERS = 1_000


def plan_of(campaign: Campaign) -> ReviewPlan:
    """The campaign's plan; one that asks for nothing, not stored, where it has none."""
    nothing = {"flagged": False, "safety": False, "splits": False}
    return ReviewPlan.objects.filter(campaign=campaign).first() or ReviewPlan(campaign=campaign, **nothing)


@transaction.atomic
def change(
    *,
    campaign: Campaign,
    by: User,
    percent: int | None,
    newcomers: int | None,
    flagged: bool,
    safety: bool,
    splits: bool,
) -> ReviewPlan:
    """Holds for what is drawn from now on; what was drawn before stays to be reviewed."""
    permissions.check_can_manage(by, campaign)
    if percent is None or not 0 <= percent <= 100:
        raise InvalidInput(_("Write the share as a whole number from 0 to 100."), field="percent")
    if newcomers is None or not 0 <= newcomers <= MOST_NEWCOMERS:
        raise InvalidInput(
            _("Write how many first judgments are reviewed as a whole number from 0 to %(most)d.")
            % {"most": MOST_NEWCOMERS},
            field="newcomers",
        )
    chosen = {"percent": percent, "newcomers": newcomers, "flagged": flagged, "safety": safety, "splits": splits}
    stood = plan_of(campaign)
    before = {name: getattr(stood, name) for name in chosen}
    plan, _created = ReviewPlan.objects.update_or_create(campaign=campaign, defaults=chosen)
    events.record("review_plan.changed", plan, by=by, campaign=campaign, before=before, after=chosen)
    return plan
