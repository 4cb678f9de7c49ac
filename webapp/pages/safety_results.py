"""A safety evaluation as its manager sees it: violations of each variant, their differences, agreement by batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from preferences.choices import AttackVector, RiskCategory
from preferences.models import Campaign
from preferences.verdicts import REVIEWED_RULE, VIOLATION_RULE
from preferences.violations import SINGLE, Difference, Facet, Line, Rated, Safety, Violations, violations
from webapp.charts import Axis, IntervalChart, IntervalRow, Table, interval_chart, nice_axis
from webapp.pages import figures
from webapp.pages.safety_files import differences, responses, violations_by

TEMPLATE = "results_safety.html"
FILES = {"violations": violations_by, "differences": differences, "responses": responses}
HEADS = {
    Facet.RISK_CATEGORY: gettext_lazy("Risk"),
    Facet.ATTACK_VECTOR: gettext_lazy("Attack"),
    Facet.TURNS: gettext_lazy("Dialogue"),
    Facet.BATCH: gettext_lazy("Batch"),
}


def context(campaign: Campaign, asked: Mapping[str, str]) -> dict[str, Any]:
    found = violations(campaign)
    chosen = _chosen(found, asked.get("variant", ""))
    return {
        "found": found,
        "rules": [_(VIOLATION_RULE), _(REVIEWED_RULE)],
        "chosen": chosen,
        "notes": _notes(chosen.safety) if chosen else [],
        "variants": _variants(campaign, found) if len(found.rated) > 1 else None,
        "differences": _differences(campaign, found.differences) if found.differences else None,
        "charts": [_facet(campaign, chosen, facet) for facet in Facet] if chosen else [],
        "batches": _batches(campaign, found) if found.batches else None,
    }


def _chosen(found: Violations, word: str) -> Rated | None:
    """The variant that the address names, else the one registered last."""
    named = [rated for rated in found.rated if str(rated.variant.pk) == word]
    return next(iter(named or found.rated), None)


def _notes(safety: Safety) -> list[str]:
    """What is to be said of the agreement, once each."""
    found = safety.agreements
    return list({_(one.note): None for one in (found.quadratic, found.ordinal, found.binary) if one.note})


def _variants(campaign: Campaign, found: Violations) -> IntervalChart:
    here = reverse("results", args=[campaign.slug])
    rows = [(rated.variant.name, rated.safety, f"{here}?variant={rated.variant.pk}") for rated in found.rated]
    return _chart(campaign, _("Violations by variant"), _("Variant"), rows)


def _facet(campaign: Campaign, rated: Rated, facet: Facet) -> IntervalChart:
    rows = [(_value(line, campaign), line.safety, "") for line in rated.lines if line.facet is facet]
    return _chart(campaign, str(facet.label), str(HEADS[facet]), rows)


def _chart(campaign: Campaign, title: str, head: str, rows: Sequence[tuple[str, Safety, str]]) -> IntervalChart:
    """A row for each label, with the address that it leads to."""
    return interval_chart(
        title=title,
        heads=[
            head, _("Violating responses"), _("Violations"), _("Of responses"), _("Mean rating"), _("AC2, ordinal"),
            _("AC1, violation or not"),
        ],
        rows=[
            IntervalRow(
                label=label, url=url, interval=figures.drawn(safety.violation),
                figures=[
                    figures.share(safety.violation),
                    _("%(violating)s of %(responses)s")
                    % {"violating": f"{safety.violating:,}", "responses": f"{safety.responses:,}"},
                    figures.decimal(safety.rating),
                    figures.decimal(safety.agreements.ordinal),
                    figures.decimal(safety.agreements.binary),
                ],
            )
            for label, safety, url in rows
        ],
        axis=figures.share_axis(max((safety.violation.high or 0.0 for _label, safety, _url in rows), default=1.0)),
        csv=_file(campaign, "violations"),
        table=Table(
            [head, _("AC2, quadratic"), _("Even splits among the violating")],
            [[label, figures.decimal(one.agreements.quadratic), f"{one.even:,}"] for label, one, _url in rows],
        ),
    )  # fmt: skip


def _differences(campaign: Campaign, found: Sequence[Difference]) -> IntervalChart:
    most = max(max(abs(one.violation.low or 0.0), abs(one.violation.high or 0.0)) for one in found) or 1.0
    return interval_chart(
        title=_("Differences on the same prompts, in percentage points"),
        heads=[
            _("Variants"), _("Violations of the first less those of the second"), _("Difference"), _("Prompts"),
            _("Both violate"), _("Only the first"), _("Only the second"),
        ],
        rows=[
            IntervalRow(
                label=_("%(variant)s less %(against)s") % {"variant": one.variant, "against": one.against},
                interval=figures.drawn(one.violation),
                figures=[
                    figures.difference(one.violation),
                    *(f"{count:,}" for count in (one.prompts, one.both, one.only, one.only_against)),
                ],
            )
            for one in found
        ],
        axis=nice_axis(-most, most, label=lambda share: f"{100 * share:+g}"),
        reference=0.0,
        csv=_file(campaign, "differences"),
        note=_("Left of the line the first has fewer violations. An interval that holds the line tells neither."),
    )  # fmt: skip


def _batches(campaign: Campaign, found: Violations) -> IntervalChart:
    return interval_chart(
        title=_("Agreement by annotation batch, all variants"),
        heads=[
            _("Batch"), _("AC2 on five points, quadratic"), _("AC2, quadratic"), _("AC2, ordinal"),
            _("AC1, violation or not"), _("Violations"), _("Responses"),
        ],
        rows=[
            IntervalRow(
                label=figures.batch_label(line.value, campaign),
                interval=figures.drawn(agreements.quadratic),
                figures=[
                    *(figures.decimal(one) for one in (agreements.quadratic, agreements.ordinal, agreements.binary)),
                    figures.share(line.safety.violation),
                    f"{line.safety.responses:,}",
                ],
            )
            for line in found.batches
            for agreements in [line.safety.agreements]
        ],
        axis=Axis(0.0, 1.0, (0, 0.25, 0.5, 0.75, 1)),
        csv=_file(campaign, "violations"),
        note=_("What no sealed batch holds stands under the week in which its last rating came in."),
    )  # fmt: skip


def _value(line: Line, campaign: Campaign) -> str:
    if line.facet is Facet.BATCH:
        return figures.batch_label(line.value, campaign)
    if line.facet is Facet.TURNS:
        return _("Single-turn") if line.value == SINGLE else _("Multi-turn")
    words = RiskCategory if line.facet is Facet.RISK_CATEGORY else AttackVector
    return str(words(line.value).label) if line.value else _("Not named")


def _file(campaign: Campaign, table: str) -> str:
    return reverse("results_file", args=[campaign.slug, table])
