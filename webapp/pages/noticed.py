"""What a writer is to know before a prompt is stored: it is close to an earlier one, or stands in an evaluation set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest

from annotation.care import care_of
from preferences.actions import evaluation_sets, prompts
from preferences.actions.evaluation_sets import Found
from preferences.models import Campaign
from webapp.accounts.models import User


@dataclass(frozen=True)
class Near:
    """An earlier prompt that a new one is close to, as far as its reader wants to meet it."""

    text: str
    is_folded: bool
    is_unwanted: bool  # of a risk category that the reader opted out of


@dataclass(frozen=True)
class Noticed:
    near: Near | None
    found: list[Found]  # what most of it stands in first

    @property
    def names(self) -> str:
        return " · ".join(one.evaluation_set.name for one in self.found)


def noticed(
    request: HttpRequest, campaign: Campaign, texts: Sequence[str], user: User, *, goes_on: bool = False
) -> Noticed | None:
    """What `look` finds; None where they are sent anyway."""
    return None if "anyway" in request.POST else look(campaign, texts, user, goes_on=goes_on)


def look(campaign: Campaign, texts: Sequence[str], user: User, *, goes_on: bool = False) -> Noticed | None:
    """What is to be told, of the first text and of all of them; None where nothing is.

    What `goes_on` is not compared with earlier prompts: the beginning of it was.
    """
    near = None if goes_on else _near(campaign, texts[0], user)
    found = evaluation_sets.find(texts)
    return Noticed(near, found) if near or found else None


def _near(campaign: Campaign, text: str, user: User) -> Near | None:
    found = prompts.near_duplicate(campaign=campaign, text=text)
    if found is None:
        return None
    unwanted = campaign.is_safety and found.risk_category in care_of(user).opted_out
    return Near("" if unwanted else found.text, is_folded=campaign.is_safety, is_unwanted=unwanted)
