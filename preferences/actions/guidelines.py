from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from preferences import text as texts
from preferences.actions import events
from preferences.models import Campaign, Guideline

if TYPE_CHECKING:
    from webapp.accounts.models import User


@transaction.atomic
def publish(*, campaign: Campaign, text: str, by: User | None) -> Guideline:
    """The campaign's next guideline version; earlier ones stay with the judgments made under them."""
    text = texts.checked(text, what=_("The guideline"), limit=texts.GUIDELINE_LIMIT, field="text")
    Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)  # one version number at a time
    last = campaign.guidelines.order_by("-version").values_list("version", flat=True).first() or 0
    guideline = Guideline.objects.create(campaign=campaign, version=last + 1, text=text, published_by=by)
    events.record("guideline.published", guideline, by=by, campaign=campaign, version=guideline.version)
    return guideline


def current(campaign: Campaign) -> Guideline | None:
    return campaign.guidelines.order_by("-version").first()
