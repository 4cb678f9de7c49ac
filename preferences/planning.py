"""What a campaign takes to know something as precisely as its manager wants: prompts, judgments, hours, money."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from preferences.agreement import WEIGHTS, agreement_of
from preferences.choices import JudgmentRole, Kind, Purpose
from preferences.counting import Scope
from preferences.models import Campaign
from preferences.planner import by_hash
from preferences.scales import HIGHEST_VIOLATION
from preferences.stats import planning
from preferences.stats.agreement import Agreement
from preferences.stats.arrays import FloatArray
from preferences.stats.intervals import wilson
from preferences.stats.planning import Panel
from preferences.stats.violations import called
from preferences.stats.weights import matrix

PANELS = (1, 2, 3, 5)
# Fewer judgments say little of how long the next will take.
FEWEST_MEASURED = 20


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What a manager expects and wants to know; shares from 0 to 1.

    Attributes
    ----------
    share, ties : float
        Of prompts that one system wins, and of those with nothing between the two; or of violations, without ties.
    agreement : float
        The AC2 of the raters.
    reach, agreement_reach : float
        How far the 95% intervals of the two may reach.
    raters : int
        For each prompt.
    seconds, wage : float
        What a judgment takes, and what an hour of it costs, if that is known.
    """

    share: float
    ties: float
    agreement: float
    reach: float
    agreement_reach: float
    raters: int
    seconds: float
    wage: float | None


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What so many prompts take of so many raters each."""

    prompts: int
    judgments: int
    seconds: float
    money: float | None


@dataclass(frozen=True, kw_only=True)
class Bought:
    """What so many raters for each prompt buy.

    Attributes
    ----------
    right : float
        Chance that their verdict names the better side; of a safety rating, that it calls a violation one.
    rate, reach : float
        The win rate or violation rate that the report will show, and how far its interval will reach.
    agreement_reach : float or None
        The same of AC2; None where nobody has a second rater.
    """

    raters: int
    prompts: int
    right: float
    rate: float
    reach: float
    agreement_reach: float | None


def cost_of_share(campaign: Campaign, expected: Expected) -> Cost:
    """For the violation rate of a safety rating, else for the win rate."""
    if campaign.kind == Kind.SAFETY_RATING:
        return _cost(planning.prompts_for_share(expected.share, expected.reach), expected)
    return _cost(planning.prompts_for_win_rate(expected.share, expected.ties, expected.reach), expected)


def cost_of_agreement(campaign: Campaign, expected: Expected) -> Cost | None:
    """For AC2 on the campaign's scale; None where nobody has a second rater."""
    if expected.raters < 2:
        return None
    units = planning.units_for_agreement(
        expected.agreement, expected.agreement_reach, raters=expected.raters, weights=_weights(campaign)
    )
    return _cost(units, expected)


def cost_after_pilot(campaign: Campaign, pilot: Agreement, expected: Expected) -> Cost | None:
    """The same by what was judged so far; None where that does not tell, or was judged by another number of raters."""
    if not pilot.se or expected.raters != campaign.raters_per_item:
        return None
    return _cost(planning.units_after_pilot(pilot, expected.agreement_reach), expected)


def bought(campaign: Campaign, expected: Expected, judgments: int) -> list[Bought]:
    """What one, two, three and five raters for each prompt buy with the same number of judgments."""
    weights, agreement = _weights(campaign), expected.agreement
    enough = [raters for raters in PANELS if judgments // raters >= 2]
    found = planning.panels(
        judgments, agreement=agreement, wins=expected.share, ties=expected.ties, weights=weights, raters=enough
    )
    if campaign.kind == Kind.SAFETY_RATING:
        quality = planning.rater_quality(agreement, weights)
        return [_violations(panel, expected.share, quality, len(weights)) for panel in found]
    return [
        Bought(
            raters=panel.raters,
            prompts=panel.units,
            right=panel.verdict_right,
            rate=panel.win_rate,
            reach=panel.win_rate_reach,
            agreement_reach=panel.agreement_reach,
        )
        for panel in found
    ]


@by_hash()
def measured_seconds(campaign: Campaign) -> float | None:
    """The median time of work on a judgment of the campaign; None where too few were measured."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT count(*), percentile_cont(0.5) WITHIN GROUP (ORDER BY j.active_seconds)
                 FROM preferences_judgment j JOIN preferences_comparison c ON c.id = j.comparison_id
                WHERE c.campaign_id = %s AND c.purpose = %s AND j.role = %s AND j.active_seconds IS NOT NULL""",
            [campaign.pk, Purpose.COLLECTION, JudgmentRole.RATING],
        )
        judgments, median = cursor.fetchone()
    return float(median) if judgments >= FEWEST_MEASURED else None


def pilot(campaign: Campaign) -> Agreement:
    """How well the raters agreed so far."""
    return agreement_of(Scope((campaign,)))


def _violations(panel: Panel, share: float, quality: float, q: int) -> Bought:
    found, mistaken = called(quality, panel.raters, q=q, violating=HIGHEST_VIOLATION)
    rate = share * found + (1 - share) * mistaken
    interval = wilson(rate * panel.units, panel.units)
    return Bought(
        raters=panel.raters,
        prompts=panel.units,
        right=found,
        rate=rate,
        reach=max(rate - (interval.low or 0.0), (interval.high or 1.0) - rate),
        agreement_reach=panel.agreement_reach,
    )


def _weights(campaign: Campaign) -> FloatArray:
    return matrix(WEIGHTS, range(1, len(campaign.the_scale.scores) + 1))


def _cost(prompts: int, expected: Expected) -> Cost:
    judgments = prompts * expected.raters
    seconds = judgments * expected.seconds
    money = None if expected.wage is None else seconds / 3600 * expected.wage
    return Cost(prompts=prompts, judgments=judgments, seconds=seconds, money=money)
