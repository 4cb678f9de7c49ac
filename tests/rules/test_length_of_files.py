from __future__ import annotations

from pathlib import Path

from tests.rules.repository import files, name

LIMIT = 300


def too_long(paths: list[Path]) -> dict[str, int]:
    lengths = {name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in paths}
    return {path: length for path, length in lengths.items() if length > LIMIT}


def test_no_file_of_code_is_longer_than_the_limit() -> None:
    code = files("*.py", "*.html", "*.css", "*.js")
    assert len(code) > 100, "The list of files is too short to be the repository's."
    assert too_long(code) == {}
