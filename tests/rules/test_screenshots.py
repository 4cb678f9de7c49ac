"""Every picture of the documentation is taken by a test, lies in its folder and is shown somewhere."""

from __future__ import annotations

import re

from tests.rules.repository import ROOT, files

FOLDER = ROOT / "docs" / "screenshots"
KEPT = re.compile(r"\bkeep_screenshot\(page, \"([\w-]+)\"\)")
SHOWN = re.compile(r"!\[[^\]]*\]\(([^)\s]+)\)")


def kept() -> list[str]:
    """The names that the browser's tests give to their pictures."""
    return [name for path in files("tests/browser/*.py") for name in KEPT.findall(path.read_text(encoding="utf-8"))]


def there() -> list[str]:
    return [path.stem for path in FOLDER.iterdir()]


def test_no_two_tests_take_the_same_picture() -> None:
    assert sorted(kept()) == sorted(set(kept()))


def test_every_picture_in_the_folder_is_taken_by_a_test_and_every_one_taken_is_there() -> None:
    assert len(kept()) >= 5
    assert sorted(kept()) == sorted(there())
    assert {path.suffix for path in FOLDER.iterdir()} == {".png"}


def test_every_picture_is_shown_and_every_one_shown_is_there() -> None:
    pages = [ROOT / "README.md", *files("docs/*.md")]
    shown = {(page.parent / name).resolve() for page in pages for name in SHOWN.findall(page.read_text("utf-8"))}
    assert [path for path in shown if not path.exists()] == []
    assert {path.stem for path in shown if path.parent == FOLDER} == set(there())
