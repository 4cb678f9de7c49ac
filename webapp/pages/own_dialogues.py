"""The live dialogues that a person began and can go on with, and what each waits for."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from annotation import permissions
from annotation.models import Role
from preferences.choices import CampaignStatus, ComparisonStatus, DialogueStatus, Kind, Purpose, TurnStatus
from preferences.models import Comparison, Dialogue, Judgment, Turn
from webapp.accounts.models import User

LOOKED_THROUGH = 100  # newest open dialogues: who has more does not look for the oldest here
MOST = 20
BEGINNING = 100


@dataclass(frozen=True)
class OwnDialogue:
    campaign: str
    beginning: str  # of the last prompt
    is_folded: bool  # safety work, which meets the eye only when it is asked for
    waits_for: str
    address: str


def dialogues_of(user: User) -> QuerySet[Dialogue]:
    """All that the person began and whose answers are compared; attacks have pages of their own."""
    return Dialogue.objects.filter(author=user).exclude(campaign__kind=Kind.RED_TEAM).select_related("campaign")


def own_dialogues(user: User) -> list[OwnDialogue]:
    """Those that can go on, the one written in last first; two queries."""
    return [_shown(turn) for turn in _last_turns(user).order_by("-pk")[:MOST]]


def _last_turns(user: User) -> QuerySet[Turn]:
    """The last turn of each: being sampled, failed, to be judged by its author, or chosen from and to be continued."""
    campaigns = permissions.campaigns_of(user, Role.ANNOTATOR).filter(status=CampaignStatus.OPEN)
    campaigns = campaigns.exclude(kind=Kind.RED_TEAM)  # whose one dialogue is where its work begins
    last = Turn.objects.filter(dialogue=OuterRef("dialogue")).order_by("-index").values("pk")[:1]
    # Where others have filled every slot there is nothing for the author to judge any more.
    to_judge = Comparison.objects.filter(turn=OuterRef("pk"), status=ComparisonStatus.OPEN, purpose=Purpose.COLLECTION)
    judged = Judgment.objects.filter(comparison__turn=OuterRef("pk"), annotator=user)
    goes_on = (
        ~Q(status=TurnStatus.READY)
        | Q(chosen_response__isnull=False, index__lt=F("dialogue__campaign__max_turns") - 1)
        | (Q(chosen_response__isnull=True) & Exists(to_judge) & ~Exists(judged))
    )
    newest = Dialogue.objects.filter(author=user, status=DialogueStatus.OPEN, campaign__in=campaigns.order_by())
    theirs = Turn.objects.filter(
        dialogue__in=list(newest.order_by("-pk").values_list("pk", flat=True)[:LOOKED_THROUGH])
    )
    return theirs.filter(goes_on, pk=Subquery(last)).select_related("prompt", "dialogue__campaign")


def _shown(turn: Turn) -> OwnDialogue:
    campaign = turn.dialogue.campaign
    return OwnDialogue(
        campaign=campaign.name,
        beginning=Truncator(turn.prompt.text).chars(BEGINNING),
        is_folded=campaign.is_safety,
        waits_for=_waits_for(turn),
        address=reverse("dialogue", args=[turn.dialogue_id]) if _is_chosen(turn) else reverse("turn", args=[turn.pk]),
    )


def _waits_for(turn: Turn) -> str:
    if _is_chosen(turn):
        return _("Waiting for your next message")
    return {
        TurnStatus.SAMPLING: _("Both models are answering"),
        TurnStatus.FAILED: _("Sampling failed: try again"),
        TurnStatus.READY: _("Both answers are ready: compare them"),
    }[TurnStatus(turn.status)]


def _is_chosen(turn: Turn) -> bool:
    return turn.chosen_response_id is not None
