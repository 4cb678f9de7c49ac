from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError

from preferences.stats import quantiles
from webapp.management import agreement_lines
from webapp.management.agreement_of_files import SCHEMES, STANDARD_INPUT, agreement_of_file
from webapp.management.rating_rows import Columns, RatingFileError
from webapp.management.rating_scale import RatingScale

COLUMNS = ("unit", "rater", "rating")


class Command(BaseCommand):
    help = (
        "How well raters agree: Gwet's AC2 (AC1 with identity weights), its standard error and interval. With --csv of "
        "the ratings in a file: one rating a row, in UTF-8, with a first line that names the columns; an empty rating "
        "is a missing one."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--csv", metavar="FILE", help=f"a file of ratings; {STANDARD_INPUT} for standard input")
        parser.add_argument("--unit", metavar="COLUMN", help="what was rated")
        parser.add_argument("--rater", metavar="COLUMN", help="who rated it")
        parser.add_argument("--rating", metavar="COLUMN", help="the category it was put in")
        parser.add_argument(
            "--categories",
            metavar="LIST",
            help="all categories of the scale, used or not, such as 1,2,3,4,5 or bad,fair,good (--categories=-1,0,1 "
            "where the first is negative). Numbers are weighed by their values, words by their places",
        )
        parser.add_argument(
            "--weights", default="quadratic", help=f"{', '.join(SCHEMES)}, or a CSV file with the matrix (%(default)s)"
        )
        parser.add_argument("--confidence", type=float, default=0.95, help="of the interval (%(default)s)")
        parser.add_argument("--json", action="store_true", help="a line of JSON, nothing rounded")

    def handle(self, *, json: bool, confidence: float, **options: Any) -> None:
        try:
            quantiles.upper_tail(confidence)
            lines = [_of_file(confidence=confidence, **options)]
        except (ValueError, RatingFileError) as error:
            raise CommandError(str(error)) from None
        if json:
            for line in lines:
                self.stdout.write(orjson.dumps(line).decode())
        else:
            self.stdout.write(agreement_lines.table(lines))
            self.stdout.write(f"Weights: {options['weights']}. Confidence of the intervals: {confidence:g}.")


def _of_file(*, csv: str | None, weights: str, confidence: float, **options: Any) -> dict[str, Any]:
    if csv is None:
        raise CommandError("Name a file with --csv.")
    if missing := [f"--{name}" for name in (*COLUMNS, "categories") if not options[name]]:
        raise CommandError(
            f"--csv needs {' and '.join(missing)}. The columns are named in the file's first line; the categories are "
            "those of the scale, which no data can tell: some may not have been used."
        )
    columns, scale = Columns(*(options[name] for name in COLUMNS)), RatingScale.parse(options["categories"])
    if len({columns.unit, columns.rater, columns.rating}) < len(COLUMNS):
        raise CommandError("--unit, --rater and --rating name three different columns.")
    try:
        return agreement_of_file(csv, columns, scale, scheme=weights, confidence=confidence)
    except RatingFileError as error:
        raise CommandError(f"{csv}, {error}") from None
    except OSError as error:
        raise CommandError(f"{csv}: {error.strerror or error}.") from None
