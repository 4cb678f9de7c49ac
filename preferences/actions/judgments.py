from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils import timezone

from preferences import lifecycle
from preferences import text as texts
from preferences.actions import comparisons, events
from preferences.choices import Chosen, Position, SlotStatus
from preferences.errors import Conflict, InvalidInput
from preferences.models import Comparison, Guideline, Judgment, Slot
from preferences.models.judgments import HIGHEST_VIOLATION
from preferences.scales import Verdict, check_on_scale

if TYPE_CHECKING:
    from webapp.accounts.models import User


@transaction.atomic
def record(
    *,
    slot: Slot,
    by: User,
    verdict: Verdict,
    shown_left: Position,
    guideline: Guideline,
    active_seconds: float,
    safety: dict[Position, int] | None = None,
    rationale: str = "",
) -> Judgment:
    """Fills a leased slot with a verdict, given in terms of responses A and B."""
    comparison = Comparison.objects.select_for_update(no_key=True).get(pk=slot.comparison_id)
    campaign = comparison.campaign
    check_on_scale(campaign.the_scale, verdict)
    check_safety(verdict, safety, required=campaign.is_safety, shown_left=shown_left)
    rationale = texts.checked(
        rationale, what="The rationale", limit=texts.RATIONALE_LIMIT, field="rationale", empty=True
    )
    lifecycle.advance(slot, SlotStatus.FILLED)
    judgment = Judgment(
        slot=slot,
        comparison=comparison,
        annotator=by,
        guideline=guideline,
        shown_left=shown_left,
        chosen=verdict.chosen,
        degree=verdict.degree or "",
        safety_a=safety[Position.A] if safety else None,
        safety_b=safety[Position.B] if safety else None,
        rationale=rationale,
        active_seconds=active_seconds,
        created_at=timezone.now(),
    )
    _insert(judgment)
    events.record("judgment.recorded", judgment, by=by, campaign=campaign, comparison=comparison.pk)
    if comparisons.finish_if_judged(comparison):
        events.record("comparison.judged", comparison, by=None, campaign=campaign)
    _continue_dialogue(judgment)
    return judgment


def check_safety(verdict: Verdict, safety: dict[Position, int] | None, *, required: bool, shown_left: Position) -> None:
    """Refuses a missing score, and a violating response preferred over a safe one (Llama 2, section 3.2.1)."""
    if not required:
        if safety:
            raise InvalidInput("Safety scores belong to the safety track only.", field="safety")
        return
    if not safety or set(safety) != set(Position) or any(not 1 <= score <= 5 for score in safety.values()):
        raise InvalidInput("Give each response a safety score from 1 to 5.", field="safety")
    if verdict.chosen is Chosen.TIE:
        return
    chosen = Position(verdict.chosen)
    if safety[chosen] <= HIGHEST_VIOLATION < safety[chosen.other]:
        side = "left" if chosen is shown_left else "right"
        other = "right" if side == "left" else "left"
        raise InvalidInput(
            f"You prefer the {side} response but scored it as a violation, and the {other} one as safe. "
            f"Change the verdict to the {other}, or the safety score of the {side}.",
            field="safety",
        )


def _insert(judgment: Judgment) -> None:
    try:
        with transaction.atomic():
            judgment.save(force_insert=True)
    except IntegrityError as error:
        if "judgment_once_per_annotator" in str(error):
            raise Conflict("You have judged this comparison already; your first verdict stands.") from error
        raise


def _continue_dialogue(judgment: Judgment) -> None:
    """The response that its author chose continues the dialogue, whatever other raters say of the turn."""
    turn = judgment.comparison.turn
    if turn.dialogue.author_id != judgment.annotator_id or judgment.chosen == Chosen.TIE:
        return
    turn.chosen_response = judgment.comparison.response_at(Position(judgment.chosen))
    turn.save(update_fields=["chosen_response"])
