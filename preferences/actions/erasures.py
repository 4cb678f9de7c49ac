"""Taking words out of the record for good: a person's wherever they stand, or everything of one dialogue.

What stood there is gone, from PostgreSQL too; a tombstone tells where it stood, and each sealed batch that held it gets
a new version (docs/adr/0023-erasure.md). Verdicts stay: without words and without a name they tell of nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Model, Q
from django.utils.translation import gettext as _

from preferences import batch_versions, event_erasing, lifecycle
from preferences import text as texts
from preferences.actions import events, holdout, slots
from preferences.choices import ComparisonStatus, DialogueStatus, TurnStatus
from preferences.erasing import ERASED, WORDS, Erasing, erasing, without
from preferences.errors import Conflict
from preferences.models import (
    Comparison,
    Demonstration,
    DemonstrationVersion,
    Dialogue,
    Event,
    Flag,
    Judgment,
    Message,
    Prompt,
    RedTeamReport,
    Replay,
    Response,
    Turn,
)

if TYPE_CHECKING:
    from webapp.accounts.models import User

REASON_LIMIT = 1_000

Beside = Callable[[Erasing], None]  # takes out what another side keeps; called within the erasure


class NothingToErase(Conflict):
    """It was erased before, or nothing was ever written."""

    code = "nothing_to_erase"


@transaction.atomic
def erase_person(*, person: User, reason: str, by: User | None, beside: Sequence[Beside] = ()) -> Erasing:
    """Takes out what the person wrote: prompts with their dialogues, demonstrations, edits, rationales and notes."""
    prompts = set(Prompt.objects.filter(author=person).values_list("pk", flat=True))
    dialogues = Dialogue.objects.filter(Q(author=person) | Q(turns__prompt__in=prompts))
    return _erase(person, prompts, set(dialogues.values_list("pk", flat=True)), person, reason, by, beside)


@transaction.atomic
def erase_dialogue(*, dialogue: Dialogue, reason: str, by: User | None, beside: Sequence[Beside] = ()) -> Erasing:
    """Takes out everything of a dialogue, and of the others in which one of its prompts was asked."""
    prompts = set(dialogue.turns.values_list("prompt", flat=True))
    dialogues = Dialogue.objects.filter(turns__prompt__in=prompts)
    keys = {dialogue.pk, *dialogues.values_list("pk", flat=True)}
    return _erase(dialogue, prompts, keys, None, reason, by, beside)


def _erase(
    about: Model,
    prompts: set[int],
    dialogues: set[int],
    person: User | None,
    reason: str,
    by: User | None,
    beside: Sequence[Beside],
) -> Erasing:
    reason = texts.checked(reason, what=_("The reason"), limit=REASON_LIMIT, field="reason")
    holdout.one_draw_at_a_time()  # a batch that is sealed beside would hold what goes
    with erasing(about, reason=reason, by=by) as under_way:
        under_way.person = person
        under_way.dialogues = dialogues | _replayed(dialogues)
        _hold(under_way)
        batch_versions.hold(under_way)
        _of_dialogues(under_way, prompts)
        if person is not None:
            _of_person(under_way, person)
        batch_versions.renew(under_way)
        for part in beside:
            part(under_way)
        slots.close(under_way.removed)  # also those that were leased until now
        left = event_erasing.close(under_way)
    if not under_way.counts:
        raise NothingToErase(_("Nothing is left of it to erase: it was erased before, or nobody wrote anything."))
    renewed = [f"{new.name} version {new.version}" for _old, new in under_way.renewed]
    erasure = under_way.erasure
    events.record(
        "erasure.made", erasure, by=by, of=erasure.subject, reason=reason, fields=dict(under_way.counts),
        batches=renewed, left=left,
    )  # fmt: skip
    return under_way


def _replayed(dialogues: set[int]) -> set[int]:
    """The dialogues in which attacks of these were put to other variants: they hold the same messages."""
    return set(Replay.objects.filter(attempt__dialogue__in=dialogues).values_list("turn__dialogue", flat=True))


def _hold(under_way: Erasing) -> None:
    """The rows of the comparisons that go, held; Conflict where a model is just answering."""
    if Turn.objects.filter(dialogue__in=under_way.dialogues, status=TurnStatus.SAMPLING).exists():
        raise Conflict(
            _("A model is just answering a prompt that is to be erased. Nothing was erased; try again in a minute.")
        )
    going = Comparison.objects.filter(turn__dialogue__in=under_way.dialogues).order_by("pk")
    under_way.removed = set(going.select_for_update(no_key=True).values_list("pk", flat=True))
    if under_way.person is not None:
        worded = ~Q(rationale="") | Q(edited_response__isnull=False)
        judged = Judgment.objects.filter(worded, annotator=under_way.person).values_list("comparison", flat=True)
        under_way.changed = set(judged) - under_way.removed


def _of_dialogues(under_way: Erasing, prompts: set[int]) -> None:
    dialogues = Dialogue.objects.filter(pk__in=under_way.dialogues)
    responses = Response.objects.filter(turn__dialogue__in=under_way.dialogues)
    under_way.blank(Prompt.objects.filter(pk__in=prompts), "text")
    under_way.blank(dialogues, "context", to=[])
    under_way.blank(responses, "text")
    under_way.blank(responses, "identity_leak", to="")
    under_way.blank(Flag.objects.filter(comparison__in=under_way.removed), "note", to="")
    under_way.blank(RedTeamReport.objects.filter(dialogue__in=under_way.dialogues), "note", to="")
    judged = Judgment.objects.filter(comparison__in=under_way.removed)
    under_way.blank(judged, "rationale", to="")
    _of_events(under_way, judged.values_list("pk", flat=True))
    lifecycle.advance_many(dialogues, DialogueStatus.OPEN, DialogueStatus.ENDED)
    going = Comparison.objects.filter(pk__in=under_way.removed)
    for status in (ComparisonStatus.OPEN, ComparisonStatus.JUDGED, ComparisonStatus.SEALED):
        lifecycle.advance_many(going, status, ComparisonStatus.WITHDRAWN)


def _of_person(under_way: Erasing, person: User) -> None:
    theirs = Judgment.objects.filter(annotator=person)
    edited = theirs.filter(edited_response__isnull=False)
    edits = dict(edited.values_list("pk", "edited_response"))
    under_way.blank(theirs, "rationale", to="")
    under_way.blank(Response.objects.filter(pk__in=edits.values()), "text")
    Judgment.objects.filter(pk__in=edits).update(edited_response=None, pasted_edit=None)
    under_way.blank(Flag.objects.filter(annotator=person), "note", to="")
    _of_demonstrations(under_way, person)
    _of_events(under_way, theirs.values_list("pk", flat=True))
    said = Event.objects.filter(actor=person, data__has_any_keys=WORDS)
    under_way.blank(said, "data", to=without(*WORDS))
    under_way.blank(Event.objects.filter(actor=person).exclude(address=""), "address", to="")


def _of_demonstrations(under_way: Erasing, person: User) -> None:
    """Whole ones: what a reviewer corrected has the author's words in it, and the other way about."""
    written = DemonstrationVersion.objects.filter(by=person).values("demonstration")
    theirs = Demonstration.objects.filter(Q(author=person) | Q(pk__in=written))
    under_way.blank(theirs, "feedback")
    subjects = [f"demonstration:{pk}" for pk in theirs.values_list("pk", flat=True)]
    returned = Event.objects.filter(subject__in=subjects, data__has_any_keys=WORDS)
    under_way.blank(returned, "data", to=without(*WORDS))
    versions = DemonstrationVersion.objects.filter(demonstration__in=theirs.values("pk"))
    under_way.blank(versions, "messages", to=_emptied)


def _emptied(messages: list[Message]) -> list[Message]:
    return [{"role": message["role"], "content": ERASED} for message in messages]


def _of_events(under_way: Erasing, judgments: Iterable[int]) -> None:
    """What a rationale was before it was revised stands in the events."""
    subjects = [f"judgment:{pk}" for pk in judgments]
    revised = Event.objects.filter(subject__in=subjects, verb="judgment.revised")
    under_way.blank(revised, "data", to=without(*WORDS))
