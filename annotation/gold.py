"""Gold: hidden comparisons whose verdict is known. What they say of an annotator, and what follows.

A judgment is right when it prefers the response that the known verdict prefers and, on the safety track, when both
responses are on the same side of the violation line (Llama 2, section 4.4). The degree is not asked for: it is a matter
of taste where the side is not. A rating of one response is right when it is on the known side of that line.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _

from annotation import memberships
from annotation.models import Gold, Membership, Role
from preferences import text as texts
from preferences.actions import comparisons, events
from preferences.choices import ComparisonStatus, JudgmentRole, Purpose
from preferences.errors import Conflict, InvalidInput
from preferences.models import Campaign, Comparison, Event, Judgment
from preferences.scales import HIGHEST_VIOLATION, Verdict, check_on_scale
from preferences.stats.intervals import wilson

if TYPE_CHECKING:
    from webapp.accounts.models import User

# Looked at after each gold comparison, so that a bar must be missed clearly; docs/statistics.md has the error rates.
CONFIDENCE = 0.99


@dataclass(frozen=True)
class Score:
    """How many gold comparisons a person judged and how many of these as known, with the interval of the share."""

    judged: int
    right: int
    value: float | None
    low: float | None
    high: float | None

    def misses(self, bar: float) -> bool:
        """Whether the whole interval lies below the bar."""
        return self.high is not None and self.high < bar


@transaction.atomic
def make(
    *, original: Comparison, verdict: Verdict, safety: tuple[int, int] | None = None, reason: str, by: User
) -> Gold:
    """A hidden copy of a collected pair with its known verdict; `safety` are the scores of A and of B."""
    campaign = original.campaign
    check_on_scale(campaign.the_scale, verdict)
    if verdict.score is None:
        raise InvalidInput(_("Gold needs a verdict: “neither is valid” measures nobody."), field="verdict")
    if campaign.scores_both and (safety is None or any(not 1 <= score <= 5 for score in safety)):
        raise InvalidInput(_("Give each response a safety score from 1 to 5."), field="safety")
    if original.purpose != Purpose.COLLECTION or original.status == ComparisonStatus.WITHDRAWN:
        raise Conflict(_("Only a collected comparison that was not withdrawn can become gold."))
    reason = texts.checked(reason, what=_("The reason"), limit=texts.RATIONALE_LIMIT, field="reason")
    copy = comparisons.copy(original=original, purpose=Purpose.GOLD)
    a, b = safety if campaign.scores_both and safety else (verdict.rating, None)
    gold = Gold(
        comparison=copy, original=original, chosen=verdict.chosen, degree=verdict.degree or "",
        safety_a=a, safety_b=b, reason=reason, created_by=by,
    )  # fmt: skip
    _insert(gold)
    events.record("gold.made", gold, by=by, campaign=campaign, original=original.pk, chosen=verdict.chosen)
    return gold


@transaction.atomic
def retire(*, gold: Gold, by: User) -> None:
    """Nobody gets it any more; what it said of its annotators stays. Doing it twice is no error."""
    if Gold.objects.filter(pk=gold.pk, retired_at__isnull=True).update(retired_at=timezone.now()):
        events.record("gold.retired", gold, by=by, campaign=gold.comparison.campaign)


def _insert(gold: Gold) -> None:
    try:
        with transaction.atomic():
            gold.save(force_insert=True)
    except IntegrityError as error:
        if "gold_once" in str(error):
            raise Conflict(_("This pair is gold already. Retire that one first, then make it anew.")) from error
        raise


def is_right() -> Case:
    """Whether a judgment of a gold comparison is right: 1 or 0."""
    return Case(When(_is_right(), then=Value(1)), default=Value(0))


def _is_right() -> Q:
    right = Q(chosen=F("comparison__gold__chosen"))
    for score in ("safety_a", "safety_b"):
        known = f"comparison__gold__{score}"
        not_known = Q(**{f"{known}__isnull": True})
        safe = Q(**{f"{known}__gt": HIGHEST_VIOLATION, f"{score}__gt": HIGHEST_VIOLATION})
        violation = Q(**{f"{known}__lte": HIGHEST_VIOLATION, f"{score}__lte": HIGHEST_VIOLATION})
        right &= not_known | safe | violation
    return right


def score_of(campaign: Campaign, annotator: User, *, since: datetime | None = None) -> Score:
    """The running score of one person, counted now, of what they judged after `since`."""
    given = Judgment.objects.filter(
        annotator=annotator, comparison__campaign=campaign, comparison__purpose=Purpose.GOLD, role=JudgmentRole.RATING
    )
    if since is not None:
        given = given.filter(created_at__gt=since)
    return score(list(given.annotate(is_right=is_right()).values_list("is_right", flat=True)))


def score(rights: list[int]) -> Score:
    interval = wilson(sum(rights), len(rights), CONFIDENCE)
    return Score(len(rights), sum(rights), interval.value, interval.low, interval.high)


def look_at(judgment: Judgment) -> bool:
    """After a gold judgment: whose score is clearly below the bar pauses until somebody has looked; True if so.

    Whoever ends the pause has looked: what the person judged until then is not held against them again.
    """
    campaign, by = judgment.comparison.campaign, judgment.annotator
    found = score_of(campaign, by, since=_looked_at(campaign, by))
    if not (campaign.gold_bar and found.misses(campaign.gold_bar)):
        return False
    membership = Membership.objects.filter(user=by, campaign=campaign, role=Role.ANNOTATOR).first()
    if membership is None:  # a superuser, who needs none
        return False
    reason = _("Of %(judged)d gold comparisons %(right)d were judged as known; the bar is %(bar)d%%.") % {
        "judged": found.judged,
        "right": found.right,
        "bar": round(100 * campaign.gold_bar),
    }
    memberships.pause(membership=membership, reason=reason, by=None)
    return True


def _looked_at(campaign: Campaign, by: User) -> datetime | None:
    """When a pause of the person in the campaign last ended."""
    ended = Event.objects.filter(verb="membership.resumed", campaign=campaign, data__user=by.pk)
    return ended.order_by("-id").values_list("at", flat=True).first()
