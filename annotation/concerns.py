"""Concerns: a signal proposes, a manager decides. Nothing happens to anybody before that."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from annotation import memberships, permissions
from annotation.models import Concern, Decision, Membership, Role
from annotation.quality.measures import measure
from annotation.quality.rows import read
from annotation.quality.windows import RECENT, recent
from preferences import text as texts
from preferences.actions import events
from preferences.errors import Conflict, InvalidInput, NotAllowed
from preferences.models import Campaign

if TYPE_CHECKING:
    from webapp.accounts.models import User

NOTE_LIMIT = 2_000


@transaction.atomic
def propose(*, campaign: Campaign, by: User | None) -> list[Concern]:
    """Opens a concern for each unusual signal of the last seven days; returns the new ones.

    None where one of the same person and signal is open, or was decided within those days: what was decided on is not
    brought up again. The campaign's row is held, so that two who ask at once do not both find nothing open.
    """
    if by is not None:
        permissions.check_can_manage(by, campaign)
    Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    window, now = recent(), timezone.now()
    people = set(Membership.objects.filter(campaign=campaign, role=Role.ANNOTATOR).values_list("user", flat=True))
    known = set(_open_or_recent(campaign))
    opened = [
        Concern(
            campaign=campaign,
            person_id=person,
            signal=signal.name,
            evidence={**asdict(signal), "since": window.since and window.since.isoformat(), "until": now.isoformat()},
            opened_at=now,
        )
        for person, signals in measure(read(campaign, window)).items()
        for signal in signals
        if signal.unusual and person in people and (person, signal.name) not in known
    ]
    Concern.objects.bulk_create(opened)
    events.record_all(
        [
            events.event("concern.opened", one, by=by, campaign=campaign, person=one.person_id, signal=one.signal)
            for one in opened
        ]
    )
    return opened


@transaction.atomic
def decide(*, concern: Concern, decision: str, note: str, by: User) -> Concern:
    """A manager's word on a concern, once; to pause stops the person's work in the campaign, the note being why."""
    permissions.check_can_manage(by, concern.campaign)
    if concern.person_id == by.pk:
        raise NotAllowed(_("Nobody decides about themselves. Ask another manager."))
    if decision not in Decision.values:
        raise InvalidInput(_("Choose what to do about it: nothing, talk, or pause."), field="decision")
    note = texts.checked(note, what=_("The note"), limit=NOTE_LIMIT, field="note", empty=True)
    held = Concern.objects.select_for_update(of=("self",)).select_related("campaign", "person").get(pk=concern.pk)
    if held.decision:
        if (held.decision, held.note, held.decided_by_id) == (decision, note, by.pk):  # a double click
            return held
        raise Conflict(_("Somebody decided about this meanwhile. Their decision stands; it is shown below."))
    if decision == Decision.PAUSE:
        _pause(held, reason=note, by=by)
    held.decision, held.note, held.decided_by, held.decided_at = decision, note, by, timezone.now()
    held.save(update_fields=["decision", "note", "decided_by", "decided_at"])
    events.record(
        "concern.decided", held, by=by, campaign=held.campaign, person=held.person_id, signal=held.signal,
        decision=decision, note=note,
    )  # fmt: skip
    return held


def _pause(concern: Concern, *, reason: str, by: User) -> None:
    theirs = Membership.objects.filter(user=concern.person, campaign=concern.campaign, role=Role.ANNOTATOR)
    membership = theirs.select_related("user", "campaign").first()
    if membership is None:
        raise Conflict(_("The person is no annotator of this campaign any more, so that there is nothing to pause."))
    memberships.pause(membership=membership, reason=reason, by=by)


def _open_or_recent(campaign: Campaign) -> Any:
    found = Concern.objects.filter(campaign=campaign)
    return (found.filter(decision="") | found.filter(decided_at__gte=timezone.now() - RECENT)).values_list(
        "person", "signal"
    )
