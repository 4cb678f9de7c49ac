"""The file that the agreement command is measured on, in small."""

from __future__ import annotations

import io
from pathlib import Path

import orjson
from django.core.management import call_command

from bench import ratings
from bench.management.commands.ratings import Command


def test_every_unit_has_three_ratings_by_different_people_far_apart(tmp_path: Path) -> None:
    file = tmp_path / "ratings.csv"
    ratings.write(file, 1_000, raters=10)
    rows = [line.split(",") for line in file.read_text().splitlines()[1:]]
    assert len(rows) == 3_000 == len({(unit, rater) for unit, rater, *_rest in rows})
    assert len({unit for unit, *_rest in rows}) == 1_000
    assert {place % 1_000 for place, row in enumerate(rows) if row[0] == "unit-00000000"} == {0}


def test_the_measurement_says_what_the_command_found_and_took() -> None:
    out = io.StringIO()
    call_command(Command(), units=100, raters=10, stdout=out)
    found, figures = out.getvalue().splitlines()
    assert orjson.loads(found)["units"] == 100
    assert figures.startswith("300 rows, ") and "MB resident" in figures
