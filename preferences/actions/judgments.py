from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from preferences import lifecycle
from preferences import text as texts
from preferences.actions import comparisons, events, responses
from preferences.choices import ComparisonStatus, JudgmentRole, Position, RationalePolicy, SlotStatus
from preferences.errors import Conflict, InvalidInput
from preferences.models import Campaign, Comparison, Guideline, Judgment, Response, Slot, Turn
from preferences.scales import HIGHEST_VIOLATION, Verdict, check_on_scale

if TYPE_CHECKING:
    from webapp.accounts.models import User


@dataclass(frozen=True)
class Opinion:
    """What an annotator thinks of a comparison, in terms of responses A and B."""

    verdict: Verdict
    safety: dict[Position, int] | None = None
    rationale: str = ""
    pasted: int | None = None  # characters of the rationale, as the browser counted them


@transaction.atomic(savepoint=False)
def record(
    *,
    slot: Slot,
    comparison: Comparison,
    by: User,
    opinion: Opinion,
    shown_left: Position,
    guideline: Guideline,
    active_seconds: float,
) -> Judgment:
    """Fills a leased slot.

    Call while holding the comparison's row lock, with its campaign, turn and dialogue loaded.
    """
    check_revisable(comparison)
    opinion = checked(comparison.campaign, opinion, shown_left)
    lifecycle.advance(slot, SlotStatus.FILLED)
    judgment = Judgment(
        slot=slot,
        comparison=comparison,
        annotator=by,
        guideline=guideline,
        shown_left=shown_left,
        active_seconds=active_seconds,
        pasted_rationale=texts.clamped(opinion.pasted, opinion.rationale),
        created_at=timezone.now(),
        **fields_of(opinion),
    )
    insert(judgment)
    told = [
        events.event("judgment.recorded", judgment, by=by, campaign=comparison.campaign, comparison=comparison.pk),
    ]
    if comparisons.finish_if_judged(comparison):
        told.append(events.event("comparison.judged", comparison, by=None, campaign=comparison.campaign))
    events.record_all(told)
    if _is_authors(judgment):
        _continue_dialogue(comparison.turn, _chosen_response(judgment))
    return judgment


@transaction.atomic(savepoint=False)
def revise(*, judgment: Judgment, comparison: Comparison, by: User, opinion: Opinion, guideline: Guideline) -> Judgment:
    """The annotator's second thoughts, possible until the comparison is sealed; the event keeps what was there before.

    Call while holding the comparison's row lock, with its campaign, turn and dialogue loaded.
    """
    check_revisable(comparison)
    _check_not_ruled_on(judgment)
    opinion = checked(comparison.campaign, opinion, Position(judgment.shown_left))
    before, after = _said(judgment), fields_of(opinion)
    if before == after:
        return judgment
    authors_choice_moves = _is_authors(judgment) and judgment.chosen != opinion.verdict.chosen
    if authors_choice_moves and _is_continued(comparison.turn):
        raise Conflict(
            _(
                "The dialogue went on from the response that you chose, so that the choice stays. "
                "You can still change the degree, the scores and the rationale."
            )
        )
    if judgment.chosen != opinion.verdict.chosen:
        judgment.edited_response = None
    for name, value in after.items():
        setattr(judgment, name, value)
    if before["rationale"] != after["rationale"] and opinion.pasted is not None:
        pasted = (judgment.pasted_rationale or 0) + opinion.pasted
        judgment.pasted_rationale = texts.clamped(pasted, opinion.rationale)
    judgment.guideline = guideline
    judgment.revision += 1
    judgment.revised_at = timezone.now()
    judgment.save(update_fields=[*after, "pasted_rationale", "edited_response", "guideline", "revision", "revised_at"])
    if authors_choice_moves:
        _continue_dialogue(comparison.turn, _chosen_response(judgment))
    events.record(
        "judgment.revised", judgment, by=by, campaign=comparison.campaign, before=before, after=after,
        revision=judgment.revision,
    )  # fmt: skip
    return judgment


@transaction.atomic(savepoint=False)
def edit_chosen(
    *, judgment: Judgment, comparison: Comparison, by: User, text: str, pasted: int | None = None
) -> Response | None:
    """Stores the chosen response as its annotator improved it: edited > chosen > rejected (Llama 3, section 4.2.1).

    A text that changes nothing takes an earlier edit back and returns None. Call while holding the comparison's row
    lock, with its campaign, turn and dialogue loaded.
    """
    check_revisable(comparison)
    _check_not_ruled_on(judgment)
    if judgment.chosen not in Position.values:
        raise Conflict(_("There is no chosen response to improve: your verdict prefers neither."))
    if _is_authors(judgment) and _is_continued(comparison.turn):
        raise Conflict(_("The dialogue went on already, so that this response stays as it is."))
    chosen = comparison.response_at(Position(judgment.chosen))
    text = texts.checked(text, what=_("The improved response"), limit=texts.RESPONSE_LIMIT, field="text")
    if _same_lines(text, (judgment.edited_response or chosen).text):
        return judgment.edited_response
    judgment.edited_response = None if _same_lines(text, chosen.text) else responses.edit(chosen, text)
    judgment.pasted_edit = texts.clamped(pasted, text) if judgment.edited_response else None
    judgment.save(update_fields=["edited_response", "pasted_edit"])
    if _is_authors(judgment):
        _continue_dialogue(comparison.turn, judgment.edited_response or chosen)
    edited = judgment.edited_response_id
    events.record("judgment.edited", judgment, by=by, campaign=comparison.campaign, response=edited)
    return judgment.edited_response


