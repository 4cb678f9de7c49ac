from __future__ import annotations

from django.db import transaction

from preferences.actions import guidelines, rulings
from preferences.actions.judgments import Opinion
from preferences.choices import Position
from preferences.models import Comparison, Guideline, Judgment
from tests.factories.made_people import user
from tests.factories.work import SAFE, held, verdict
from webapp.accounts.models import User


def correct(
    rating: Judgment, by: User | None = None, *, score: int = 3, safety: dict[Position, int] | None = None
) -> Judgment:
    """A reviewer's correction of a rating, through the kernel."""
    with transaction.atomic():
        comparison = held(rating.comparison)
        return rulings.correct(
            rating=rating,
            comparison=comparison,
            by=by or user(),
            opinion=_opinion(comparison, score, safety),
            guideline=_guideline(comparison),
            active_seconds=20.0,
        )


def adjudicate(
    comparison: Comparison, by: User | None = None, *, score: int = 3, safety: dict[Position, int] | None = None
) -> Judgment:
    """A reviewer's verdict on a comparison that has all its ratings, through the kernel."""
    with transaction.atomic():
        comparison = held(comparison)
        return rulings.adjudicate(
            comparison=comparison,
            by=by or user(),
            opinion=_opinion(comparison, score, safety),
            shown_left=Position.A,
            guideline=_guideline(comparison),
            active_seconds=20.0,
        )


def _opinion(comparison: Comparison, score: int, safety: dict[Position, int] | None) -> Opinion:
    safety = safety or (SAFE if comparison.campaign.scores_both else None)
    return Opinion(verdict(comparison.campaign.the_scale, score), safety)


def _guideline(comparison: Comparison) -> Guideline:
    found = guidelines.current(comparison.campaign)
    assert found is not None
    return found
