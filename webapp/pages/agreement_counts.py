"""What the page of a campaign's agreement is made of, each count by its name and kept for a while."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from preferences.agreement import Line, lines_of
from preferences.choices import Purpose
from preferences.counting import Scope
from preferences.cuts import Cut, patterns_by, patterns_of
from preferences.models import Campaign
from preferences.precision import Precision, precision_of
from preferences.rater_pairs import busiest, count_pairs
from preferences.splits import widest
from preferences.stats.tables import RatingPatterns
from preferences.throughput import finished_by_day
from webapp.counted import Counted, counted, forget, known

WHOLE, PRECISION, DAYS, PAIRS, SPLITS = "whole", "precision", "days", "pairs", "splits"
RATERS = "raters"
# Of so many comparisons everything is counted at once, before anybody notices.
SMALL = 20_000


@dataclass(frozen=True)
class Counts:
    """The counts of one campaign."""

    campaign: Campaign

    @property
    def scope(self) -> Scope:
        return Scope((self.campaign,))

    def whole(self) -> Counted[RatingPatterns]:
        return counted(self._key(WHOLE), lambda: patterns_of(self.scope))

    def precision(self) -> Counted[Precision]:
        """The whole again, and how well it is known: of this the dialogues are read, too."""
        return counted(self._key(PRECISION), lambda: precision_of(self.scope))

    def lines(self, cut: Cut) -> list[Line]:
        return lines_of(self.scope, cut, self.parts(cut).value)

    def parts(self, cut: Cut) -> Counted[Any]:
        return counted(self._key(cut), lambda: patterns_by(self.scope, cut))

    def days(self) -> Counted[Any]:
        return counted(self._key(DAYS), lambda: finished_by_day(self.campaign))

    def pairs(self) -> Counted[Any]:
        """How much the busiest people rated, and how each two of them rated the same comparisons."""
        return counted(self._key(PAIRS), self._count_pairs)

    def raters(self) -> Counted[int]:
        """How many people rated."""
        return counted(self._key(RATERS), lambda: len(busiest(self.scope, most=None)))

    def splits(self) -> Counted[list[int]]:
        return counted(self._key(SPLITS), lambda: widest(self.scope))

    def is_known(self, *names: str) -> bool:
        return all(known(self._key(name)) is not None for name in names)

    def oldest(self, names: list[str]) -> datetime | None:
        """Since when nothing of these was counted anew."""
        found = [one.at for name in names if (one := known(self._key(name)))]
        return min(found, default=None)

    def forget(self) -> None:
        forget(self._key(name) for name in (WHOLE, PRECISION, DAYS, PAIRS, RATERS, SPLITS, *Cut.values))

    def is_small(self) -> bool:
        rows = self.campaign.comparisons.filter(purpose=Purpose.COLLECTION).order_by("pk")
        return not rows[SMALL : SMALL + 1].exists()

    def _count_pairs(self) -> Any:
        people = busiest(self.scope)
        return people, count_pairs(self.scope, list(people))

    def _key(self, name: str) -> str:
        return f"{self.campaign.pk}:{name}"
