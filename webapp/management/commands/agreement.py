from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterable
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError

from preferences.agreement import WEIGHTS
from preferences.cuts import Cut
from preferences.stats import quantiles
from webapp.management import agreement_lines
from webapp.management.agreement_measures import COEFFICIENTS, SCHEMES, Measure
from webapp.management.agreement_of_campaigns import agreement_of_campaigns
from webapp.management.agreement_of_files import STANDARD_INPUT, agreement_of_file
from webapp.management.rating_rows import Columns, RatingFileError
from webapp.management.rating_scale import RatingScale

COLUMNS = ("unit", "rater", "rating")
OF_A_FILE = ("csv", *COLUMNS, "categories")
OF_CAMPAIGNS = ("campaign", "batch", "by", "cluster")
DIALOGUE = "dialogue"


class Command(BaseCommand):
    help = (
        "How well raters agree: Gwet's AC2 (AC1 with identity weights) or another coefficient, its standard error and "
        "interval. Of the campaigns here, a line for each; with --csv of the ratings in a file: one rating a row, in "
        "UTF-8, with a first line that names the columns, an empty rating being a missing one."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        here = parser.add_argument_group("what was collected here")
        here.add_argument("--campaign", metavar="SLUG", help="this one; without it, all")
        here.add_argument("--batch", metavar="BATCH", help="only what is in it: a week, such as 2026-W48, or a name")
        here.add_argument("--by", metavar="PART", help=f"a line for each {', '.join(Cut.values)}")
        here.add_argument("--cluster", metavar="WHAT", help=f"{DIALOGUE}: its turns are not independent of each other")
        file = parser.add_argument_group("a file")
        file.add_argument("--csv", metavar="FILE", help=f"a file of ratings; {STANDARD_INPUT} for standard input")
        file.add_argument("--unit", metavar="COLUMN", help="what was rated")
        file.add_argument("--rater", metavar="COLUMN", help="who rated it")
        file.add_argument("--rating", metavar="COLUMN", help="the category it was put in")
        file.add_argument(
            "--categories",
            metavar="LIST",
            help="all categories of the scale, used or not, such as 1,2,3,4,5 or bad,fair,good (--categories=-1,0,1 "
            "where the first is negative). Numbers are weighed by their values, words by their places",
        )
        parser.add_argument("--coefficient", choices=COEFFICIENTS, default="gwet", help="(%(default)s)")
        parser.add_argument(
            "--weights",
            default=WEIGHTS,
            help=f"{', '.join(SCHEMES)}; of a file also a CSV file with the matrix (%(default)s)",
        )
        parser.add_argument("--confidence", type=float, default=0.95, help="of the interval (%(default)s)")
        parser.add_argument("--json", action="store_true", help="lines of JSON, nothing rounded")

    def handle(self, *, json: bool, coefficient: str, weights: str, confidence: float, **options: Any) -> None:
        measure = Measure(coefficient, weights, confidence)
        try:
            quantiles.upper_tail(confidence)
            of = _of_a_file if _asked(options, OF_A_FILE) else _of_campaigns
            lines = of(measure, **options)
        except ValueError as error:
            raise CommandError(str(error)) from None
        if json:
            self.stdout.writelines(f"{orjson.dumps(line).decode()}\n" for line in lines)
        else:
            self.stdout.write(agreement_lines.table(lines))
            self.stdout.write(f"Weights: {weights}. Confidence of the intervals: {confidence:g}.")


def _asked(options: dict[str, Any], names: Iterable[str]) -> list[str]:
    return [f"--{name}" for name in names if options[name] is not None]


def _of_campaigns(
    measure: Measure,
    *,
    campaign: str | None,
    batch: str | None,
    by: str | None,
    cluster: str | None,
    **_options: Any,
) -> list[dict[str, Any]]:
    if by is not None and by not in Cut.values:
        raise CommandError(f"--by “{by}”: write one of {', '.join(Cut.values)}.")
    if cluster not in (None, DIALOGUE):
        raise CommandError(f"--cluster “{cluster}”: write {DIALOGUE}.")
    if by and cluster:
        raise CommandError("--cluster does not go with --by: only the whole is counted by dialogues.")
    cut = Cut(by) if by else None
    return list(agreement_of_campaigns(campaign, batch, cut, measure, by_dialogues=cluster is not None))


def _of_a_file(measure: Measure, *, csv: str | None, categories: str | None, **options: Any) -> list[dict[str, Any]]:
    if other := _asked(options, OF_CAMPAIGNS):
        raise CommandError(f"{' and '.join(other)} ask for what was collected here and do not go with a file.")
    if csv is None or categories is None or not all(options[name] for name in COLUMNS):
        raise CommandError(
            "A file needs all of --csv, --unit, --rater, --rating and --categories. The columns are named in its first "
            "line; the categories are those of the scale, which no data can tell: some may not have been used."
        )
    columns = Columns(*(options[name] for name in COLUMNS))
    if len({columns.unit, columns.rater, columns.rating}) < len(COLUMNS):
        raise CommandError("--unit, --rater and --rating name three different columns.")
    try:
        scale = RatingScale.parse(categories)
        return [agreement_of_file(csv, columns, scale, measure)]
    except RatingFileError as error:
        raise CommandError(f"{csv}, {error}") from None
    except OSError as error:
        raise CommandError(f"{csv}: {error.strerror or error}.") from None
