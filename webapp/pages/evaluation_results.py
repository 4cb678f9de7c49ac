"""A helpfulness evaluation as its manager sees it: every pair of systems, and one by category, turns and length."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from preferences.choices import CampaignStatus, Category
from preferences.evaluation import MOST_TURNS, Evaluation, Facet, Line, Match, Outcome, evaluation
from preferences.models import Campaign
from preferences.verdicts import REVIEWED_RULE, RULES
from webapp.charts import IntervalChart, IntervalRow, Stack, StackRow, Table, interval_chart, stack
from webapp.pages import figures
from webapp.pages.evaluation_files import outcomes, verdicts

TEMPLATE = "results_evaluation.html"
FILES = {"outcomes": outcomes, "verdicts": verdicts}
HEADS = {
    Facet.CATEGORY: gettext_lazy("Category"),
    Facet.TURNS: gettext_lazy("Messages"),
    Facet.PROMPT_WORDS: gettext_lazy("Words"),
    Facet.RESPONSE_WORDS: gettext_lazy("Words"),
}


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
    head = HEADS[facet]
    return interval_chart(
        title=str(facet.label),
        heads=[str(head), _("Wins, and ties as half"), _("Win rate"), _("Wins without ties"), _("AC2"), _("Prompts")],
        rows=[
            IntervalRow(
                label=_value(line),
                interval=figures.drawn(line.outcome.win_rate),
                figures=[
                    figures.share(line.outcome.win_rate),
                    figures.share(line.outcome.win_without_ties),
                    figures.decimal(line.agreement),
                    f"{line.outcome.prompts:,}",
                ],
            )
            for line in lines
        ],
        axis=figures.win_rate_axis(line.outcome.win_rate for line in lines),
        reference=figures.EQUAL,
        csv=_file(campaign, "outcomes"),
        note=_note(facet, lines),
        table=Table(
            [str(head), _("Wins"), _("Ties"), _("Losses"), _("Wins less losses, percentage points")],
            [_shares(line) for line in lines],
        ),
    )


def _shares(line: Line) -> list[str]:
    shares = (line.outcome.win, line.outcome.tie, line.outcome.loss)
    return [_value(line), *(figures.share(one) for one in shares), figures.difference(line.outcome.lead)]


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
