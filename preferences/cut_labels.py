"""What the parts of a cut are called, and in which order they stand."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, time
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext as _

from preferences.choices import AttackVector, Category, RiskCategory, Track
from preferences.counting import Key, Scope
from preferences.cuts import Cut
from preferences.models import Batch, Campaign, Guideline, Pool, Variant
from preferences.weeks import week_of

Labels = dict[Key, str]


def labelled(scope: Scope, cut: Cut, keys: Iterable[Key]) -> Labels:
    """Each key with its label, in the order in which they are shown; what is in no part comes last."""
    known = {key for key in keys if key not in (None, "")}
    found = _LABELS[cut](scope, known)
    nowhere = {key: _nowhere(cut) for key in keys if key in (None, "")}
    return found | nowhere


def _nowhere(cut: Cut) -> str:
    words = {
        Cut.BATCH: _("In no batch yet"),
        Cut.WEEK: _("Not finished yet"),
        Cut.GUIDELINE: _("Imported, without a guideline"),
        Cut.POOL: _("In no pool"),
    }
    return words.get(cut, _("Not given"))


def _words(choices: type[TextChoices]) -> Callable[[Scope, set[Key]], Labels]:
    return lambda _scope, keys: {word: str(label) for word, label in choices.choices if word in keys}


def _campaigns(_scope: Scope, keys: set[Key]) -> Labels:
    return {one.pk: one.name for one in Campaign.objects.filter(pk__in=keys).order_by("name", "pk")}


def _batches(_scope: Scope, keys: set[Key]) -> Labels:
    return {one.pk: str(one) for one in Batch.objects.filter(pk__in=keys).order_by("week", "sealed_at", "pk")}


def _weeks(_scope: Scope, keys: set[Key]) -> Labels:
    return {monday: week_of(datetime.combine(monday, time(12), tzinfo=UTC)) for monday in sorted(keys)}


def _guidelines(scope: Scope, keys: set[Key]) -> Labels:
    found = Guideline.objects.filter(pk__in=keys).order_by("campaign__name", "version").select_related("campaign")
    return {one.pk: _of(scope, one.campaign, _("Version %(version)d") % {"version": one.version}) for one in found}


def _pools(scope: Scope, keys: set[Key]) -> Labels:
    found = Pool.objects.filter(pk__in=keys).order_by("campaign__name", "name").select_related("campaign")
    return {one.pk: _of(scope, one.campaign, one.name) for one in found}


def _of(scope: Scope, campaign: Campaign, label: str) -> str:
    """With its campaign, where the scope has several."""
    return label if len(scope.campaigns) < 2 else f"{campaign.name}: {label}"


def _turns(_scope: Scope, keys: set[Key]) -> Labels:
    return {turn: _("Turn %(turn)d") % {"turn": turn} for turn in sorted(keys)}


def _variants(_scope: Scope, keys: set[Key]) -> Labels:
    pairs = {key: [int(word) for word in key.split()] for key in keys}
    names = dict(
        Variant.objects.filter(pk__in={pk for pair in pairs.values() for pk in pair}).values_list("pk", "name")
    )
    labels = {key: " · ".join(names[pk] for pk in pair) for key, pair in pairs.items()}
    return dict(sorted(labels.items(), key=lambda item: item[1]))


_LABELS: dict[Cut, Callable[[Scope, set[Any]], Labels]] = {
    Cut.CAMPAIGN: _campaigns,
    Cut.TRACK: _words(Track),
    Cut.BATCH: _batches,
    Cut.WEEK: _weeks,
    Cut.GUIDELINE: _guidelines,
    Cut.CATEGORY: _words(Category),
    Cut.RISK_CATEGORY: _words(RiskCategory),
    Cut.ATTACK_VECTOR: _words(AttackVector),
    Cut.TURN: _turns,
    Cut.POOL: _pools,
    Cut.VARIANTS: _variants,
}
