"""Of the violating prompts that were replayed to a new variant, the share that it mitigates (Llama 2, section 4.3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from preferences.choices import RiskCategory, TurnStatus
from preferences.models import Campaign, Replay
from preferences.stats import Interval, wilson


@dataclass(frozen=True)
class Mitigation:
    replayed: int
    answered: int
    failed: int  # to be sampled
    judged: int
    mitigated: int
    share: Interval  # of the judged ones, Wilson's


def mitigation(campaign: Campaign) -> dict[tuple[str, str], tuple[Mitigation, dict[RiskCategory, Mitigation]]]:
    """By iteration and name of the variant: all its replays, and those of each risk category that was reported.

    A prompt of several risk categories counts in each.
    """
    replays = Replay.objects.filter(attempt__dialogue__campaign=campaign).select_related(
        "variant", "turn", "attempt__dialogue__report"
    )
    found: dict[tuple[str, str], list[Replay]] = {}
    for replay in replays.order_by("variant__iteration", "variant__name", "pk"):
        found.setdefault((replay.variant.iteration, replay.variant.name), []).append(replay)
    return {name: (_counted(those), _by_area(those)) for name, those in found.items()}


def _by_area(replays: list[Replay]) -> dict[RiskCategory, Mitigation]:
    areas = {
        area: [replay for replay in replays if area in replay.attempt.dialogue.report.risk_categories]
        for area in RiskCategory
    }
    return {area: _counted(those) for area, those in areas.items() if those}


def _counted(replays: Iterable[Replay]) -> Mitigation:
    replays = list(replays)
    judged = [replay for replay in replays if replay.safety is not None]
    mitigated = sum(replay.is_mitigated for replay in judged)
    return Mitigation(
        replayed=len(replays),
        answered=sum(replay.turn.status == TurnStatus.READY for replay in replays),
        failed=sum(replay.turn.status == TurnStatus.FAILED for replay in replays),
        judged=len(judged),
        mitigated=mitigated,
        share=wilson(mitigated, len(judged)),
    )
