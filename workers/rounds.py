"""Rounds of a campaign's loop: a new variant is sampled against those before it until the next round opens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from preferences.actions import events, sampling_plans
from preferences.choices import CampaignStatus
from preferences.errors import Conflict, InvalidInput
from preferences.models import Campaign, Variant
from workers import health, plans
from workers.models import Round
from workers.temperature import actions as sweeps

if TYPE_CHECKING:
    from webapp.accounts.models import User


@transaction.atomic
def open_round(
    *, campaign: Campaign, new: Variant, against: Mapping[Variant, float], by: User | None, anyway: bool = False
) -> Round:
    """Opens the campaign's next round, which closes the one before, and writes its sampling plan.

    The plan has a line of `new` against each of `against`, by these weights, at the temperatures of the plan that it
    takes the place of; they follow the sweeps, which are asked for where a reward model can judge. What was asked for
    under the old plan is still answered.
    """
    campaign = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    last = campaign.rounds.order_by("number").last()
    _check(campaign, new, against, last)
    health.check_usable((new, *against), anyway=anyway)
    lines = [(new, other, plans.terms_of(campaign, new, other, weight=weight)) for other, weight in against.items()]
    # One moment ends the one and begins the other: nothing falls between them, even where a clock was set back.
    now = timezone.now() if last is None else max(timezone.now(), last.opened_at)
    if last is not None and last.closed_at is None:
        last.closed_at = now
        last.save(update_fields=["closed_at"])
        events.record("round.closed", last, by=by, campaign=campaign, number=last.number)
    opened = Round.objects.create(
        campaign=campaign, number=last.number + 1 if last else 1, new=new, opened_by=by, opened_at=now
    )
    events.record(
        "round.opened", opened, by=by, campaign=campaign, number=opened.number, new=new.name,
        against=[other.name for other in against],
    )  # fmt: skip
    sampling_plans.replace(campaign=campaign, lines=lines, by=by)
    sweeps.request_for_round(round=opened, by=by)
    return opened


def _check(campaign: Campaign, new: Variant, against: Mapping[Variant, float], last: Round | None) -> None:
    if campaign.status == CampaignStatus.CLOSED:
        raise Conflict(_("“%(campaign)s” is closed: no further round opens.") % {"campaign": campaign})
    if not against:
        raise InvalidInput(_("Choose at least one variant that the new one is compared with."), field="against")
    if new in against:
        raise InvalidInput(_("A pair needs two different variants."), field="against")
    if last is not None and last.closed_at is None and last.new == new:
        raise Conflict(
            _("Round %(number)d, which is open, tries “%(variant)s” already.") % {"number": last.number, "variant": new}
        )
