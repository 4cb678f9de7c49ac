"""Whether a prompt is close to one that the campaign has already, and what its writer wants to see of that one."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

from annotation.care import care_of
from preferences.actions import prompts
from preferences.models import Campaign
from webapp.accounts.models import User


@dataclass(frozen=True)
class Near:
    """An earlier prompt that a new one is close to, as far as its reader wants to meet it."""

    text: str
    is_folded: bool
    is_unwanted: bool  # of a risk category that the reader opted out of


def near_earlier(request: HttpRequest, campaign: Campaign, text: str, user: User) -> Near | None:
    """The earlier prompt that this one is close to, unless the person wants to send it anyway."""
    if "anyway" in request.POST:
        return None
    found = prompts.near_duplicate(campaign=campaign, text=text)
    if found is None:
        return None
    unwanted = campaign.is_safety and found.risk_category in care_of(user).opted_out
    return Near("" if unwanted else found.text, is_folded=campaign.is_safety, is_unwanted=unwanted)
