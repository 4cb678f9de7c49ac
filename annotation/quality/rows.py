"""The rows of a campaign -> its people's work as arrays.

One query reads the ratings, with the lengths of the texts measured by PostgreSQL; the others read what is counted.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from django.db.models import Case, Expression, FloatField, OuterRef, Subquery, Value, When
from django.db.models.functions import Length

from annotation import gold
from annotation.models.concerns import SignalName
from annotation.quality.windows import Window
from annotation.quality.work import LEAST_GOLD, Trials, Verdicts, Work
from preferences.choices import JudgmentRole, Position, Purpose
from preferences.lengths import Octets
from preferences.models import Campaign, Judgment
from preferences.planner import by_hash
from preferences.scales import Scale
from preferences.stats.arrays import FloatArray, IntArray

DECIDING = 300  # characters in whose reading time one decides; without it short pairs would look slow
LONG = 100  # characters from which on a text counts as a long answer


@by_hash()
def read(campaign: Campaign, window: Window) -> Work:
    """What was judged and written in the window; ratings outside of it are there as peers of those inside."""
    scale, table = campaign.the_scale, _ratings(campaign, window)
    score, left_is_a = table["score"], table["left_is_a"]
    category = _places(scale, score)
    shown = np.where(np.isnan(left_is_a) | (category < 0), -1, category)
    shown = np.where((left_is_a == 0) & (shown >= 0), len(scale.scores) - 1 - category, shown)
    ids = {name: table[name].astype(np.int64) for name in ("pk", "annotator", "comparison")}
    verdicts = Verdicts(
        judgment=ids["pk"],
        person=ids["annotator"],
        comparison=ids["comparison"],
        category=category,
        shown=shown,
        pace=_pace(table),
        inside=table["inside"] == 1,
    )
    trials = {
        **({} if scale.rates_one else _of_two(verdicts, table, _repeats(campaign, window))),
        SignalName.GOLD: _gold(campaign, window),
        SignalName.COPIED: _copied(campaign, window),
        SignalName.PASTED: _pasted(campaign, window),
    }
    return Work(len(scale.scores), verdicts, trials, least_gold=campaign.gold_bar or LEAST_GOLD)


def _of_two(verdicts: Verdicts, table: dict[str, FloatArray], repeats: Trials) -> dict[SignalName, Trials]:
    """What can be asked of a choice between two responses only: the side, the longer one, the same one again."""
    score = table["score"]
    sided = verdicts.inside & (verdicts.shown >= 0) & (score != 0)
    chose_left = np.where(table["left_is_a"] == 1, score < 0, score > 0)
    longer = table["length_b"] - table["length_a"]
    differs = verdicts.inside & (verdicts.category >= 0) & (score != 0) & (longer != 0)
    return {
        SignalName.SIDES: Trials(verdicts.person[sided], chose_left[sided], verdicts.judgment[sided]),
        SignalName.LENGTH: Trials(
            verdicts.person[differs], ((score > 0) == (longer > 0))[differs], verdicts.judgment[differs]
        ),
        SignalName.CONSISTENCY: repeats,
    }


_COLUMNS: dict[str, Any] = {
    "length_a": Octets("comparison__response_a__text"),
    "length_b": Octets("comparison__response_b__text"),
    "length_prompt": Octets("comparison__turn__prompt__text"),
    "left_is_a": Case(When(shown_left=Position.A, then=1), When(shown_left=Position.B, then=0)),
}
_NAMES = ("pk", "annotator", "comparison", "score", "active_seconds", *_COLUMNS, "inside")


def _ratings(campaign: Campaign, window: Window) -> dict[str, FloatArray]:
    found = window.ratings(campaign)
    inside: Expression = Value(1.0)
    if window.time:
        inside = Case(When(window.time, then=1.0), default=0.0, output_field=FloatField())
        found = Window().ratings(campaign).filter(comparison__in=found.values("comparison"))
    rows = found.annotate(inside=inside, **_COLUMNS).order_by("annotator", "created_at", "pk").values_list(*_NAMES)
    table = np.array(list(rows), dtype=np.float64).reshape(-1, len(_NAMES))
    return dict(zip(_NAMES, table.T, strict=True))


def _places(scale: Scale, score: FloatArray) -> IntArray:
    """The place of each score on the scale, from 0; -1 where there is none."""
    known = np.where(np.isnan(score), 0, score).astype(np.int64)
    on_scale = np.isin(known, scale.scores) & ~np.isnan(score)
    return np.where(on_scale, np.searchsorted(scale.scores, known), -1)


def _pace(table: dict[str, FloatArray]) -> FloatArray:
    read = table["length_a"] + np.nan_to_num(table["length_b"]) + table["length_prompt"] + DECIDING
    # A judgment of no second at all is as fast as one of a tenth.
    return np.log(np.maximum(table["active_seconds"], 0.1) / read)


def _gold(campaign: Campaign, window: Window) -> Trials:
    given = window.ratings(campaign, Purpose.GOLD).annotate(right=gold.is_right())
    return _trials(list(given.order_by("created_at", "pk").values_list("annotator", "right", "pk")))


def _repeats(campaign: Campaign, window: Window) -> Trials:
    """Whether the same response was chosen, which stood on the other side the first time."""
    first = Judgment.objects.filter(
        comparison=OuterRef("comparison__repeat__original"), annotator=OuterRef("annotator"), role=JudgmentRole.RATING
    )
    again = window.ratings(campaign, Purpose.REPEAT).annotate(first=Subquery(first.values("chosen")[:1]))
    rows = again.filter(first__isnull=False).order_by("created_at", "pk")
    return _trials([(one.annotator_id, one.chosen == one.first, one.pk) for one in rows])


def _copied(campaign: Campaign, window: Window) -> Trials:
    rows = window.prompts(campaign).values_list("author", "near", "pk")
    return _trials([(author or 0, near is not None, pk) for author, near, pk in rows])


def _pasted(campaign: Campaign, window: Window) -> Trials:
    """Long answers of which half or more was pasted, as far as the browsers counted: reasons, edits and prompts."""
    judged, written = window.ratings(campaign), window.prompts(campaign).filter(pasted__isnull=False)
    reasons, edits = judged.filter(pasted_rationale__isnull=False), judged.filter(pasted_edit__isnull=False)
    rows: list[tuple[Any, ...]] = [
        *reasons.values_list("annotator", "pasted_rationale", Length("rationale"), "pk"),
        *edits.values_list("annotator", "pasted_edit", Length("edited_response__text"), "pk"),
        *written.values_list("author", "pasted", Length("text"), Value(0)),
    ]
    return _trials([(person, 2 * pasted >= length, pk) for person, pasted, length, pk in rows if length >= LONG])


def _trials(rows: list[tuple[int, bool, int]]) -> Trials:
    table = np.array(rows, dtype=np.int64).reshape(-1, 3)
    return Trials(table[:, 0], table[:, 1] == 1, table[:, 2])
