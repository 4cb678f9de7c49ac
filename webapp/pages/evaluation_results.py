"""A helpfulness evaluation as its manager sees it: every pair of systems, and one by category, turns and length."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from preferences.choices import CampaignStatus, Category
from preferences.evaluation import MOST_TURNS, Evaluation, Facet, Line, Match, Outcome, evaluation
from preferences.models import Campaign
from preferences.stats import Agreement
from preferences.verdicts import REVIEWED_RULE, RULES
from webapp.charts import Axis, IntervalChart, IntervalRow, Stack, StackRow, interval_chart, stack
from webapp.pages import figures
from webapp.pages.evaluation_files import outcomes, verdicts

TEMPLATE = "results_evaluation.html"
FILES = {"outcomes": outcomes, "verdicts": verdicts}
EQUAL = 0.5  # the win rate of two systems of which neither leads


def context(campaign: Campaign, asked: Mapping[str, str]) -> dict[str, Any]:
    found = evaluation(campaign)
    match = _chosen(found, asked.get("match", ""))
    return {
        "found": found,
        "rules": [_(RULES[found.rule]), _(REVIEWED_RULE)],
        "is_running": campaign.status in (CampaignStatus.OPEN, CampaignStatus.PAUSED),
        "match": match,
        "agreement": figures.translated(match.agreement) if match else None,
        "matches": _matches(campaign, found) if len(found.matches) > 1 else None,
        "categories": _categories(campaign, match) if match and match.verdicts else None,
        "charts": [_chart(campaign, match, facet) for facet in Facet] if match and match.verdicts else [],
    }


def word_of(match: Match) -> str:
    return f"{match.system.pk}-{match.against.pk}"


def name_of(match: Match) -> str:
    return _("%(system)s against %(against)s") % {"system": match.system, "against": match.against}


def _chosen(found: Evaluation, word: str) -> Match | None:
    """The match that the address names, else the largest."""
    named = [match for match in found.matches if word_of(match) == word]
    return next(iter(named or found.matches), None)


def _matches(campaign: Campaign, found: Evaluation) -> Stack:
    here = reverse("results", args=[campaign.slug])
    return stack(
        title=_("Every pair of systems"),
        head=_("Systems"),
        names=_outcomes(),
        rows=[
            StackRow(label=name_of(match), counts=_counts(match.outcome), url=f"{here}?match={word_of(match)}")
            for match in found.matches
        ],
        palette="outcome",
        csv=_file(campaign, "outcomes"),
    )


def _categories(campaign: Campaign, match: Match) -> Stack:
    rows = [StackRow(label=_("All prompts"), counts=_counts(match.outcome))]
    rows += [
        StackRow(label=_value(line), counts=_counts(line.outcome))
        for line in match.lines
        if line.facet is Facet.CATEGORY
    ]
    return stack(
        title=_("Wins, ties and losses"),
        head=_("Category"),
        names=_outcomes(),
        rows=rows,
        palette="outcome",
        csv=_file(campaign, "outcomes"),
    )


def _outcomes() -> list[str]:
    return [_("Wins"), _("Ties"), _("Losses")]


def _counts(outcome: Outcome) -> list[int]:
    return [outcome.wins, outcome.ties, outcome.losses]


def _chart(campaign: Campaign, match: Match, facet: Facet) -> IntervalChart:
    lines = [line for line in match.lines if line.facet is facet]
    return interval_chart(
        title=str(facet.label),
        heads=[
            str(facet.label), _("Wins, and ties as half"), _("Win rate"), _("Wins"), _("Ties"), _("Losses"),
            _("Wins without ties"), _("AC2"), _("Prompts"),
        ],
        rows=[
            IntervalRow(
                label=_value(line),
                interval=figures.drawn(line.outcome.win_rate),
                figures=_figures(line.outcome, line.agreement),
            )
            for line in lines
        ],
        axis=Axis(0.0, 1.0, (0, 0.25, 0.5, 0.75, 1), lambda share: f"{100 * share:g}%"),
        reference=EQUAL,
        csv=_file(campaign, "outcomes"),
        note=_note(facet, lines),
    )  # fmt: skip


def _figures(outcome: Outcome, agreement: Agreement) -> list[str]:
    shares = (outcome.win_rate, outcome.win, outcome.tie, outcome.loss, outcome.win_without_ties)
    return [*(figures.share(one) for one in shares), figures.decimal(agreement), f"{outcome.prompts:,}"]


def _note(facet: Facet, lines: list[Line]) -> str:
    if facet is Facet.CATEGORY:
        return _("A prompt with two categories counts in both.") if lines else ""
    if facet is Facet.TURNS:
        return _("The messages that came before the prompt count, too.")
    return _("In five parts of about as many prompts each. Words are what white space separates.")


def _value(line: Line) -> str:
    if isinstance(line.value, tuple):
        least, most = line.value
        if least == most:
            return ngettext("%(words)s word", "%(words)s words", least) % {"words": f"{least:,}"}
        return _("%(least)s to %(most)s words") % {"least": f"{least:,}", "most": f"{most:,}"}
    if isinstance(line.value, int):
        if line.value == MOST_TURNS:
            return _("%(turns)d messages or more") % {"turns": line.value}
        return ngettext("%(turns)d message", "%(turns)d messages", line.value) % {"turns": line.value}
    return str(Category(line.value).label) if line.value else _("No category")


def _file(campaign: Campaign, table: str) -> str:
    return reverse("results_file", args=[campaign.slug, table])
