"""A batch's statistics as its page shows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from exports.batch_statistics import NO_VERDICT, PREFERRED
from preferences.choices import Degree
from webapp.pages.figures import NONE


@dataclass(frozen=True)
class Figure:
    name: str
    value: str


def figures(about: Mapping[str, Any]) -> list[Figure]:
    return [*_sizes(about), *_verdicts(about), *_safety(about), *_agreement(about), *_overlaps(about)]


def _sizes(about: Mapping[str, Any]) -> Iterator[Figure]:
    yield Figure(_("Comparisons"), _whole(about["comparisons"]))
    yield Figure(_("Dialogues"), _whole(about["dialogues"]))
    yield Figure(_("Turns per dialogue"), _mean(about["turns_per_dialogue"]))
    yield Figure(_("Tokens per example"), _mean(about["tokens_per_example"]))
    yield Figure(_("Tokens per prompt"), _mean(about["tokens_per_prompt"]))
    yield Figure(_("Tokens per response"), _mean(about["tokens_per_response"]))
    yield Figure(_("Variants"), _whole(len(about["variants"])))
    yield Figure(_("Judgments"), _whole(about["judgments"]))
    yield Figure(_("Annotators"), _whole(about["raters"]))
    yield Figure(_("Hours"), _mean(about["hours"]))


def _verdicts(about: Mapping[str, Any]) -> Iterator[Figure]:
    words = {str(degree): str(degree.label) for degree in Degree}
    words |= {PREFERRED: _("One preferred"), NO_VERDICT: _("Without a verdict")}
    yield from _counted(about["degrees"], words)
    yield Figure(_("Split votes"), _whole(about["split_votes"]))


def _safety(about: Mapping[str, Any]) -> Iterator[Figure]:
    words = {
        "both_safe": _("Both responses safe"),
        "one_safe": _("One response safe"),
        "both_unsafe": _("Neither response safe"),
        "safe": _("Safe responses"),
        "unsafe": _("Unsafe responses"),
    }
    yield from _counted(about["safety"], words)


def _agreement(about: Mapping[str, Any]) -> Iterator[Figure]:
    alone = len(about["agreement"]) == 1
    for line in about["agreement"]:
        name = "AC2" if alone else f"AC2 · {', '.join(line['campaigns'])}"
        between = "" if line["low"] is None else f" ({line['low']:.3f}–{line['high']:.3f})"
        yield Figure(name, NONE if line["ac2"] is None else f"{line['ac2']:.3f}{between}")


def _overlaps(about: Mapping[str, Any]) -> Iterator[Figure]:
    """Of statistics that were counted before sets could be registered, none."""
    for name, keys in about.get("evaluation_sets", {}).items():
        yield Figure(_("Written out of %(name)s") % {"name": name}, _whole(len(keys)))


def _counted(counts: Mapping[str, int], words: Mapping[str, str]) -> Iterator[Figure]:
    yield from (Figure(word, _whole(counts[key])) for key, word in words.items() if key in counts)


def _whole(number: int) -> str:
    return number_format(number, force_grouping=True)


def _mean(number: float | None) -> str:
    return NONE if number is None else number_format(number, 1, force_grouping=True)
