"""Demonstrations: sent, corrected or returned by a reviewer, sent again, approved (Llama 2, sections 3.1 and A.5.3)."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from preferences import lifecycle
from preferences import text as texts
from preferences.actions import evaluation_sets, events, prompts
from preferences.actions.prompts import Labels
from preferences.choices import Criterion, DemonstrationStatus, Kind
from preferences.errors import Conflict, InvalidInput, NotAllowed
from preferences.models import Campaign, Demonstration, DemonstrationVersion, Guideline, Message, Prompt

if TYPE_CHECKING:
    from webapp.accounts.models import User

Exchange = tuple[str, str]  # a prompt and its answer


@transaction.atomic
def submit(
    *,
    campaign: Campaign,
    exchanges: Sequence[Exchange],
    labels: Labels,
    by: User,
    guideline: Guideline,
    active_seconds: float,
    key: uuid.UUID | None = None,
    pasted: int | None = None,
) -> Demonstration:
    """Stores what was written, to be reviewed. A form has a `key`; sent again, it stores nothing."""
    prompts.one_form_at_a_time(by)
    if earlier := sent_before(key, by):
        return earlier
    if campaign.kind != Kind.DEMONSTRATION:
        raise Conflict(_("“%(campaign)s” collects no demonstrations.") % {"campaign": campaign})
    messages = checked(campaign, exchanges)
    prompt = prompts.store(campaign=campaign, text=messages[0]["content"], by=by, labels=labels, pasted=pasted)
    made = Demonstration.objects.create(campaign=campaign, author=by, key=key or uuid.uuid4(), sent_at=timezone.now())
    _add(made, messages, prompt, by=by, guideline=guideline, active_seconds=active_seconds, pasted=pasted)
    events.record("demonstration.submitted", made, by=by, campaign=campaign, turns=len(exchanges))
    return made


@transaction.atomic
def rewrite(
    *,
    demonstration: Demonstration,
    exchanges: Sequence[Exchange],
    labels: Labels,
    by: User,
    guideline: Guideline,
    active_seconds: float,
    pasted: int | None = None,
) -> Demonstration:
    """The author's next version of what was returned to them; it is reviewed again."""
    held = locked(demonstration)
    if held.author_id != by.pk:
        raise NotAllowed(_("Only the person who wrote a demonstration may send it again."))
    messages, before = checked(held.campaign, exchanges), held.newest
    if held.status == DemonstrationStatus.IN_REVIEW and before.messages == messages:  # a double click
        return held
    if held.status != DemonstrationStatus.RETURNED:
        raise Conflict(_("This demonstration was not returned to you: what you sent before is what counts."))
    prompt = before.prompt
    if prompt.text != messages[0]["content"] or Labels.of(prompt) != labels.checked(held.campaign):
        prompt = prompts.store(campaign=held.campaign, text=messages[0]["content"], by=by, labels=labels, pasted=pasted)
    _add(held, messages, prompt, by=by, guideline=guideline, active_seconds=active_seconds, pasted=pasted)
    lifecycle.advance(held, DemonstrationStatus.IN_REVIEW, sent_at=timezone.now())
    events.record("demonstration.rewritten", held, by=by, campaign=held.campaign, version=before.number + 1)
    return held


@transaction.atomic
def approve(
    *,
    demonstration: Demonstration,
    version: int,
    exchanges: Sequence[Exchange],
    met: Collection[str],
    by: User,
    guideline: Guideline,
    active_seconds: float,
) -> Demonstration:
    """Approves the demonstration; where the reviewer corrected something, their wording is a version of its own."""
    held = _reviewed(demonstration, version, by)
    if set(met) != set(Criterion):
        raise InvalidInput(
            _("Approve it only if it meets every point. Correct what is small; return it with a comment if much is."),
            field="met",
        )
    messages, before = checked(held.campaign, exchanges), held.newest
    corrected = messages != before.messages
    if corrected:
        _add(held, messages, before.prompt, by=by, guideline=guideline, active_seconds=active_seconds)
    _decide(held, DemonstrationStatus.APPROVED, by, active_seconds, unmet=[])
    events.record("demonstration.approved", held, by=by, campaign=held.campaign, corrected=corrected)
    return held


