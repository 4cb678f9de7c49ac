"""The queue told in plain Python, without a database."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass
class Place:
    """One wanted judgment."""

    comparison: int
    number: int
    status: str


@dataclass
class Lease:
    key: Any
    person: int
    place: Place
    until: datetime
    status: str = "active"
    answer: int = 0
    revision: int = 0


@dataclass
class Model:
    """What must be true, told without a database."""

    raters: int
    places: list[Place] = field(default_factory=list)
    leases: list[Lease] = field(default_factory=list)
    paused: set[int] = field(default_factory=set)

    def add(self, comparison: int) -> None:
        first = ["open"] + ["waiting"] * (self.raters - 1)
        self.places += [Place(comparison, number, status) for number, status in enumerate(first)]

    def held(self, person: int, now: datetime) -> Lease | None:
        mine = [lease for lease in self.leases if lease.person == person and lease.status == "active"]
        return next((lease for lease in mine if lease.until >= now), None)

    def next_for(self, person: int) -> Place | None:
        """What lacks least, then the oldest, of what the person has not had."""
        had = {lease.place.comparison for lease in self.leases if lease.person == person and lease.status != "expired"}
        left = [place for place in self.places if place.status == "open" and place.comparison not in had]
        return min(left, key=lambda place: (-place.number, place.comparison), default=None)

    def of_comparison(self, comparison: int) -> Place | None:
        left = [place for place in self.places if place.status == "open" and place.comparison == comparison]
        return min(left, key=lambda place: place.number, default=None)

    def lease(self, person: int, place: Place, key: Any, until: datetime) -> None:
        place.status = "leased"
        for other in self.places:
            if (other.comparison, other.number, other.status) == (place.comparison, place.number + 1, "waiting"):
                other.status = "open"
        self.leases.append(Lease(key, person, place, until))

    def end(self, lease: Lease, status: str) -> None:
        lease.status = status
        lease.place.status = "filled" if status == "submitted" else "open"

    def expire(self, now: datetime) -> int:
        over = [lease for lease in self.leases if lease.status == "active" and lease.until < now]
        for lease in over:
            self.end(lease, "expired")
        return len(over)
