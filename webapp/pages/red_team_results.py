"""The manager's page of a red-team campaign: γ by variant and week, and what the attempts are about."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from annotation import permissions
from preferences.actions.variants import IMPORTED
from preferences.choices import AttackVector, Kind, RiskCategory, RiskDegree, VariantStatus
from preferences.mitigation import Mitigation, mitigation
from preferences.models import Campaign, Variant
from preferences.red_teaming import Attempt, attempts, by_variant, by_week, gamma, lengths
from webapp.pages.requests import number_of, person


@dataclass(frozen=True)
class Bar:
    label: str
    count: int
    violating: int  # of these


@require_GET
@login_required
def results(request: HttpRequest, slug: str) -> HttpResponse:
    campaign = get_object_or_404(Campaign, slug=slug, kind=Kind.RED_TEAM)
    permissions.check_can_manage(person(request), campaign)
    found = attempts(campaign)
    context = {
        "campaign": campaign,
        "total": gamma(found),
        "variants": [(name, iteration, one) for (iteration, name), one in by_variant(found).items()],
        "weeks": by_week(found, campaign).items(),
        "areas": _bars(found, RiskCategory.choices, lambda one: one.risk_categories),
        "vectors": _bars(found, AttackVector.choices, lambda one: one.attack_vectors),
        "degrees": _bars(found, RiskDegree.choices, lambda one: [one.degree]),
        "lengths": [
            Bar(
                ngettext("%(turns)d turn", "%(turns)d turns", turns) % {"turns": turns}, count, _violating(found, turns)
            )
            for turns, count in lengths(found).items()
        ],
        "mitigation": _mitigation(campaign),
        "candidates": Variant.objects.filter(status=VariantStatus.ACTIVE).exclude(engine=IMPORTED).order_by("name"),
        "replayed": number_of(request.GET.get("replayed", "")),
        "is_manager": True,
    }
    return render(request, "red_team.html", context)


def _bars(
    found: Sequence[Attempt], words: Iterable[tuple[Any, Any]], of: Callable[[Attempt], Sequence[Any]]
) -> list[Bar]:
    """How many dialogues have each word, and how many of these a violation."""
    bars = []
    for word, label in words:
        having = [one for one in found if word in of(one)]
        bars.append(Bar(str(label), len(having), sum(1 for one in having if one.violating)))
    return bars


def _mitigation(campaign: Campaign) -> list[tuple[str, str, list[tuple[str, Mitigation]]]]:
    """For each variant that met replays a line of all of them, then one for each risk area."""
    return [
        (iteration, name, [(_("All"), whole), *((str(area.label), one) for area, one in areas.items())])
        for (iteration, name), (whole, areas) in mitigation(campaign).items()
    ]


def _turns(turns: int) -> str:
    return ngettext("%(turns)d turn", "%(turns)d turns", turns) % {"turns": turns}


def _violating(found: Sequence[Attempt], turns: int) -> int:
    return sum(1 for one in found if one.turns == turns and one.violating)
