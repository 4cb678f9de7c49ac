"""The tables of docs/statistics.md cannot drift from the code."""

from pathlib import Path

import pytest

from .documented import TABLES

TEXT = (Path(__file__).parents[3] / "docs" / "statistics.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", TABLES)
def test_the_documentation_shows_what_the_code_computes(name) -> None:
    missing = [row for row in TABLES[name]() if row not in TEXT.splitlines()]
    assert not missing, "docs/statistics.md lacks these rows of python -m tests.preferences.stats.documented"