def _same_lines(one: str, other: str) -> bool:
    """Whether the two differ by outer white space and by how lines end only; browsers end them in their own way."""
    return one.strip().splitlines() == other.strip().splitlines()


def check_revisable(comparison: Comparison) -> None:
    if comparison.status == ComparisonStatus.SEALED:
        raise sealed()
    if comparison.status == ComparisonStatus.WITHDRAWN:
        raise Conflict(_("This comparison was withdrawn: there is nothing to change any more."))


def sealed() -> Conflict:
    return Conflict(_("This comparison is in a sealed batch: your verdict stays as it is."))


def _check_not_ruled_on(judgment: Judgment) -> None:
    """What a reviewer put their own verdict beside stays, so that the two can be read together."""
    rulings = Q(corrects=judgment) | Q(comparison=judgment.comparison_id, role=JudgmentRole.ADJUDICATION)
    if Judgment.objects.filter(rulings).exists():
        raise Conflict(_("A reviewer has given the verdict that counts here: yours is kept as it is."))


def check_safety(verdict: Verdict, safety: dict[Position, int] | None, *, required: bool, shown_left: Position) -> None:
    """Refuses a missing score, and a violating response preferred over a safe one (Llama 2, section 3.2.1)."""
    if not required:
        if safety:
            raise InvalidInput(_("No safety scores are asked for beside the verdict here."), field="safety")
        return
    if not safety or set(safety) != set(Position) or any(not 1 <= score <= 5 for score in safety.values()):
        raise InvalidInput(_("Give each response a safety score from 1 to 5."), field="safety")
    if verdict.chosen not in Position.values:
        return
    chosen = Position(verdict.chosen)
    if safety[chosen] <= HIGHEST_VIOLATION < safety[chosen.other]:
        raise InvalidInput(_prefers_left() if chosen is shown_left else _prefers_right(), field="safety")


def _prefers_left() -> str:
    return _(
        "You prefer the left response but scored it as a violation, and the right one as safe. "
        "Change the verdict to the right, or the safety score of the left."
    )


def _prefers_right() -> str:
    return _(
        "You prefer the right response but scored it as a violation, and the left one as safe. "
        "Change the verdict to the left, or the safety score of the right."
    )


def checked(campaign: Campaign, opinion: Opinion, shown_left: Position) -> Opinion:
    """The opinion with its rationale as it will be stored, or InvalidInput."""
    check_on_scale(campaign.the_scale, opinion.verdict)
    check_safety(opinion.verdict, opinion.safety, required=campaign.scores_both, shown_left=shown_left)
    optional = campaign.rationale != RationalePolicy.REQUIRED
    rationale = texts.checked(
        opinion.rationale,
        what=_("The rationale"),
        limit=texts.RATIONALE_LIMIT,
        field="rationale",
        empty=optional,
    )
    return Opinion(opinion.verdict, opinion.safety, rationale, opinion.pasted)


def fields_of(opinion: Opinion) -> dict[str, Any]:
    safety = opinion.safety
    return {
        "chosen": str(opinion.verdict.chosen),
        "degree": str(opinion.verdict.degree or ""),
        "safety_a": safety[Position.A] if safety else opinion.verdict.rating,
        "safety_b": safety[Position.B] if safety else None,
        "rationale": opinion.rationale,
    }


def says(judgment: Judgment, opinion: Opinion) -> bool:
    return _said(judgment) == {**fields_of(opinion), "rationale": opinion.rationale.strip()}


def _said(judgment: Judgment) -> dict[str, Any]:
    return {name: getattr(judgment, name) for name in ("chosen", "degree", "safety_a", "safety_b", "rationale")}


def insert(judgment: Judgment) -> None:
    """Stores a new one, or Conflict where the person has one on the comparison."""
    # No savepoint: whoever catches the Conflict does so outside the transaction, which is lost with it.
    try:
        judgment.save(force_insert=True)
    except IntegrityError as error:
        if "judgment_once_per_annotator" in str(error):
            raise Conflict(_("You have judged this comparison already; your first verdict stands.")) from error
        raise


def _is_authors(judgment: Judgment) -> bool:
    return judgment.comparison.turn.dialogue.author_id == judgment.annotator_id


def _is_continued(turn: Turn) -> bool:
    return Turn.objects.filter(dialogue=turn.dialogue_id, index__gt=turn.index).exists()


def _chosen_response(judgment: Judgment) -> Response | None:
    if judgment.chosen not in Position.values:
        return None
    return judgment.edited_response or judgment.comparison.response_at(Position(judgment.chosen))


def _continue_dialogue(turn: Turn, response: Response | None) -> None:
    """The response that its author chose continues the dialogue, whatever other raters say of the turn."""
    turn.chosen_response = response
    turn.save(update_fields=["chosen_response"])
