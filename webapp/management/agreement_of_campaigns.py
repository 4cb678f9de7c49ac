"""Agreement in what campaigns collected: one line for each campaign, or for each part of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.management.base import CommandError
from django.db.models import Q

from preferences.agreement import agreement_by
from preferences.batch_versions import newest
from preferences.choices import Kind
from preferences.counting import Scope, by_scale
from preferences.cuts import Cut, patterns_of
from preferences.models import Batch, Campaign
from preferences.precision import patterns_in_dialogues
from preferences.raters import raters_by, raters_of
from preferences.stats.linearised import Ratings
from preferences.stats.weights import WeightScheme, matrix
from webapp.management import agreement_lines
from webapp.management.agreement_measures import SCHEMES, Measure, named

# These are made of campaigns; everything else parts each campaign for itself.
WIDER = (Cut.CAMPAIGN, Cut.TRACK)


def agreement_of_campaigns(
    campaign: str | None, batch: str | None, by: Cut | None, measure: Measure, *, by_dialogues: bool = False
) -> Iterator[dict[str, Any]]:
    """The lines; CommandError where there is no such campaign or batch."""
    if (scheme := named(measure.weights)) is None:
        raise CommandError(f"--weights “{measure.weights}”: write one of {', '.join(SCHEMES)}.")
    batches = _batches(batch)
    for scope in _scopes(_campaigns(campaign), batches, by):
        about = {"campaign": " ".join(one.slug for one in scope.campaigns)} | ({"batch": batch} if batch else {})
        if by is None:
            about |= {"cluster": "dialogue"} if by_dialogues else {}
            ratings = patterns_in_dialogues(scope) if by_dialogues else patterns_of(scope)
            yield _line(scope, ratings, raters_of(scope), measure, scheme, **about)
            continue
        raters = raters_by(scope, by)
        for part in agreement_by(scope, by):
            what = {"by": by.value, "part": part.label, "key": part.key}
            yield _line(scope, part.patterns, raters[part.key], measure, scheme, **about, **what)


def _line(
    scope: Scope, ratings: Ratings, raters: int, measure: Measure, scheme: WeightScheme, **about: str
) -> dict[str, Any]:
    """A category is a place on the scope's scale, from strongest for A, and is weighed as such."""
    places = range(1, ratings.q + 1)
    return about | agreement_lines.line(
        measure.of(ratings, matrix(scheme, places)),
        raters=raters,
        weights=scheme,
        categories=places,
        scale=scope.scale.value,
    )


def _campaigns(slug: str | None) -> list[Campaign]:
    if slug is None:
        return list(Campaign.objects.exclude(kind__in=[Kind.DEMONSTRATION, Kind.RED_TEAM]).order_by("slug"))
    found = list(Campaign.objects.filter(slug=slug))
    if not found:
        raise CommandError(f"There is no campaign “{slug}”.")
    return found


def _batches(name: str | None) -> tuple[Batch, ...]:
    if name is None:
        return ()
    found = tuple(newest().filter(Q(week=name) | Q(name=name)))
    if not found:
        raise CommandError(f"There is no batch “{name}”: write the week or the name of a sealed one.")
    return found


def _scopes(campaigns: list[Campaign], batches: tuple[Batch, ...], by: Cut | None) -> list[Scope]:
    return by_scale(campaigns, batches) if by in WIDER else [Scope((one,), batches) for one in campaigns]