@transaction.atomic
def send_back(
    *,
    demonstration: Demonstration,
    version: int,
    feedback: str,
    met: Collection[str],
    by: User,
    active_seconds: float,
) -> Demonstration:
    """Returns the demonstration to its author, with what is to be changed."""
    held = _reviewed(demonstration, version, by)
    what = _("The comment to the author")
    feedback = texts.checked(feedback, what=what, limit=texts.RATIONALE_LIMIT, field="feedback")
    unmet = [criterion.value for criterion in Criterion if criterion not in met]
    _decide(held, DemonstrationStatus.RETURNED, by, active_seconds, feedback=feedback, unmet=unmet)
    events.record(
        "demonstration.returned", held, by=by, campaign=held.campaign, version=version, feedback=feedback, unmet=unmet
    )
    return held


def sent_before(key: uuid.UUID | None, by: User) -> Demonstration | None:
    """What the same form made when it was sent the first time."""
    earlier = Demonstration.objects.filter(key=key).first() if key else None
    if earlier is not None and earlier.author_id != by.pk:
        raise Conflict(_("This form belongs to somebody else. Load the page again; keep a copy of what you wrote."))
    return earlier


def checked(campaign: Campaign, exchanges: Sequence[Exchange]) -> list[Message]:
    """The messages as they will be stored, or InvalidInput naming the field that is wrong."""
    if not 1 <= len(exchanges) <= campaign.max_turns:
        raise InvalidInput(
            _("A demonstration of this campaign has at most %(turns)d turns.") % {"turns": campaign.max_turns}
        )
    messages: list[Message] = []
    for turn, (prompt, answer) in enumerate(exchanges, start=1):
        words = {"turn": turn}
        what = _("Prompt %(turn)d") % words if campaign.max_turns > 1 else _("The prompt")
        prompt = texts.checked(prompt, what=what, limit=texts.PROMPT_LIMIT, field=f"prompt_{turn}")
        what = _("Answer %(turn)d") % words if campaign.max_turns > 1 else _("The answer")
        answer = texts.checked(answer, what=what, limit=texts.ANSWER_LIMIT, field=f"answer_{turn}")
        messages += [{"role": "user", "content": prompt}, {"role": "assistant", "content": answer}]
    return messages


def locked(demonstration: Demonstration) -> Demonstration:
    rows = Demonstration.objects.select_for_update(of=("self",)).select_related("campaign")
    return rows.get(pk=demonstration.pk)


def _reviewed(demonstration: Demonstration, version: int, by: User) -> Demonstration:
    """The demonstration, held, if this reviewer may decide on this version of it now."""
    held = locked(demonstration)
    if held.author_id == by.pk:
        raise NotAllowed(_("This is your own work: another reviewer looks at it."))
    if held.status != DemonstrationStatus.IN_REVIEW or held.newest.number != version:
        raise Conflict(_("Another reviewer has decided on it, or it was sent anew meanwhile. Go on with the next one."))
    return held


def _decide(
    held: Demonstration, to: DemonstrationStatus, by: User, active_seconds: float, **changes: str | list[str]
) -> None:
    spent = held.review_seconds + active_seconds
    lifecycle.advance(held, to, reviewer=by, reviewed_at=timezone.now(), review_seconds=spent, **changes)


def _add(
    demonstration: Demonstration,
    messages: list[Message],
    prompt: Prompt,
    *,
    by: User,
    guideline: Guideline,
    active_seconds: float,
    pasted: int | None = None,
) -> None:
    said = [message["content"] for message in messages]
    DemonstrationVersion.objects.create(
        demonstration=demonstration,
        number=demonstration.versions.count() + 1,
        by=by,
        prompt=prompt,
        messages=messages,
        guideline=guideline,
        active_seconds=active_seconds,
        pasted=texts.clamped(pasted, "".join(said)),
        created_at=timezone.now(),
    )
    evaluation_sets.note(prompt=prompt, texts=said, by=by)
